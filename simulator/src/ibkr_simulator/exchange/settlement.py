"""When the money of a trade is there."""

from datetime import date, timedelta

from ibkr_simulator.exchange.sessions import Sessions
from ibkr_simulator.instants import Instant, new_york_day, new_york_midnight

_T_PLUS_2 = date(2017, 9, 5)
_T_PLUS_1 = date(2024, 5, 28)


def cycle(trade_day: date) -> int:
    """Sessions from trade to settlement: three, two from 2017-09-05, one from 2024-05-28."""
    if trade_day >= _T_PLUS_1:
        return 1
    return 2 if trade_day >= _T_PLUS_2 else 3


def settles_at(sessions: Sessions, traded_at: Instant) -> Instant:
    """New York midnight of the settlement day; beyond the tape every weekday counts as a session."""
    index = max(0, sessions.latest(traded_at))
    day = new_york_day(sessions.opens[index])
    left = cycle(day)
    known = min(left, len(sessions) - 1 - index)
    return new_york_midnight(_weekdays_later(sessions.days[index + known], left - known))


def _weekdays_later(day: date, count: int) -> date:
    while count > 0:
        day += timedelta(days=1)
        count -= day.weekday() < 5
    return day
