"""Bars are read once; gaps are filled, corrections noticed, and late feeds waited for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glassdesk.adapters.calendars import ExchangeCalendar
from glassdesk.adapters.clocks import ManualClock
from glassdesk.adapters.database import Stores, open_database
from glassdesk.workflow.market_data.keeping import Kept, KeptBars
from glassdesk.workflow.market_data.model import Bar, BarSize, Correction, History, Quote

AAPL = 265598
CALENDAR = ExchangeCalendar(start=date(2012, 1, 3))
FIRST = date(2012, 9, 3)
FRIDAY_EVENING = datetime(2012, 10, 5, 21, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


class Tape:
    """A broker that knows all bars, sends those that have begun, and counts what it is asked."""

    def __init__(self, bars: Mapping[BarSize, Sequence[Bar]]) -> None:
        self.of = {size: list(found) for size, found in bars.items()}
        self.asked: list[int] = []
        self.delay = timedelta(0)

    def history(self, conid: int, size: BarSize, count: int, *, read_at: datetime) -> History:
        self.asked.append(count)
        begun = [bar for bar in self.of[size] if bar.start <= read_at - self.delay]
        return History(bars=tuple(begun[-count:]), delay=self.delay)

    def quotes(self, conids: Sequence[int], *, read_at: datetime) -> Mapping[int, Quote]:
        raise AssertionError("nobody asks for quotes here")


class Desk:
    """Kept bars over a database in memory."""

    def __init__(self, tape: Tape, at: datetime = FRIDAY_EVENING) -> None:
        self.tape, self.clock = tape, ManualClock(at)
        self.stores: Stores = open_database("memory:")
        self.kept = KeptBars(tape, self.stores.bars, self.stores.transactions, CALENDAR, self.clock)

    def read(self, at: datetime, count: int = 20, size: BarSize = BarSize.DAY) -> Kept:
        if at > self.clock.now():
            self.clock.advance(at - self.clock.now())
        return self.kept.closed(AAPL, size, count, as_of=at, exchange="XNYS")

    def corrections(self, size: BarSize = BarSize.DAY) -> Sequence[Correction]:
        with self.stores.transactions.read() as t:
            since = datetime(2000, 1, 1, tzinfo=UTC)
            return self.stores.bars.corrections(t, AAPL, size, since=since)


def made(start: datetime, session: date, close: int) -> Bar:
    price = Decimal(close)
    return Bar(
        start=start,
        session=session,
        open=price,
        high=price + 1,
        low=price - 1,
        close=price,
        volume=Decimal(100),
    )


def days(first: date = FIRST, last: date = date(2012, 11, 30)) -> list[Bar]:
    sessions = CALENDAR.sessions("XNYS", first, last)
    return [made(hours.opens_at, hours.session, 50 + n) for n, hours in enumerate(sessions)]


def intraday(size: BarSize, first: date, last: date, *, by_clock: bool) -> list[Bar]:
    """Bars aligned to the open, or to the clock as some brokers do: the first one is then a short one."""
    found: list[Bar] = []
    for hours in CALENDAR.sessions("XNYS", first, last):
        start = hours.opens_at
        while start < hours.closes_at:
            found.append(made(start, hours.session, 50 + len(found)))
            length = timedelta(seconds=size.seconds)
            whole = datetime.fromtimestamp(start.timestamp() // size.seconds * size.seconds, UTC)
            start = whole + length if by_clock else start + length
    return found


def evening(day: date) -> datetime:
    hours = CALENDAR.hours("XNYS", day)
    assert hours is not None
    return hours.closes_at + MINUTE


def test_the_second_run_of_a_bar_asks_the_broker_for_nothing() -> None:
    desk = Desk(Tape({BarSize.DAY: days()}))
    first = desk.read(FRIDAY_EVENING)
    again = desk.read(FRIDAY_EVENING + timedelta(days=2))
    assert first == again
    assert [bar.session for bar in first.bars][-1] == date(2012, 10, 5)
    assert len(first.bars) == 20
    assert len(desk.tape.asked) == 1


def test_a_day_later_only_the_last_days_are_read() -> None:
    desk = Desk(Tape({BarSize.DAY: days()}))
    desk.read(FRIDAY_EVENING)
    later = desk.read(evening(date(2012, 10, 8)))
    assert later.bars[-1].session == date(2012, 10, 8)
    assert desk.tape.asked[1] < 10


def test_a_wish_for_more_bars_reads_them_once() -> None:
    desk = Desk(Tape({BarSize.DAY: days(first=date(2012, 3, 1))}))
    desk.read(FRIDAY_EVENING, 20)
    assert len(desk.read(FRIDAY_EVENING, 60).bars) == 60
    assert len(desk.read(FRIDAY_EVENING, 60).bars) == 60
    assert len(desk.tape.asked) == 2


def test_where_the_brokers_history_begins_nothing_older_is_asked_for_again() -> None:
    desk = Desk(Tape({BarSize.DAY: days(first=date(2012, 9, 24))}))
    assert len(desk.read(FRIDAY_EVENING, 60).bars) == 10
    assert len(desk.read(FRIDAY_EVENING, 60).bars) == 10
    assert len(desk.tape.asked) == 1


def test_a_gap_is_filled_with_the_next_reading() -> None:
    whole = days()
    tape = Tape({BarSize.DAY: [bar for bar in whole if bar.session != date(2012, 9, 14)]})
    desk = Desk(tape)
    assert date(2012, 9, 14) not in [bar.session for bar in desk.read(FRIDAY_EVENING).bars]
    tape.of[BarSize.DAY] = whole
    assert date(2012, 9, 14) in [bar.session for bar in desk.read(evening(date(2012, 10, 8))).bars]


def test_a_corrected_bar_is_taken_over_written_down_and_told() -> None:
    tape = Tape({BarSize.DAY: days()})
    desk = Desk(tape)
    was = desk.read(FRIDAY_EVENING).bars[-1]
    became = replace(was, volume=Decimal(250))
    tape.of[BarSize.DAY] = [became if bar.start == was.start else bar for bar in tape.of[BarSize.DAY]]
    kept = desk.read(evening(date(2012, 10, 8)))
    assert became in kept.bars
    assert kept.notes == ("the broker corrected 1 bar(s), last 2012-10-05",)
    [correction] = desk.corrections()
    assert (correction.was, correction.became) == (was, became)


def test_a_restated_past_is_read_anew_as_a_whole() -> None:
    tape = Tape({BarSize.DAY: days()})
    desk = Desk(tape)
    desk.read(FRIDAY_EVENING)
    tape.of[BarSize.DAY] = [_halved(bar) for bar in tape.of[BarSize.DAY]]
    kept = desk.read(evening(date(2012, 10, 8)))
    begun = [bar for bar in tape.of[BarSize.DAY] if bar.session <= date(2012, 10, 8)]
    assert kept.bars == tuple(begun[-20:])
    assert "corrected" in kept.notes[0]


def _halved(bar: Bar) -> Bar:
    prices = {name: getattr(bar, name) / 2 for name in ("open", "high", "low", "close")}
    return replace(bar, volume=bar.volume * 2, **prices)


def test_a_bar_of_a_late_feed_is_not_taken_before_it_is_whole() -> None:
    tape = Tape({BarSize.DAY: days()})
    tape.delay = 15 * MINUTE
    desk = Desk(tape, at=evening(date(2012, 10, 5)))
    early = desk.read(evening(date(2012, 10, 5)))
    assert early.bars[-1].session == date(2012, 10, 4)
    assert early.late == "bars are 15 minutes late: that of 2012-10-05 is whole at 20:15 UTC"
    later = desk.read(evening(date(2012, 10, 5)) + 20 * MINUTE)
    assert later.bars[-1].session == date(2012, 10, 5)
    assert not later.late


def test_T_04_the_running_bar_is_read_and_never_kept() -> None:
    noon = datetime(2012, 10, 5, 16, 0, tzinfo=UTC)
    desk = Desk(Tape({BarSize.DAY: days()}), at=noon)
    closed = desk.read(noon)
    running = desk.kept.running(AAPL, BarSize.DAY, as_of=noon, exchange="XNYS")
    assert running is not None
    assert running.session == date(2012, 10, 5)
    assert closed.bars[-1].session == date(2012, 10, 4)
    assert desk.kept.running(AAPL, BarSize.DAY, as_of=evening(date(2012, 10, 5)), exchange="XNYS") is None


@pytest.mark.parametrize("size", [BarSize.WEEK, BarSize.MONTH])
def test_a_running_week_or_month_is_no_closed_bar(size: BarSize) -> None:
    groups: dict[tuple[int, ...], list[Bar]] = {}
    for bar in days(first=date(2012, 1, 3)):
        week = bar.session.isocalendar()[:2]
        groups.setdefault(week if size is BarSize.WEEK else (bar.session.month,), []).append(bar)
    desk = Desk(Tape({size: [found[0] for found in groups.values()]}), at=evening(date(2012, 10, 31)))
    month_end, inside = desk.read(evening(date(2012, 10, 31)), 5, size), evening(date(2012, 11, 1))
    assert desk.read(inside, 5, size).bars == month_end.bars
    assert month_end.bars[-1].session == (date(2012, 10, 22) if size is BarSize.WEEK else date(2012, 10, 1))
    assert len(desk.tape.asked) == 1


instants = st.lists(st.integers(min_value=0, max_value=14 * 24 * 60), min_size=1, max_size=8).map(sorted)


@settings(max_examples=30, deadline=None)
@given(
    instants,
    st.sampled_from([BarSize.DAY, BarSize.HOUR_1, BarSize.HOUR_4, BarSize.MIN_30]),
    st.booleans(),
    st.integers(min_value=1, max_value=30),
)
def test_whatever_was_asked_before_the_answer_is_what_the_broker_would_give(
    minutes: list[int], size: BarSize, by_clock: bool, count: int
) -> None:
    begin = datetime(2012, 10, 22, 12, 0, tzinfo=UTC)
    first, last = date(2012, 9, 20), date(2012, 11, 8)
    every = days(first, last) if size is BarSize.DAY else intraday(size, first, last, by_clock=by_clock)
    desk = Desk(Tape({size: every}), at=begin)
    for minute in minutes:
        at = begin + minute * MINUTE
        fresh = Desk(Tape({size: every}), at=at).read(at, count, size)
        assert desk.read(at, count, size).bars == fresh.bars
        asked = len(desk.tape.asked)
        assert desk.read(at, count, size).bars == fresh.bars
        assert len(desk.tape.asked) == asked
