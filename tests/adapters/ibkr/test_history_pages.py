"""History in pages over weekends, holidays, long closures and changes of summer time [§4.1, F-37]."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx2
import pytest

from glassdesk.adapters.calendars import ExchangeCalendar
from glassdesk.workflow.market_data.model import BarSize
from tests.adapters.ibkr.gateway import Desk, answer, desk
from tests.facts import market_data

HISTORY = "/iserver/marketdata/history"
NEW_YORK = ZoneInfo("America/New_York")
DAY = timedelta(days=1)


@cache
def calendar() -> ExchangeCalendar:
    return ExchangeCalendar(start=date(2000, 1, 3))


def bars_of(size: BarSize, first: date, last: date) -> list[datetime]:
    """Starts of the bars of regular hours, early closes cut; a daily bar starts at its open."""
    starts = []
    for hours in calendar().sessions("XNYS", first, last):
        at = hours.opens_at
        while at < hours.closes_at:
            starts.append(at)
            at += timedelta(seconds=size.seconds) if size.intraday else hours.closes_at - hours.opens_at
    return starts


def by_sessions(end: datetime, days: int) -> datetime:
    """A day is a session: the period begins with the open of the last so many."""
    found = calendar().sessions("XNYS", (end - 40 * DAY).date(), end.date())
    return [hours for hours in found if hours.opens_at <= end][-days:][0].opens_at


def by_calendar(end: datetime, days: int) -> datetime:
    """A day is 24 hours."""
    return end - days * DAY


def served(
    made: Desk, size: BarSize, starts: list[datetime], begins: Callable[[datetime, int], datetime]
) -> list[str]:
    """A history endpoint over `starts`: at most 1000 points, the newest of the period."""
    asked: list[str] = []

    def page(request: httpx2.Request) -> httpx2.Response:
        params = dict(request.url.params)
        asked.append(params.get("startTime", ""))
        end = made.clock.now()
        if asked[-1]:
            end = datetime.strptime(asked[-1], "%Y%m%d-%H:%M:%S").replace(tzinfo=UTC)
        unit = {"d": 1, "w": 7, "m": 30, "y": 365}[params["period"][-1]]
        days = int(params["period"][:-1]) * unit
        first = begins(end, days) if unit == 1 else end - days * DAY
        found = [start for start in starts if first <= start <= end][-1000:]
        if not found:
            return answer(market_data.NO_DATA.example, 500)
        rows: list[dict[str, Any]] = [
            {"o": 10, "h": 10, "l": 10, "c": 10, "v": 1, "t": int(start.timestamp() * 1000)}
            for start in found
        ]
        stated = {"timePeriod": params["period"], "barLength": size.seconds, "data": rows}
        return answer(market_data.HISTORY.example | stated)

    made.gateway.on("GET", HISTORY, page)
    return asked


@pytest.mark.parametrize("begins", [by_sessions, by_calendar])
@pytest.mark.parametrize(
    ("size", "count", "first", "now"),
    [
        # Closed from 11 to 16 September 2001.
        (BarSize.MIN_5, 390, date(2001, 9, 4), datetime(2001, 9, 18, 15, 2, tzinfo=UTC)),
        # Hurricane Sandy: closed from 27 to 30 October 2012; summer time ends on 4 November.
        (BarSize.MIN_1, 1950, date(2012, 10, 22), datetime(2012, 11, 6, 15, 30, tzinfo=UTC)),
        # Thanksgiving and the early close after it.
        (BarSize.MIN_15, 180, date(2012, 11, 1), datetime(2012, 11, 27, 16, 0, tzinfo=UTC)),
        # Over the beginning of summer time, 11 March 2012.
        (BarSize.HOUR_1, 300, date(2011, 12, 1), datetime(2012, 4, 2, 16, 0, tzinfo=UTC)),
        (BarSize.DAY, 2600, date(2000, 1, 3), datetime(2012, 11, 27, 16, 0, tzinfo=UTC)),
    ],
)
def test_pages_bring_every_bar_once_however_the_broker_counts_days(
    certificate: Path,
    size: BarSize,
    count: int,
    first: date,
    now: datetime,
    begins: Callable[[datetime, int], datetime],
) -> None:
    starts = [start for start in bars_of(size, first, now.date()) if start <= now]
    with desk(certificate, at=now) as made:
        asked = served(made, size, starts, begins)
        bars = made.broker.market_data.history(265598, size, count, read_at=now).bars
    found = [bar.start for bar in bars]
    assert len(found) >= count
    assert found == starts[-len(found) :]
    assert all(bar.session == bar.start.astimezone(NEW_YORK).date() for bar in bars)
    assert len(asked) == len(set(asked)), "no page is asked for twice"


def test_where_the_brokers_history_begins_the_pages_end_after_a_weeks_search(certificate: Path) -> None:
    now = datetime(2012, 10, 3, 15, 0, tzinfo=UTC)
    starts = [start for start in bars_of(BarSize.MIN_5, date(2012, 10, 1), date(2012, 10, 3)) if start <= now]
    with desk(certificate, at=now) as made:
        asked = served(made, BarSize.MIN_5, starts, by_calendar)
        bars = made.broker.market_data.history(265598, BarSize.MIN_5, 1000, read_at=now).bars
    assert [bar.start for bar in bars] == starts
    assert len(asked) <= 4 + 8
