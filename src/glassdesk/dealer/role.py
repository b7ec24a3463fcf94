"""The dealer role: the loop around `Dealer.turn`, holding simulated time while a turn works."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Protocol

from glassdesk.kernel.clock import Clock, Stopwatch
from glassdesk.kernel.errors import Unavailable

_log = logging.getLogger(__name__)


class Turning(Protocol):
    """One pass: do what is due, say when something is due next."""

    def turn(self) -> datetime | None:
        """The next due instant, `None` for an event only."""
        ...


class DealerRole:
    """Runs the dealer's turns until stopped."""

    def __init__(self, *, name: str, clock: Clock, stopwatch: Stopwatch, dealer: Turning) -> None:
        self._name = name
        self._clock = clock
        self._stopwatch = stopwatch
        self._dealer = dealer
        self._stopped = False
        self.turned: float | None = None
        """When the last whole turn ended, by the stopwatch."""

    def loop(self) -> None:
        """Run until `stop`."""
        with self._clock.working(self._name, "dealer"):
            while not self._stopped:
                self._clock.wait_until(self._safe_turn(), on_event=True)

    def stop(self) -> None:
        """End the loop after the present turn."""
        self._stopped = True
        self._clock.stop()

    def _safe_turn(self) -> datetime | None:
        try:
            due = self._dealer.turn()
            self.turned = self._stopwatch.seconds()
            return due
        except Unavailable as failure:
            # Nothing is sent on doubt; the next turn looks again.
            _log.warning("the dealer's turn was cut short: %s", failure)
            self._stopwatch.pause(1.0)
            return self._clock.now()
