"""Market time that passes like the machine's beside the simulator, for every process of the bench's fleet.

Simulated time stands while anybody works, so with it nothing would ever be late. Here a mover lets it flow,
one second in a second, and the desk's processes read a clock of their own that runs beside it, as with a real
gateway.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from glassdesk.adapters.clocks import SystemClock
from glassdesk.adapters.simulation import ControlPlane, Endpoint, SimulatedClock
from glassdesk.composition import ground as composed


class RealTime(SystemClock):
    """The machine's clock, set to the simulator's instant."""

    def __init__(self, endpoint: Endpoint) -> None:
        super().__init__()
        control = ControlPlane(endpoint)
        self._ahead = control.now() - datetime.now(UTC)
        control.close()

    def now(self) -> datetime:
        return super().now() + self._ahead

    def close(self) -> None:
        """As a simulated clock is closed."""
        self.stop()


@contextmanager
def real_time() -> Iterator[None]:
    """Whatever is opened inside reads `RealTime`."""
    usual = composed.SimulatedClock
    composed.SimulatedClock = RealTime  # type: ignore[assignment, misc]
    try:
        yield
    finally:
        composed.SimulatedClock = usual  # type: ignore[misc]


@contextmanager
def flowing(endpoint: Endpoint, start: datetime) -> Iterator[None]:
    """Simulated time from `start` on, a second in a second."""
    control = ControlPlane(endpoint)
    control.advance_to(start)
    control.set_speed(1.0)
    clock = SimulatedClock(endpoint)
    mover = threading.Thread(target=_move, args=(clock, start + timedelta(days=1)), daemon=True)
    mover.start()
    try:
        yield
    finally:
        clock.close()
        mover.join()
        control.close()


def _move(clock: SimulatedClock, until: datetime) -> None:
    with clock.working("mover", "person"):
        clock.wait_until(until)
