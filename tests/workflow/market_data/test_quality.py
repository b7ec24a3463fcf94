"""Bars are fit to decide on, or the verdict says why not; weeks conserve volume and extremes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest

from glassdesk.workflow.market_data.model import Bar
from glassdesk.workflow.market_data.quality import judge

MONDAY = date(2012, 10, 1)


def bar(day: date, close: str = "10", **changes: str) -> Bar:
    prices = {"open": close, "high": close, "low": close, "close": close, "volume": "100", **changes}
    return Bar(
        start=datetime.combine(day, time(13, 30), tzinfo=UTC),
        session=day,
        **{name: Decimal(value) for name, value in prices.items()},
    )


def week(count: int = 5) -> list[Bar]:
    return [bar(MONDAY + timedelta(days=n)) for n in range(count)]


def test_good_bars_are_fit() -> None:
    assert judge(week(), expected_last=date(2012, 10, 5), expected_sessions=[b.session for b in week()]).fit


@pytest.mark.parametrize(
    ("bars", "word"),
    [
        ([], "no bars"),
        ([bar(MONDAY), bar(MONDAY)], "not in order"),
        ([bar(MONDAY), replace(bar(MONDAY), start=bar(MONDAY).start + timedelta(minutes=1))], "two bars"),
        ([bar(MONDAY, high="9")], "contradicts"),
        ([bar(MONDAY, low="0")], "contradicts"),
        ([bar(MONDAY, volume="-1")], "contradicts"),
        ([bar(MONDAY, close="NaN")], "contradicts"),
    ],
)
def test_bad_bars_are_named(bars: list[Bar], word: str) -> None:
    verdict = judge(bars, expected_last=MONDAY, expected_sessions=())
    assert word in verdict.problems[0]


def test_an_old_last_bar_is_a_problem() -> None:
    verdict = judge(week(4), expected_last=date(2012, 10, 5), expected_sessions=())
    assert "2012-10-04" in verdict.problems[0]
    assert "2012-10-05" in verdict.problems[0]


def test_gaps_and_jumps_are_noted_not_refused() -> None:
    bars = [bar(MONDAY), bar(MONDAY + timedelta(days=2), close="3")]
    sessions = [MONDAY + timedelta(days=n) for n in range(3)]
    verdict = judge(bars, expected_last=sessions[-1], expected_sessions=sessions)
    assert verdict.fit
    assert len(verdict.notes) == 2


def test_bars_without_a_trade_and_outliers_are_noted() -> None:
    bars = [bar(MONDAY + timedelta(days=n), high="10.1", low="9.9") for n in range(30)]
    bars[4] = bar(bars[4].session, high="30", low="1")
    bars[7] = bar(bars[7].session, volume="0")
    verdict = judge(bars, expected_last=bars[-1].session, expected_sessions=())
    assert verdict.fit
    assert verdict.notes == (
        f"1 bar(s) without a trade, last {bars[7].session}",
        f"1 bar(s) with 10 times the usual range, last {bars[4].session}",
    )
