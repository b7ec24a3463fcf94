"""Trading sessions of the exchange: when it opens and closes, early closes included."""

import warnings
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from ibkr_simulator.instants import MINUTE, Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Sessions:
    """Sessions in order; all sequences have one element per session."""

    days: Sequence[date]
    opens: Sequence[Instant]
    closes: Sequence[Instant]

    def __len__(self) -> int:
        return len(self.days)

    def latest(self, at: Instant) -> int:
        """Index of the last session that has opened, -1 before the first."""
        return bisect_right(self.opens, at) - 1

    def current(self, at: Instant) -> int | None:
        """Index of the session open at this instant; the close itself is outside."""
        index = self.latest(at)
        return index if index >= 0 and at < self.closes[index] else None

    def next_open(self, after: Instant) -> Instant | None:
        """First opening later than the instant."""
        index = self.latest(after) + 1
        return self.opens[index] if index < len(self) else None

    def next_close(self, after: Instant) -> Instant | None:
        """First close later than the instant."""
        index = bisect_right(self.closes, after)
        return self.closes[index] if index < len(self) else None

    def minutes(self, index: int) -> int:
        """Length of a session in minutes."""
        return (self.closes[index] - self.opens[index]) // MINUTE

    def index_of(self, day: date) -> int:
        """Index of a session by its date. Raises KeyError for a day without one."""
        index = bisect_right(self.days, day) - 1
        if index < 0 or self.days[index] != day:
            raise KeyError(f"no session on {day}")
        return index

    def cut(self, count: int) -> "Sessions":
        """The first so many of them."""
        return Sessions(days=self.days[:count], opens=self.opens[:count], closes=self.closes[:count])


def new_york_sessions(first: date, last: date) -> Sessions:
    """Sessions of the NYSE between two dates, both included."""
    # Imported here: it brings pandas, 0.4 s that only a starting server should pay.
    import exchange_calendars

    # The library's own use of pandas warns; nothing here could do better.
    with warnings.catch_warnings(action="ignore"):
        # A calendar of one day is refused, hence some more, which are cut off again.
        beyond = last + timedelta(days=7)
        calendar = exchange_calendars.get_calendar("XNYS", start=first.isoformat(), end=beyond.isoformat())
    every = Sessions(
        days=[moment.date() for moment in calendar.sessions],
        opens=[moment.value // 1000 for moment in calendar.opens],
        closes=[moment.value // 1000 for moment in calendar.closes],
    )
    return every.cut(bisect_right(every.days, last))
