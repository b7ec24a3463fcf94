"""What the packaged prompts of a decision in three steps say, as it is sent (R-78 to R-84)."""

from __future__ import annotations

import re

import pytest

from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.prompts.lint import whole_sample
from glassdesk.workflow.prompts.model import PromptRef, Rendered
from glassdesk.workflow.signals.flow import PLACES, joined
from tests.workflow.prompts.world import Desk


@pytest.fixture
def sent(desk: Desk, t: Transaction) -> dict[str, Rendered]:
    desk.prompts.seed(t)
    context = whole_sample() | {
        "daily_analysis": PLACES["daily"],
        "weekly_analysis": PLACES["weekly"],
        "supertrend": 95.12,
        "ma20": 99.81,
        "ma50": 98.22,
        "ma200": 93.73,
    }
    names = ("chart-daily", "chart-weekly", "chart-consolidation")
    return {
        name: desk.prompts.render(desk.prompts.resolve(t, PromptRef(name=name)), context) for name in names
    }


def parts(text: str) -> list[tuple[str, str]]:
    return re.findall(r"^(\d)\. (\w[\w ]*?)[:,.] ", text, re.MULTILINE)


def holds(text: str, *words: str) -> None:
    assert [word for word in words if word.lower() not in text.lower()] == []


def test_the_daily_reading_has_six_parts(sent: dict[str, Rendered]) -> None:
    """R-78."""
    text = sent["chart-daily"].user
    assert [name for _, name in parts(text)] == [
        "Price", "Trend", "Confirmation", "Three of four", "Recommendation", "Risk",
    ]  # fmt: skip
    holds(text, "SuperTrend(10, 3) at 95.12", "sma_20 99.81", "sma_50 98.22", "sma_200 93.73", "crossed")
    holds(text, "MACD(12, 26, 9)", "RSI(14)", "ATR(14)", "Bollinger(20, 2)", "volume", "last 20 bars", "OBV")


def test_the_weekly_reading_has_seven_parts(sent: dict[str, Rendered]) -> None:
    """R-80, R-88."""
    text = sent["chart-weekly"].user
    assert [number for number, _ in parts(text)] == list("1234567")
    holds(text, "twelve months", "phase", "Key levels", "10, 20 and 50 weeks", "RSI, MACD", "Bollinger")
    holds(text, "Patterns", "Volume", "Agreement", "30 to 180 days", "supertrend bull")


def test_a_recommendation_has_a_range_a_stop_and_two_targets_with_what_they_rest_on(
    sent: dict[str, Rendered],
) -> None:
    """R-82, R-83: the figures of the bases are computed, not asked for; so are R, size and profit."""
    text = sent["chart-daily"].user
    holds(text, "five levels", "range of entry", "two ATR below", "careful target", "bold one")
    holds(text, "support or resistance", "pattern's projection", "a band", "an average", "volume profile")
    holds(text, "three ATR (107.3)", "retracement of the 55 bars (101.697, 99.75, 97.803)")
    holds(text, "extension (112.488, 118.197)")
    holds(sent["chart-daily"].system, "Size, R and profit are not asked for", "target_1_basis", "strong_bull")


def test_risks_are_asked_for_with_prices_scenarios_and_what_limits_them(sent: dict[str, Rendered]) -> None:
    """R-84."""
    holds(sent["chart-daily"].user, "speaks against it", "scenario", "would turn it", "limits the loss")


def test_the_consolidation_joins_both_readings(sent: dict[str, Rendered]) -> None:
    """R-81: the daily one leads, the weekly one confirms; conflicts, timing, staging and validity."""
    text = joined(sent["chart-consolidation"].user, {"daily": "D", "weekly": "W"})
    holds(text, "```json\nD\n```", "```json\nW\n```", "first reading leads", "weekly one confirms")
    holds(text, "how you resolved it", "when to act", "targets are staged", "how long the decision is valid")


def test_the_three_steps_and_the_one_call_say_the_same_of_the_answers_fields(
    desk: Desk, t: Transaction, sent: dict[str, Rendered]
) -> None:
    one = desk.prompts.preview(desk.prompts.resolve(t, PromptRef(name="chart-analyst"))).system
    systems = {rendered.system for rendered in sent.values()}
    assert len(systems) == 1, "one prefix for all three"
    assert systems.pop().partition("The fields")[2] == one.partition("The fields")[2] != ""
