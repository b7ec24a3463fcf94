"""Leading a person through the gateway's sign-in, in a terminal."""

from __future__ import annotations

import getpass
import os
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from rich.console import Console
from rich.status import Status
from rich.text import Text

from glassdesk.cli.failures import one_line
from glassdesk.cli.here import OWNER, Here
from glassdesk.desk import Desk
from glassdesk.workflow.dealing.model import Command, CommandKind
from glassdesk.workflow.schedules.sign_in import AT_RISK
from glassdesk.workflow.session.guide import TAKE_OVER, Guide, Step, StepState, eastern
from glassdesk.workflow.session.model import SessionStatus
from glassdesk.workflow.session.port_forward import port_forward

POLL_SECONDS = 1.0
ASK_AGAIN_SECONDS = 10.0
"""How often the dealer is asked to look again while a person is signing in."""
_MARKS = {StepState.DONE: "✓", StepState.NOW: "•", StepState.LATER: "–"}


class Looked(Protocol):
    """What one look gives."""

    @property
    def guide(self) -> Guide:
        """The steps."""
        ...

    @property
    def status(self) -> SessionStatus | None:
        """The dealer's last look."""
        ...


SeenT = TypeVar("SeenT", bound=Looked)


def forward(url: str) -> str:
    """The ssh line for a browser on another machine; empty where one can run here."""
    screen = sys.platform in ("darwin", "win32")
    return port_forward(url, os.environ, user=getpass.getuser(), host=socket.gethostname(), screen=screen)


def introduce(here: Here, url: str, guide: Guide) -> None:
    """Where to sign in, from which machine, and what a take-over would do; with `--json` on stderr."""
    out = sys.stderr if here.json else sys.stdout
    print(f"Sign in at {url}  (the desk fills in no credentials)", file=out)
    if line := forward(url):
        print("No browser here? On the machine that has one, run", file=out)
        print(f"  {line}", file=out)
        print(f"and open {url} there; its certificate is the gateway's own.", file=out)
    if guide.missing is not None and guide.missing.problem == "competing":
        for sentence in TAKE_OVER:
            print(f"- {sentence}", file=out)


def follow(here: Here, desk: Desk, look: Callable[[Desk], SeenT], *, asked: Command) -> SeenT:
    """Look again until the session is ready; a terminal shows one live line, anything else each change."""
    seen, waited = look(desk), 0.0
    with _line(here) as say:
        while not seen.guide.ready or _open(desk, asked):
            say(_said(seen.guide))
            desk.stopwatch.pause(POLL_SECONDS)
            waited += POLL_SECONDS
            if waited >= ASK_AGAIN_SECONDS and _needs_person(seen.status):
                waited = 0.0
                with desk.transactions.begin() as t:
                    desk.dealing.ask(t, CommandKind.SESSION_LOGIN, "", OWNER)
            seen = look(desk)
    return seen


def conclude(guide: Guide, next_sign_in: datetime | None, now: datetime) -> None:
    """The steps as they stand, and how long the login holds."""
    for step in guide.steps:
        print(one_line(f"{_MARKS[step.state]} {step.title}{_told(step)}"))
    if guide.ready and next_sign_in is not None:
        print(f"Ready. The login ends at {eastern(next_sign_in)}, in {span(next_sign_in - now)}.")
    elif guide.ready:
        print("Ready.")


def span(until: timedelta) -> str:
    """`3 h 20 min`."""
    hours, minutes = divmod(max(0, round(until.total_seconds() / 60)), 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"


def _open(desk: Desk, asked: Command) -> bool:
    """True until the dealer has done what was asked: a session that was ready before a take-over says
    nothing."""
    with desk.transactions.read() as t:
        return any(one.command == asked.command and one.done_at is None for one in desk.dealing.recent(t))


def _needs_person(status: SessionStatus | None) -> bool:
    return status is not None and status.state in AT_RISK


def _told(step: Step) -> str:
    return f": {step.detail} → {step.remedy}" if step.state is StepState.NOW else ""


def _said(guide: Guide) -> str:
    step = guide.missing
    return one_line(f"{step.detail} → {step.remedy}") if step else "waiting for the dealer"


@contextmanager
def _line(here: Here) -> Iterator[Callable[[str], None]]:
    """What says one thing at a time: a line that moves in a terminal, else a line for each change."""
    console = Console(stderr=True)
    if console.is_terminal:
        with Status("", console=console) as status:
            yield lambda text: status.update(Text(text))
        return
    said: list[str] = []

    def say(text: str) -> None:
        if said[-1:] != [text]:
            said.append(text)
            print(text, file=sys.stderr if here.json else sys.stdout, flush=True)

    yield say
