"""The exchange calendar knows holidays, early closes and clock changes."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from glassdesk.adapters.calendars import ExchangeCalendar
from glassdesk.kernel.errors import InvalidInput, NotFound


@pytest.fixture(scope="module")
def calendar() -> ExchangeCalendar:
    return ExchangeCalendar(date(2012, 1, 3))


def test_a_holiday_has_no_hours(calendar: ExchangeCalendar) -> None:
    assert calendar.hours("XNYS", date(2012, 7, 4)) is None


def test_the_market_was_closed_for_the_storm(calendar: ExchangeCalendar) -> None:
    assert calendar.hours("XNYS", date(2012, 10, 29)) is None


def test_an_early_close_is_known(calendar: ExchangeCalendar) -> None:
    hours = calendar.hours("XNYS", date(2012, 11, 23))
    assert hours is not None
    assert hours.closes_at == datetime(2012, 11, 23, 18, tzinfo=UTC)


def test_sessions_come_in_order(calendar: ExchangeCalendar) -> None:
    days = [hours.session.day for hours in calendar.sessions("XNYS", date(2012, 10, 26), date(2012, 11, 1))]
    assert days == [26, 31, 1]


def test_outside_its_range_it_says_so(calendar: ExchangeCalendar) -> None:
    with pytest.raises(NotFound, match="covers"):
        calendar.hours("XNYS", date(1990, 1, 2))


def test_an_unknown_exchange_is_refused() -> None:
    with pytest.raises(InvalidInput, match="no calendar"):
        ExchangeCalendar(date(2012, 1, 3)).hours("XMOON", date(2012, 1, 3))
