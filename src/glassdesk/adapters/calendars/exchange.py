"""Regular hours from `exchange_calendars`, opened once per exchange and read from plain dictionaries."""

from __future__ import annotations

import warnings
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from datetime import UTC, date, datetime
from functools import cache
from threading import Lock
from typing import Any

from glassdesk.kernel.errors import InvalidInput, NotFound
from glassdesk.workflow.contracts.model import Hours


class ExchangeCalendar:
    """The `Calendar` port. `start` is the first date ever asked for (a tape's first bar, or some years
    back)."""

    def __init__(self, start: date) -> None:
        self._start = start
        self._lock = Lock()
        self._opened: dict[str, tuple[list[date], list[Hours], str]] = {}

    def hours(self, exchange: str, session: date) -> Hours | None:
        """The hours of that session date. Raises `NotFound` outside the calendar's range."""
        days, hours, _ = self._calendar(exchange)
        if not days[0] <= session <= days[-1]:
            raise NotFound(f"the calendar of {exchange} covers {days[0]} to {days[-1]}, not {session}")
        index = bisect_left(days, session)
        return hours[index] if days[index] == session else None

    def sessions(self, exchange: str, first: date, last: date) -> Sequence[Hours]:
        """All sessions of a range, oldest first."""
        days, hours, _ = self._calendar(exchange)
        return hours[bisect_left(days, first) : bisect_right(days, last)]

    def zone(self, exchange: str) -> str:
        """IANA zone of the exchange."""
        return self._calendar(exchange)[2]

    def _calendar(self, exchange: str) -> tuple[list[date], list[Hours], str]:
        with self._lock:
            if exchange not in self._opened:
                self._opened[exchange] = _open(exchange, self._start)
            return self._opened[exchange]


@cache
def _open(exchange: str, start: date) -> tuple[list[date], list[Hours], str]:
    # Imported here: pandas behind it costs half a second that no other command should pay.
    import exchange_calendars

    try:
        with warnings.catch_warnings():
            # It reads pandas in a way that pandas means to change; the hours are the same either way.
            warnings.simplefilter("ignore", DeprecationWarning)
            calendar: Any = exchange_calendars.get_calendar(exchange, start=start.isoformat())
    except exchange_calendars.errors.InvalidCalendarName as failure:
        raise InvalidInput(
            f"there is no calendar {exchange!r}", where="timing.exchange", remedy="e.g. XNYS"
        ) from failure
    opens = calendar.opens.to_numpy(dtype="datetime64[s]").astype("int64").tolist()
    closes = calendar.closes.to_numpy(dtype="datetime64[s]").astype("int64").tolist()
    days = [stamp.date() for stamp in calendar.sessions.to_pydatetime()]
    hours = [
        Hours(session=day, opens_at=_instant(opened), closes_at=_instant(closed))
        for day, opened, closed in zip(days, opens, closes, strict=True)
    ]
    return days, hours, str(calendar.tz)


def _instant(epoch_seconds: int) -> datetime:
    return datetime.fromtimestamp(epoch_seconds, tz=UTC)
