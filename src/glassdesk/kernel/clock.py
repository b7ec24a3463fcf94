"""Market time and machine time (`design.md` §7). Business rules read a `Clock`, never the machine."""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Market time. Every instant is an aware UTC datetime."""

    wakes_on_events: bool
    """True where `wait_until` of a dealer also returns early when something happens to a live order,
    so that polling in between would see nothing (simulated time)."""

    def now(self) -> datetime:
        """The present instant of the market, aware UTC."""
        ...

    def wait_until(self, instant: datetime | None, *, on_event: bool = False) -> None:
        """Return when market time has reached `instant` (at once if it has).

        `None` waits for an event only. `on_event` asks to return early when a live order is touched.
        Returns early, without error, when `stop()` was called.
        """
        ...

    def working(self, name: str, role: str) -> AbstractContextManager[None]:
        """While the block runs, the calling thread takes part in market time as `role`
        (`person`, `worker` or `dealer`): simulated time stands unless the thread waits."""
        ...

    def stop(self) -> None:
        """Release every thread that waits; later waits return at once."""
        ...


class Stopwatch(Protocol):
    """Machine time, for timeouts and durations only."""

    def seconds(self) -> float:
        """Monotonic seconds since an arbitrary origin."""
        ...

    def pause(self, seconds: float) -> None:
        """Block the calling thread."""
        ...


def format_instant(instant: datetime) -> str:
    """`2012-10-01T13:30:00Z`; microseconds only where they are not zero. Raises ValueError on naive time."""
    if instant.tzinfo is None:
        raise ValueError("naive time: an instant carries its zone")
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")


def parse_instant(text: str) -> datetime:
    """The inverse of `format_instant`; accepts any offset, answers UTC."""
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError(f"naive time {text!r}: an instant carries its zone")
    return instant.astimezone(UTC)
