"""What a request's handler is given: the desk, the settings, and what renders and signs."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, cast

import jinja2
from fastapi import Depends, Request

from glassdesk.desk import Desk
from glassdesk.kernel.errors import Unavailable
from glassdesk.web.live import Live
from glassdesk.web.security.sessions import Sessions, WebSession
from glassdesk.web.settings import WebSettings

OWNER = "owner"
"""The actor of every act on these pages: the desk belongs to one person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Made once, shared by all requests."""

    desk: Desk
    settings: WebSettings
    sessions: Sessions
    templates: jinja2.Environment
    live: Live

    def now(self) -> datetime:
        """Market time: the simulator's where it plays, else the clock's."""
        return self.settings.simulation.now() if self.settings.simulation else self.desk.clock.now()

    def wake_dealer(self) -> None:
        """A person asked for something: simulated time would leap over a dealer that waits."""
        if self.settings.simulation is not None:
            # The wish is a row already; a dealer that cannot be woken reads it at its next turn.
            with suppress(Unavailable):
                self.settings.simulation.poke()


def parts_of(request: Request) -> Parts:
    """The parts of the running application."""
    return cast(Parts, request.app.state.parts)


def session_of(request: Request) -> WebSession:
    """The visit this request belongs to; the guard has read it."""
    return cast(WebSession, request.state.session)


Here = Annotated[Parts, Depends(parts_of)]
Visit = Annotated[WebSession, Depends(session_of)]
