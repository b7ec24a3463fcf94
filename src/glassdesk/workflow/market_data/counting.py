"""How many bars have closed since an instant, by the calendar alone: what an exit counts does not depend on
whether the broker has the bars; those within a day from its open. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import groupby

from glassdesk.workflow.contracts.model import Hours
from glassdesk.workflow.market_data.model import BarSize


def closed_between(size: BarSize, sessions: Sequence[Hours], since: datetime, until: datetime) -> int:
    """Bars that closed after `since` and not after `until`; the bar in which `since` lies is the first.
    `sessions` are all of that time; of weeks and months also those that end the last one."""
    return sum(_ends(size, one, until) - _ends(size, one, since) for one in _ending(size, sessions))


def last_end(size: BarSize, sessions: Sequence[Hours], until: datetime) -> datetime | None:
    """When the newest bar that had closed by then closed."""
    found = [end for one in _ending(size, sessions) if (end := _end(size, one, _ends(size, one, until)))]
    return max(found, default=None)


def next_end(size: BarSize, sessions: Sequence[Hours], after: datetime) -> datetime | None:
    """When the next bar closes; `None` where the sessions do not tell."""
    for one in _ending(size, sessions):
        if one.closes_at > after:
            return _end(size, one, _ends(size, one, after) + 1)
    return None


def _ending(size: BarSize, sessions: Sequence[Hours]) -> Iterator[Hours]:
    """Sessions in which a bar ends."""
    if size not in (BarSize.WEEK, BarSize.MONTH):
        yield from sessions
        return
    for _, group in groupby(sessions, key=lambda one: _span(size, one.session)):
        *_, last = group
        yield last


def _span(size: BarSize, session: date) -> tuple[int, int]:
    year, week, _ = session.isocalendar()
    return (session.year, session.month) if size is BarSize.MONTH else (year, week)


def _ends(size: BarSize, session: Hours, until: datetime) -> int:
    """How many bars of the session have closed; the last one of an odd session is shorter."""
    if until < session.opens_at:
        return 0
    if not size.intraday:
        return int(until >= session.closes_at)
    length = timedelta(seconds=size.seconds)
    if until >= session.closes_at:
        return -((session.opens_at - session.closes_at) // length)
    return (until - session.opens_at) // length


def _end(size: BarSize, session: Hours, number: int) -> datetime | None:
    """When the session's bar of this number closes, counted from 1."""
    if number <= 0:
        return None
    if not size.intraday:
        return session.closes_at
    return min(session.closes_at, session.opens_at + number * timedelta(seconds=size.seconds))
