"""Bars are counted by the calendar: the same whether the broker has the bars or not."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassdesk.adapters.calendars import ExchangeCalendar
from glassdesk.workflow.market_data.counting import closed_between, last_end, next_end
from glassdesk.workflow.market_data.model import BarSize

CALENDAR = ExchangeCalendar(start=date(2012, 1, 3))
SESSIONS = CALENDAR.sessions("XNYS", date(2012, 9, 3), date(2013, 1, 31))
BOUGHT = datetime(2012, 10, 1, 13, 40, tzinfo=UTC)
"""A Monday, ten minutes after the open in New York."""


@pytest.mark.parametrize(
    ("size", "until", "count"),
    [
        (BarSize.DAY, datetime(2012, 10, 1, 19, 59, tzinfo=UTC), 0),
        (BarSize.DAY, datetime(2012, 10, 1, 20, 0, tzinfo=UTC), 1),
        (BarSize.DAY, datetime(2012, 10, 5, 21, 0, tzinfo=UTC), 5),
        # Two days of a hurricane had no session.
        (BarSize.DAY, datetime(2012, 10, 31, 21, 0, tzinfo=UTC), 21),
        (BarSize.WEEK, datetime(2012, 10, 5, 19, 0, tzinfo=UTC), 0),
        (BarSize.WEEK, datetime(2012, 10, 12, 21, 0, tzinfo=UTC), 2),
        (BarSize.MONTH, datetime(2012, 10, 31, 19, 0, tzinfo=UTC), 0),
        (BarSize.MONTH, datetime(2012, 10, 31, 20, 0, tzinfo=UTC), 1),
        (BarSize.MIN_5, datetime(2012, 10, 1, 13, 44, tzinfo=UTC), 0),
        (BarSize.MIN_5, datetime(2012, 10, 1, 13, 45, tzinfo=UTC), 1),
        # The last bar of a day of six and a half hours is half a bar.
        (BarSize.HOUR_1, datetime(2012, 10, 1, 19, 59, tzinfo=UTC), 6),
        (BarSize.HOUR_1, datetime(2012, 10, 1, 20, 0, tzinfo=UTC), 7),
    ],
)
def test_bars_closed_since_a_purchase(size: BarSize, until: datetime, count: int) -> None:
    assert closed_between(size, SESSIONS, BOUGHT, until) == count


@given(
    size=st.sampled_from(list(BarSize)),
    minutes=st.integers(0, 60 * 24 * 60),
    more=st.integers(0, 60 * 24 * 30),
)
def test_every_bar_closes_once_and_the_next_end_is_where_the_count_grows(
    size: BarSize, minutes: int, more: int
) -> None:
    since = BOUGHT + timedelta(minutes=minutes)
    until = since + timedelta(minutes=more)
    whole = closed_between(size, SESSIONS, BOUGHT, until)
    assert whole == closed_between(size, SESSIONS, BOUGHT, since) + closed_between(
        size, SESSIONS, since, until
    )
    following = next_end(size, [one for one in SESSIONS if one.closes_at > until], until)
    assert following is not None
    assert closed_between(size, SESSIONS, until, following) == 1
    assert closed_between(size, SESSIONS, until, following - timedelta(seconds=1)) == 0
    newest = last_end(size, SESSIONS, following)
    assert newest == following
