"""The worker role: one pass says what is due and when to come back; its loop waits on market time."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from glassdesk.kernel.clock import Clock, Stopwatch
from glassdesk.kernel.errors import Unavailable
from glassdesk.workflow.runs.sweeper import Sweeper
from glassdesk.workflow.schedules.preflight import Preflight
from glassdesk.workflow.schedules.service import Schedules
from glassdesk.workflow.schedules.sign_in import SignIn

CLAIM_PATIENCE = 20.0
"""Machine seconds a tick keeps simulated time standing for workers to claim its runs."""

RING_AGAIN_SECONDS = 2.0
"""Machine seconds after which it rings again for those that nobody has claimed."""

TICK = timedelta(seconds=5)

_log = logging.getLogger(__name__)


class Worker:
    """Any number of these may run; the database decides who does what."""

    def __init__(
        self,
        *,
        name: str,
        clock: Clock,
        stopwatch: Stopwatch,
        schedules: Schedules,
        sign_in: SignIn,
        preflight: Preflight,
        sweeper: Sweeper,
        label: Callable[[], datetime],
        dispatch: Callable[[], int],
    ) -> None:
        self._name = name
        self._clock = clock
        self._stopwatch = stopwatch
        self._schedules = schedules
        self._sign_in = sign_in
        self._preflight = preflight
        self._sweeper = sweeper
        self._label = label
        self._dispatch = dispatch
        self._stopped = False
        self.turned: float | None = None
        """When the last whole turn ended, by the stopwatch."""

    def loop(self) -> None:
        """Run until `stop`."""
        with self._clock.working(self._name, "worker"):
            while not self._stopped:
                self._clock.wait_until(self._safe_turn(), on_event=True)

    def stop(self) -> None:
        """End the loop after the present turn."""
        self._stopped = True
        self._clock.stop()

    def turn(self) -> datetime | None:
        """Tick, sweep, remind, look ahead, label, dispatch; answers when something is due next."""
        self._schedules.tick()
        sweep_again = self._sweeper.sweep()
        self._wait_for_claims()
        remind_again = self._sign_in.remind(self._clock.now())
        announce_again = self._preflight.announce(self._clock.now())
        label_again = self._label()
        self._dispatch()
        next_slot = self._schedules.next_due()
        # In simulated time a change of strategies is an event; in real time somebody has to look.
        look_again = None if self._clock.wakes_on_events else self._clock.now() + TICK
        due = (next_slot, sweep_again, remind_again, announce_again, label_again, look_again)
        return min((instant for instant in due if instant is not None), default=None)

    def _safe_turn(self) -> datetime | None:
        try:
            due = self.turn()
            self.turned = self._stopwatch.seconds()
            return due
        except Unavailable as failure:
            # The database or the simulator went away: the next turn finds out whether it is back.
            _log.warning("the worker's turn was cut short: %s", failure)
            self._stopwatch.pause(1.0)
            return self._clock.now()

    def _wait_for_claims(self) -> None:
        """A ring that was lost is repeated while time still stands: it costs seconds and ages no decision."""
        began = rung = self._stopwatch.seconds()
        while self._sweeper.waiting() and not self._stopped:
            self._stopwatch.pause(0.005)
            now = self._stopwatch.seconds()
            if now - began >= CLAIM_PATIENCE:
                return
            if now - rung >= RING_AGAIN_SECONDS:
                self._sweeper.sweep()
                rung = now
