"""Numbers and dates on the axes, and tags that are pushed apart."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassdesk.workflow.charts.axes import digits, short, ticks
from glassdesk.workflow.charts.dates import date_ticks, local_times
from glassdesk.workflow.charts.spread import spread
from glassdesk.workflow.charts.text import fitting, text_width
from glassdesk.workflow.market_data.model import BarSize
from tests.workflow.indicators.worlds import walk

NEW_YORK = ZoneInfo("America/New_York")


@pytest.mark.parametrize(
    ("low", "high", "most", "expected"),
    [
        (101.3, 131.9, 7, ["105", "110", "115", "120", "125", "130"]),
        (0.0093, 0.0158, 4, ["0.0100", "0.0120", "0.0140"]),
        (38_900, 49_200, 5, ["40000", "42500", "45000", "47500"]),
        (0, 60_000_000, 2, ["0", "50000000"]),
        (-3.1, 3.6, 3, ["-2.5", "0.0", "2.5"]),
        (1.34, 3.52, 1, ["2", "3"]),
    ],
)
def test_ticks_are_the_numbers_a_person_would_choose(
    low: float, high: float, most: int, expected: list[str]
) -> None:
    assert list(ticks(low, high, most)) == [Decimal(text) for text in expected]


@given(low=st.floats(-1e6, 1e6), reach=st.floats(1e-4, 1e6), most=st.integers(1, 12))
def test_ticks_lie_inside_equally_far_apart_and_at_least_two(low: float, reach: float, most: int) -> None:
    high = low + reach
    found = ticks(low, high, most)
    assert len(found) >= 2
    assert Decimal(repr(low)) <= found[0]
    assert found[-1] <= Decimal(repr(high))
    assert len({b - a for a, b in pairwise(found)}) == 1
    assert len(found) <= max(most, 4) + 1


def test_a_range_without_width_has_one_tick() -> None:
    assert ticks(5.0, 5.0, 4) == (Decimal("5.0"),)


def test_digits_are_those_that_lose_nothing() -> None:
    assert digits([Decimal("1.50"), Decimal("2.25"), Decimal(1000)]) == 2
    assert digits([]) == 0


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (800, "800"), (1500, "1.5K"), (45_200_000, "45.2M"), (100_000_000, "100M"), (2.5e9, "2.5B")],
)
def test_quantities_are_written_short(value: float, text: str) -> None:
    assert short(value) == text


@given(wanted=st.lists(st.floats(0, 500), min_size=1, max_size=25), gap=st.floats(0, 20))
def test_pushed_places_keep_order_distance_and_bounds(wanted: list[float], gap: float) -> None:
    wanted.sort()
    places = spread(wanted, gap, 0, 500)
    assert all(b - a >= gap - 1e-6 for a, b in pairwise(places))
    assert all(-1e-6 <= place <= 500 + 1e-6 for place in places)
    if all(b - a >= gap for a, b in pairwise(wanted)):
        assert places == pytest.approx(wanted)


def test_colliding_places_share_the_push() -> None:
    assert spread([100, 100, 300], 10, 0, 500) == [95, 105, 300]
    assert spread([2, 3], 10, 0, 500) == [0, 10]
    assert spread([499, 499], 10, 0, 500) == [490, 500]


def test_places_without_room_are_an_error() -> None:
    with pytest.raises(ValueError, match="no room for 3"):
        spread([1, 2, 3], 10, 0, 15)


def test_a_text_that_does_not_fit_is_cut_visibly() -> None:
    cut = fitting("a long title that goes on", 80, 13)
    assert cut.endswith("..")
    assert text_width(cut, 13) <= 80
    assert fitting("short", 80, 13) == "short"


def day_labels(count: int, slot: float, size: BarSize = BarSize.DAY) -> list[str]:
    bars = walk(count, size=size)
    times = local_times(bars, size, NEW_YORK)
    return [tick.text for tick in date_ticks(times, slot, 13, intraday=size.intraday)]


def test_few_daily_bars_are_labelled_by_day_more_by_week_many_by_month() -> None:
    assert day_labels(8, 100) == [
        "2 Jan 2024", "3 Jan", "4 Jan", "5 Jan", "8 Jan", "9 Jan", "10 Jan", "11 Jan",
    ]  # fmt: skip
    assert day_labels(30, 30) == ["2 Jan 2024", "8 Jan", "15 Jan", "22 Jan", "29 Jan", "5 Feb", "12 Feb"]
    assert day_labels(250, 3.6)[:4] == ["Jan 2024", "Feb", "Mar", "Apr"]


def test_years_of_weekly_bars_are_labelled_by_year() -> None:
    labels = day_labels(400, 1.2, BarSize.WEEK)
    assert [label for label in labels if label.isdigit()] == labels


def test_intraday_labels_are_in_the_exchanges_zone_and_name_each_new_day() -> None:
    # 26 bars of 15 minutes are the session from 09:30 to 16:00; the walk's opening is 14:30 UTC.
    one_day = day_labels(26, 60, BarSize.MIN_15)
    assert (one_day[0], one_day[1], one_day[-1]) == ("3 Jan 2024", "10:00", "15:45")
    two_days = day_labels(52, 30, BarSize.MIN_15)
    assert [label for label in two_days if "Jan" in label] == ["3 Jan 2024", "4 Jan"]


def test_a_clock_change_moves_the_label_with_the_wall_clock() -> None:
    # The United States changed on 10 March 2024: 14:30 UTC is 09:30 before and 13:30 UTC after.
    winter, summer = datetime(2024, 3, 8, 14, 30, tzinfo=UTC), datetime(2024, 3, 11, 13, 30, tzinfo=UTC)
    assert {t.astimezone(NEW_YORK).time() for t in (winter, summer)} == {
        datetime(2024, 1, 1, 9, 30, tzinfo=UTC).time()
    }
    times = [winter.astimezone(NEW_YORK), (winter + timedelta(minutes=30)).astimezone(NEW_YORK)]
    assert [t.text for t in date_ticks(times, 120, 13, intraday=True)] == ["8 Mar 2024", "10:00"]


@given(count=st.integers(1, 300), slot=st.floats(2.5, 80), size=st.sampled_from(list(BarSize)))
def test_labels_never_touch(count: int, slot: float, size: BarSize) -> None:
    times = local_times(walk(count, size=size), size, NEW_YORK)
    found = date_ticks(times, slot, 13, intraday=size.intraday)
    spans = [
        (
            (t.index + 0.5) * slot - text_width(t.text, 13) / 2,
            (t.index + 0.5) * slot + text_width(t.text, 13) / 2,
        )
        for t in found
    ]
    assert all(a[1] < b[0] for a, b in pairwise(spans))
