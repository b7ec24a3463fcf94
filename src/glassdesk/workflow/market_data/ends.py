"""When a bar is over, and whether the newest one held is the newest there can be (`T-06`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from glassdesk.workflow.contracts.model import Hours
from glassdesk.workflow.contracts.ports import Calendar
from glassdesk.workflow.market_data.model import Bar, BarSize

_LOOK_BACK = timedelta(days=10)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ends:
    """The bars of one size in the regular hours of one exchange.

    How a broker aligns intraday bars (to the open or to the clock) is not settled, so nothing here asks at
    which instants they begin.
    """

    calendar: Calendar
    exchange: str
    size: BarSize

    def of(self, bar: Bar) -> datetime:
        """The instant from which the bar does not change any more: its end, or the close before it."""
        if self.size.intraday:
            hours = self.calendar.hours(self.exchange, bar.session)
            ends = bar.start + self._length
            return ends if hours is None else min(ends, max(hours.closes_at, bar.start))
        first, last = period(self.size, bar.session)
        sessions = self.calendar.sessions(self.exchange, first, last)
        return sessions[-1].closes_at if sessions else bar.start + self._length

    def newest(self, held: Sequence[Bar], as_of: datetime) -> bool:
        """Nothing that begins after the last of these bars can be over at `as_of`."""
        if not held:
            return False
        return self._intraday(held, as_of) if self.size.intraday else held[-1].session >= self.expected(as_of)

    def expected(self, as_of: datetime) -> date:
        """First session date of the newest period that is over. Raises `IndexError` beyond the calendar."""
        today = as_of.date() + _DAY
        reach = timedelta(seconds=2 * self.size.seconds) + _LOOK_BACK
        over = [hours for hours in self._sessions(today - reach, today) if hours.closes_at <= as_of]
        first, last = period(self.size, over[-1].session)
        rest = self._sessions(first, last)
        if rest[-1].closes_at > as_of:
            first, last = period(self.size, first - _DAY)
            rest = self._sessions(first, last)
        return rest[0].session

    def per_session(self) -> int:
        """The most bars that a whole session has."""
        longest = timedelta(hours=6, minutes=30)
        return max(1, -(-longest // self._length)) if self.size.intraday else 1

    @property
    def _length(self) -> timedelta:
        return timedelta(seconds=self.size.seconds)

    def _sessions(self, first: date, last: date) -> Sequence[Hours]:
        return self.calendar.sessions(self.exchange, first, last)

    def _intraday(self, held: Sequence[Bar], as_of: datetime) -> bool:
        bar = held[-1]
        begun = [
            hours
            for hours in self._sessions(as_of.date() - _LOOK_BACK, as_of.date() + _DAY)
            if hours.opens_at + self._length <= as_of or hours.closes_at <= as_of
        ]
        if not begun or bar.session != begun[-1].session:
            return False
        if self.of(bar) >= begun[-1].closes_at:
            return True
        return min(self._next(held) + self._length, begun[-1].closes_at) > as_of

    def _next(self, held: Sequence[Bar]) -> datetime:
        """The earliest instant at which the bar after the last one begins: the first of a session is short
        where the others are aligned to the clock, which they tell by where they begin."""
        last, into = held[-1], [self._into(bar) for bar in held]
        if into[-1]:
            return last.start + self._length
        others = [one % self._length for one in into if one]
        short = others[-1] if others else timedelta(0)
        return last.start + (short or (self._length if others else timedelta(0)))

    def _into(self, bar: Bar) -> timedelta:
        """How far into its session a bar begins."""
        hours = self.calendar.hours(self.exchange, bar.session)
        return timedelta(0) if hours is None else bar.start - hours.opens_at


def period(size: BarSize, session: date) -> tuple[date, date]:
    """First and last calendar day of the day, ISO week or month that a session lies in."""
    if size is BarSize.WEEK:
        monday = session - timedelta(days=session.weekday())
        return monday, monday + timedelta(days=6)
    if size is BarSize.MONTH:
        first = session.replace(day=1)
        return first, (first + timedelta(days=31)).replace(day=1) - _DAY
    return session, session
