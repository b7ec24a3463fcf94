"""Market time and machine time from the machine's own clocks."""

from __future__ import annotations

import threading
import time
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime

_LONGEST_NAP = 1.0
"""A set or slept machine clock is noticed after this many seconds."""


class SystemClock:
    """`Clock` over the machine's clock.

    Nobody moves it, so `working` means nothing and events never wake anyone.
    """

    wakes_on_events = False

    def __init__(self) -> None:
        self._stopped = threading.Event()

    def now(self) -> datetime:
        return datetime.now(UTC)

    def wait_until(self, instant: datetime | None, *, on_event: bool = False) -> None:
        while not self._stopped.is_set():
            left = _LONGEST_NAP if instant is None else (instant - self.now()).total_seconds()
            if left <= 0:
                return
            self._stopped.wait(min(left, _LONGEST_NAP))

    def working(self, name: str, role: str) -> AbstractContextManager[None]:
        return nullcontext()

    def stop(self) -> None:
        self._stopped.set()


class SystemStopwatch:
    """`Stopwatch` over the machine's monotonic clock."""

    def seconds(self) -> float:
        return time.monotonic()

    def pause(self, seconds: float) -> None:
        time.sleep(seconds)
