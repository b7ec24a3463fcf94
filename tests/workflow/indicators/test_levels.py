"""Levels (pivots, Fibonacci, volume profile, anchored VWAP) against definitions written out bar by bar."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import date

import numpy as np
import pytest

from glassdesk.workflow.indicators.compute import compute
from glassdesk.workflow.indicators.model import IndicatorSet, IndicatorSpec
from glassdesk.workflow.indicators.periods import PERIODS, begins
from glassdesk.workflow.indicators.presets import spec
from glassdesk.workflow.market_data.model import Bar, BarSize
from tests.workflow.indicators.worlds import bar, walk

Row = list[float | None]


def rows(bars: Sequence[Bar], wanted: IndicatorSpec) -> list[Row]:
    return [list(line.values) for line in compute(IndicatorSet(name="x", indicators=(wanted,)), bars).lines]


def agree(ours: Row, theirs: Row) -> None:
    assert [value is None for value in ours] == [value is None for value in theirs]
    np.testing.assert_allclose(
        [v for v in ours if v is not None], [v for v in theirs if v is not None], rtol=1e-9
    )


def month(day: date) -> tuple[int, int]:
    return day.year, day.month


KEYS: dict[str, Callable[[date], object]] = {
    "session": lambda day: day,
    "week": lambda day: day.isocalendar()[:2],
    "month": month,
    "quarter": lambda day: (day.year, (day.month - 1) // 3),
    "year": lambda day: day.year,
}


@pytest.mark.parametrize("period", PERIODS)
def test_a_period_begins_where_the_calendar_says(period: str) -> None:
    bars = walk(800, size=BarSize.DAY)
    key = KEYS[period]
    expected = [i for i in range(1, 800) if key(bars[i].session) != key(bars[i - 1].session)]
    days = np.array([b.session.toordinal() for b in bars])
    assert begins(days, period).tolist() == expected


def test_pivots_are_the_published_formulas_of_the_month_before() -> None:
    bars = walk(200, seed=2)
    found = dict(zip(("r3", "r2", "r1", "p", "s1", "s2", "s3"), rows(bars, spec("pivots")), strict=True))
    months = sorted({month(b.session) for b in bars})
    expected: dict[str, Row] = defaultdict(list)
    for b in bars:
        before = months.index(month(b.session)) - 1
        if before < 1:  # the first month was cut off
            levels = dict.fromkeys(found)
        else:
            group = [x for x in bars if month(x.session) == months[before]]
            high, low = (float(f(getattr(x, n) for x in group)) for f, n in ((max, "high"), (min, "low")))
            p = (high + low + float(group[-1].close)) / 3
            levels = {
                "p": p,
                "r1": 2 * p - low,
                "s1": 2 * p - high,
                "r2": p + (high - low),
                "s2": p - (high - low),
                "r3": 2 * p + (high - 2 * low),
                "s3": 2 * p - (2 * high - low),
            }
        for name, value in levels.items():
            expected[name].append(value)
    for name, row in found.items():
        agree(row, expected[name])
    assert sum(value is not None for value in found["p"]) > 100


RATIOS = (0, 0.236, 0.382, 0.5, 0.618, 0.786, 1)


def swing(values: Sequence[float], at: int, left: int, right: int) -> bool:
    """`ta.pivothigh`: above all to the left, not below any to the right."""
    before, after = values[at - left : at], values[at + 1 : at + right + 1]
    return (
        len(before) == left and len(after) == right and values[at] > max(before) and values[at] >= max(after)
    )


@pytest.mark.parametrize(("left", "right"), [(10, 5), (3, 3), (2, 1)])
def test_fibonacci_levels_come_from_confirmed_swings_only(left: int, right: int) -> None:
    bars = walk(200, seed=8, swing=0.03)
    highs, lows = [float(b.high) for b in bars], [-float(b.low) for b in bars]
    found = rows(bars, spec("fib", left=left, right=right))
    expected: list[Row] = [[] for _ in found]
    for now in range(200):
        known = range(now - right + 1)
        tops = [i for i in known if swing(highs[: now + 1], i, left, right)]
        bottoms = [i for i in known if swing(lows[: now + 1], i, left, right)]
        values: Row = [None] * 8
        if tops and bottoms and highs[tops[-1]] > -lows[bottoms[-1]]:
            up = tops[-1] >= bottoms[-1]
            top, bottom = highs[tops[-1]], -lows[bottoms[-1]]
            end, start = (top, bottom) if up else (bottom, top)
            values = [*(end + r * (start - end) for r in RATIOS), 1 if up else -1]
        for row, value in zip(expected, values, strict=True):
            row.append(value)
    for ours, theirs in zip(found, expected, strict=True):
        agree(ours, theirs)
    assert {-1.0, 1.0} <= set(found[-1])


def test_a_swing_is_not_known_before_the_bars_that_confirm_it() -> None:
    lows = [50, 49, 48, 47, 40, 47, 48, 49, 50, 60, 50, 49, 48]
    bars = [bar(i, low=str(n), high=str(n + 1), close=str(n)) for i, n in enumerate(lows)]
    level, way = (rows(bars, spec("fib", left=2, right=2))[i] for i in (0, 7))
    assert level[:11] == [None] * 11, "the high of bar 10 is confirmed by bars 11 and 12"
    assert (level[11], way[11]) == (61.0, 1.0)


def profile(bars: Sequence[Bar], percent: float, part: float) -> tuple[float, float, float]:
    """High, busiest price and low of the value area, with dictionaries and loops."""
    height = math.log1p(percent / 100)
    volumes: dict[int, float] = defaultdict(float)
    for b in bars:
        low, high = math.log(float(b.low)) / height, math.log(float(b.high)) / height
        for row in range(math.floor(low), math.floor(high) + 1):
            inside = min(high, row + 1) - max(low, row)
            volumes[row] += float(b.volume) * (inside / (high - low) if high > low else 1)
    top = min(row for row, volume in volumes.items() if volume == max(volumes.values()))
    low_row = high_row = top
    held, wanted = volumes[top], part / 100 * sum(volumes.values())
    while held < wanted:
        above, below = volumes.get(high_row + 1, -1), volumes.get(low_row - 1, -1)
        if above >= below:
            high_row, held = high_row + 1, held + max(above, 0)
        else:
            low_row, held = low_row - 1, held + max(below, 0)
    price = [math.exp(at * height) for at in (high_row + 1, top + 0.5, low_row)]
    return price[0], price[1], price[2]


@pytest.mark.parametrize(("length", "row", "area"), [(100, 1, 70), (30, 0.25, 70), (20, 5, 40)])
def test_the_profile_is_the_one_counted_by_hand(length: int, row: float, area: float) -> None:
    bars = walk(160, seed=7, swing=0.02)
    found = rows(bars, spec("vp", length=length, row=row, area=area))
    for now in (length - 1, length, 130, 159):
        expected = profile(bars[now - length + 1 : now + 1], row, area)
        assert [line[now] for line in found] == [pytest.approx(value, rel=1e-9) for value in expected]
    assert [line[length - 2] for line in found] == [None] * 3


def test_the_profile_of_no_volume_is_none_and_of_one_price_is_its_row() -> None:
    silent = [bar(i, low="10", high="10", close="10", volume=0) for i in range(4)]
    assert [row[-1] for row in rows(silent, spec("vp", length=3))] == [None] * 3
    still = [bar(i, low="10", high="10", close="10") for i in range(4)]
    high, middle, low = (row[-1] or 0 for row in rows(still, spec("vp", length=3)))
    assert low <= 10 < high
    assert high / low == pytest.approx(1.01)
    assert low < middle < high


def test_vwap_begins_with_the_first_period_inside_the_bars() -> None:
    bars = walk(26, size=BarSize.MIN_30, seed=3)
    days = sorted({b.session for b in bars})
    row = rows(bars, spec("vwap", anchor=PERIODS.index("session")))[0]
    second = [b for b in bars if b.session == days[1]]
    money = sum(float((b.high + b.low + b.close) / 3 * b.volume) for b in second)
    assert row[len(bars) - 1] == pytest.approx(money / float(sum(b.volume for b in second)))
    assert row[: len(bars) - len(second)] == [None] * (len(bars) - len(second))
