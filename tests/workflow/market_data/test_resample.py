"""Longer bars conserve volume and extremes, and closed ones never change."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassdesk.adapters.calendars import ExchangeCalendar
from glassdesk.workflow.market_data.model import Bar, BarSize
from glassdesk.workflow.market_data.resample import by_calendar, by_hours

CALENDAR = ExchangeCalendar(start=date(2012, 1, 3))
SESSIONS = CALENDAR.sessions("XNYS", date(2012, 10, 1), date(2013, 1, 31))
OPENS = {hours.session: hours.opens_at for hours in SESSIONS}
MINUTE = timedelta(minutes=1)

closes = st.lists(st.decimals(min_value=1, max_value=1000, places=2), min_size=1, max_size=80)
longer = st.sampled_from([BarSize.DAY, BarSize.WEEK, BarSize.MONTH])
hourly = st.sampled_from([BarSize.HOUR_1, BarSize.HOUR_2, BarSize.HOUR_3, BarSize.HOUR_4, BarSize.HOUR_8])


def made(start: datetime, session: date, close: Decimal) -> Bar:
    return Bar(
        start=start,
        session=session,
        open=close,
        high=close + 1,
        low=close / 2,
        close=close,
        volume=close * 100,
    )


def daily(prices: list[Decimal]) -> list[Bar]:
    return [made(h.opens_at, h.session, price) for h, price in zip(SESSIONS, prices, strict=False)]


def half_hours(prices: list[Decimal]) -> list[Bar]:
    """Thirteen in a session, seven where it ends early."""
    starts = [
        (hours, hours.opens_at + n * 30 * MINUTE)
        for hours in SESSIONS
        for n in range(13)
        if hours.opens_at + n * 30 * MINUTE < hours.closes_at
    ]
    return [made(at, hours.session, price) for (hours, at), price in zip(starts, prices, strict=False)]


def conserved(short: list[Bar], long: tuple[Bar, ...]) -> None:
    assert sum(bar.volume for bar in long) == sum(bar.volume for bar in short)
    assert max(bar.high for bar in long) == max(bar.high for bar in short)
    assert min(bar.low for bar in long) == min(bar.low for bar in short)
    assert (long[0].open, long[-1].close) == (short[0].open, short[-1].close)
    assert [bar.start for bar in long] == sorted({bar.start for bar in long})


@given(closes, longer)
def test_days_weeks_and_months_conserve_volume_and_extremes(prices: list[Decimal], size: BarSize) -> None:
    conserved(daily(prices), by_calendar(daily(prices), size))


@given(closes, hourly)
def test_hours_conserve_volume_and_extremes_and_never_cross_a_session(
    prices: list[Decimal], size: BarSize
) -> None:
    bars = half_hours(prices)
    long = by_hours(bars, size, OPENS)
    conserved(bars, long)
    assert {bar.session for bar in long} == {bar.session for bar in bars}
    assert all((bar.start - OPENS[bar.session]).total_seconds() % size.seconds == 0 for bar in long)


@given(closes, longer, st.integers(min_value=1, max_value=80))
def test_what_is_over_does_not_change_when_later_bars_are_removed(
    prices: list[Decimal], size: BarSize, keep: int
) -> None:
    bars = daily(prices)
    whole, part = by_calendar(bars, size), by_calendar(bars[:keep], size)
    assert part[:-1] == whole[: max(0, len(part) - 1)]


@pytest.mark.parametrize(("size", "count"), [(BarSize.WEEK, 5), (BarSize.MONTH, 2)])
def test_a_month_is_a_month_and_a_week_an_iso_week(size: BarSize, count: int) -> None:
    bars = daily([Decimal(10)] * 22)
    assert bars[-1].session == date(2012, 11, 1)
    assert len(by_calendar(bars, size)) == count


def test_hours_count_from_the_open_and_the_last_is_short() -> None:
    hours = by_hours(half_hours([Decimal(10)] * 13), BarSize.HOUR_2, OPENS)
    assert [bar.volume for bar in hours] == [4000, 4000, 4000, 1000]
    assert hours[1].start == datetime(2012, 10, 1, 15, 30, tzinfo=UTC)
