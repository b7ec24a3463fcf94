"""A clock moved by hand, in memory: for tests and for replaying."""

from __future__ import annotations

import threading
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime, timedelta

from glassdesk.kernel.errors import InvalidInput


class ManualClock:
    """`Clock` that stands until it is advanced.

    With `auto` a wait itself moves it to the awaited instant at once.
    """

    wakes_on_events = True

    def __init__(self, start: datetime, *, auto: bool = False) -> None:
        if start.tzinfo is None:
            raise InvalidInput("naive time: an instant carries its zone", where="start")
        self._now = start
        self._auto = auto
        self._stopped = False
        self._events = 0
        self._waiting = 0
        self._changed = threading.Condition()

    def now(self) -> datetime:
        with self._changed:
            return self._now

    def wait_until(self, instant: datetime | None, *, on_event: bool = False) -> None:
        with self._changed:
            if self._auto and instant is not None and not self._stopped:
                self._move(max(instant, self._now))
                return
            events = self._events
            wakes = on_event or instant is None
            self._waiting += 1
            self._changed.notify_all()
            self._changed.wait_for(
                lambda: (
                    self._stopped
                    or (instant is not None and self._now >= instant)
                    or (wakes and self._events > events)
                )
            )
            self._waiting -= 1

    def working(self, name: str, role: str) -> AbstractContextManager[None]:
        return nullcontext()

    def stop(self) -> None:
        with self._changed:
            self._stopped = True
            self._changed.notify_all()

    def advance(self, step: timedelta) -> datetime:
        """Move time forward; who waited for it wakes. Raises `InvalidInput` on a step backwards."""
        if step < timedelta(0):
            raise InvalidInput("market time does not run backwards", where="step")
        with self._changed:
            self._move(self._now + step)
            return self._now

    def touch(self) -> None:
        """Something happened to a live order: wake those who wait for events."""
        with self._changed:
            self._events += 1
            self._changed.notify_all()

    def until_waiting(self, threads: int, *, at_most: float) -> bool:
        """Block until so many threads wait, for at most so many machine seconds; whether they do."""
        with self._changed:
            return self._changed.wait_for(lambda: self._waiting >= threads, timeout=at_most)

    def _move(self, to: datetime) -> None:
        self._now = to
        self._changed.notify_all()
