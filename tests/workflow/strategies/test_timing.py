"""Slots follow the cron expression in its zone, once on both days of a clock change."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import islice

import pytest

from glassdesk.kernel.errors import InvalidInput
from glassdesk.workflow.contracts.model import Hours
from glassdesk.workflow.market_data.model import BarSize
from glassdesk.workflow.strategies import timing
from glassdesk.workflow.strategies.model import Timing


def at(cron: str, zone: str = "America/New_York", **rest: int | None) -> Timing:
    return Timing(cron=cron, zone=zone, exchange="XNYS", **rest)  # type: ignore[arg-type]


def due_at(when: Timing, after: datetime) -> Iterator[datetime]:
    """Cron asks no calendar."""
    return timing.instants(when, after, lambda *_: ())


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc,arg-type]


def test_nine_in_new_york_is_thirteen_utc_in_summer_and_fourteen_in_winter() -> None:
    due = list(islice(due_at(at("0 9 * * 1-5"), utc(2012, 11, 1, 20)), 2))
    assert due == [utc(2012, 11, 2, 13), utc(2012, 11, 5, 14)]


def test_a_time_that_comes_twice_is_due_once() -> None:
    due = list(islice(due_at(at("30 1 * * *"), utc(2012, 11, 3, 12)), 2))
    assert due == [utc(2012, 11, 4, 5, 30), utc(2012, 11, 5, 6, 30)]


def test_a_time_that_does_not_exist_comes_right_after_the_gap() -> None:
    due = next(due_at(at("30 2 * * *"), utc(2013, 3, 9, 20)))
    assert due == utc(2013, 3, 10, 7)


def test_an_interval_follows_the_clock() -> None:
    spring = list(islice(due_at(at("30 1-3 * * *"), utc(2013, 3, 10)), 2))
    assert spring == [utc(2013, 3, 10, 6, 30), utc(2013, 3, 10, 7, 30)]
    autumn = list(islice(due_at(at("30 1-3 * * *"), utc(2012, 11, 4)), 3))
    assert autumn == [utc(2012, 11, 4, 5, 30), utc(2012, 11, 4, 6, 30), utc(2012, 11, 4, 7, 30)]


@pytest.mark.parametrize("cron", ["", "0 9 * *", "0 0 9 * * *", "61 9 * * *", "0 9 31 2 *", "at nine"])
def test_a_bad_cron_expression_is_refused_with_an_example(cron: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        timing.check(at(cron))
    assert refused.value.where == "timing.cron"
    assert "0 9 * * 1-5" in refused.value.remedy


def test_an_unknown_zone_is_refused() -> None:
    with pytest.raises(InvalidInput, match="time zone"):
        timing.check(at("0 9 * * *", zone="Mars/Olympus"))


def test_the_entry_window_lies_after_the_next_open_and_ends_with_the_session() -> None:
    early = Hours(
        session=date(2012, 11, 23), opens_at=utc(2012, 11, 23, 14, 30), closes_at=utc(2012, 11, 23, 18)
    )
    window = timing.entry_window(
        at("0 9 * * 1-5", enter_after_open=5, enter_before=600), utc(2012, 11, 23, 14), early
    )
    assert window == (utc(2012, 11, 23, 14, 35), utc(2012, 11, 23, 18))


def test_entering_at_once_needs_no_session() -> None:
    slot = utc(2012, 10, 1, 15)
    assert timing.entry_window(at("0 * * * *", enter_after_open=None, enter_before=10), slot, None) == (
        slot,
        slot + timedelta(minutes=10),
    )


@pytest.mark.parametrize(
    ("size", "minutes"), [(BarSize.DAY, 120), (BarSize.WEEK, 120), (BarSize.MIN_5, 2.5), (BarSize.HOUR_1, 5)]
)
def test_the_start_deadline_follows_the_bar(size: BarSize, minutes: float) -> None:
    assert timing.start_deadline(size) == timedelta(minutes=minutes)
