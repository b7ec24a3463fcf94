"""Virtual time for roles in greenlets: one thread, one clock, seeded dice for what happens at one instant.

A role runs until it asks the scheduler to wait. Who wakes next is decided by the instant, then by the dice,
so a seed is one interleaving and gives the same one again.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256
from random import Random

from greenlet import GreenletExit, getcurrent, greenlet

NO_TIME = timedelta(0)


class Killed(BaseException):
    """The process of this role is gone. Nothing in the product catches it."""


class Trace:
    """What happened, as a digest that two runs of one seed share, and as lines where somebody wants them."""

    def __init__(self, *, keep: bool = False) -> None:
        self._digest = sha256()
        self._last: datetime | None = None
        self.number = 0
        self.lines: list[str] | None = [] if keep else None

    def add(self, now: datetime, who: str, what: str) -> int:
        """Append, and answer the place in the order of all events."""
        if now is not self._last:
            self._last = now
            self._digest.update(repr(now).encode())
        self._digest.update(f"{who} {what}\n".encode())
        if self.lines is not None:
            self.lines.append(f"{now:%m-%d %H:%M:%S.%f} {who} {what}")
        self.number += 1
        return self.number

    def hash(self) -> str:
        """Equal for equal runs."""
        return self._digest.hexdigest()


class Task:
    """One role's greenlet. `over` is told how it ended: `None`, or what was raised."""

    def __init__(
        self, scheduler: Scheduler, body: Callable[[], None], over: Callable[[BaseException | None], None]
    ) -> None:
        self._scheduler = scheduler
        self._greenlet = greenlet(self._run, scheduler.hub)
        self._body = body
        self._over = over
        self._wake = 0

    def resume_at(self, instant: datetime) -> None:
        """Go on then; an earlier appointment is void."""
        self._wake += 1
        number = self._wake
        self._scheduler.at(instant, lambda: self._resume(number))

    def end(self) -> None:
        """Unwind it here and now; nobody is told."""
        self._wake += 1
        self._over = _nobody
        if self._greenlet:
            self._greenlet.throw(GreenletExit)

    def is_current(self) -> bool:
        return getcurrent() is self._greenlet

    def _resume(self, number: int) -> None:
        if number == self._wake and not self._greenlet.dead:
            self._scheduler.running = self
            try:
                self._greenlet.switch()
            finally:
                self._scheduler.running = None

    def _run(self) -> None:
        try:
            self._body()
        except (Killed, Exception) as end:  # noqa: BLE001 - the process is over, and the world is told why
            self._over(end)
        else:
            self._over(None)


def _nobody(_: BaseException | None) -> None:
    """Told when nobody wants to know."""


class Scheduler:
    """The only clock of a world. `travel` is told each new instant before anything happens at it."""

    def __init__(
        self, start: datetime, dice: Random, *, travel: Callable[[datetime], None] | None = None
    ) -> None:
        self.now = start
        self.running: Task | None = None
        self._travel = travel
        self._dice = dice
        self.hub = getcurrent()
        self._queue: list[tuple[datetime, float, int, Callable[[], None]]] = []
        self._number = 0

    def at(self, instant: datetime, deed: Callable[[], None]) -> None:
        """Do something then, outside of every role. At one instant the dice decide who is first."""
        self._number += 1
        when = max(instant, self.now)
        heapq.heappush(self._queue, (when, self._dice.random(), self._number, deed))

    def sleep_until(self, instant: datetime) -> None:
        """The calling role goes on then; others run meanwhile. With an instant of now they may run first."""
        task = self.running
        assert task is not None, "only a role can wait"
        task.resume_at(instant)
        self.hub.switch()

    def sleep(self, span: timedelta) -> None:
        self.sleep_until(self.now + span)

    def somebody_is_due(self) -> bool:
        """Something else waits for this very instant."""
        return bool(self._queue) and self._queue[0][0] <= self.now

    def spawn(
        self,
        body: Callable[[], None],
        over: Callable[[BaseException | None], None] = _nobody,
        *,
        after: timedelta = NO_TIME,
    ) -> Task:
        """A greenlet that begins after a while."""
        task = Task(self, body, over)
        task.resume_at(self.now + after)
        return task

    def next_instant(self) -> datetime | None:
        """When something is due next."""
        return self._queue[0][0] if self._queue else None

    def run_until(self, end: datetime) -> None:
        """Let everything happen up to an instant, that instant included."""
        self.hub = getcurrent()
        while self._queue and self._queue[0][0] <= end:
            instant, _, _, deed = heapq.heappop(self._queue)
            self._move(instant)
            deed()
        self._move(end)

    def _move(self, instant: datetime) -> None:
        if instant > self.now:
            if self._travel is not None:
                self._travel(instant)
            self.now = instant
