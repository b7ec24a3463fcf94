"""Market time that passes like the machine's beside the simulator, for every process of the bench's fleet.

Simulated time stands while anybody works, so with it nothing would ever be late. Here nobody joins its round:
the desk's processes read the machine's clock, set back by one difference for them all, a mover drags the
simulator after it, and requests are paced by the machine, as with a real gateway.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from glassdesk.adapters.clocks import SystemClock
from glassdesk.adapters.simulation import ControlPlane, Endpoint
from glassdesk.composition import ground as composed

BEHIND = "GLASSDESK_BENCH_BEHIND"
"""Environment variable: seconds the market is behind the machine's clock."""
_SLICE_SECONDS = 0.05


class RealTime(SystemClock):
    """The machine's clock, set back to the simulator's day."""

    def __init__(self, endpoint: Endpoint | None = None) -> None:
        super().__init__()
        self._behind = timedelta(seconds=float(os.environ[BEHIND]))

    def now(self) -> datetime:
        return super().now() - self._behind

    def close(self) -> None:
        """As a simulated clock is closed."""
        self.stop()


@contextmanager
def real_time() -> Iterator[None]:
    """Whatever is opened inside reads `RealTime`."""
    names = vars(composed)
    usual = names["SimulatedClock"]
    names["SimulatedClock"] = RealTime
    try:
        yield
    finally:
        names["SimulatedClock"] = usual


@contextmanager
def flowing(endpoint: Endpoint, start: datetime) -> Iterator[None]:
    """Market time from `start` on, a second in a second."""
    control = ControlPlane(endpoint)
    control.advance_to(start)
    os.environ[BEHIND] = str((datetime.now(UTC) - start).total_seconds())
    clock, ended = RealTime(), threading.Event()
    mover = threading.Thread(target=_move, args=(control, clock, ended), daemon=True)
    mover.start()
    try:
        yield
    finally:
        ended.set()
        mover.join()
        control.close()


def _move(control: ControlPlane, clock: RealTime, ended: threading.Event) -> None:
    while not ended.wait(_SLICE_SECONDS):
        control.advance_to(clock.now())
