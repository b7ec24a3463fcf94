"""How often conditions let an analyst be asked, by the bars of the last year."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from glassdesk.workflow.indicators.compute import compute
from glassdesk.workflow.market_data.model import BarSet, BarSize
from glassdesk.workflow.signals.conditions.model import Conditions
from glassdesk.workflow.signals.conditions.sentences import parse_statement
from glassdesk.workflow.strategies.model import Strategy
from glassdesk.workflow.strategies.outlook import outlook
from glassdesk.workflow.strategies.passing import ALWAYS, passing
from tests.adapters.laws.makers import a_strategy
from tests.workflow.indicators.worlds import bar_set, walk
from tests.workflow.signals.stated import SET
from tests.workflow.strategies.test_outlook import CAPITAL, FREE, NOW, WEEK

NEEDED = 30


def no_longer(bars: BarSet, size: BarSize) -> BarSet:
    raise AssertionError("no longer bars are read")


def stating(sentence: str) -> Strategy:
    made = a_strategy().strategy
    return replace(made, indicators=SET, conditions=Conditions(buy=parse_statement(sentence)))


def test_the_share_is_that_of_the_bars_at_which_the_buy_condition_was_true() -> None:
    sets = [bar_set(walk(120, seed=seed)) for seed in (1, 2)]
    found = passing(stating("close above sma_5"), sets, no_longer, NEEDED)
    above = 0
    for one in sets:
        line = compute(SET, one.bars)
        above += sum(
            float(bar.close) > (line.at("sma_5", at) or 0.0)
            for at, bar in enumerate(one.bars)
            if at >= NEEDED
        )
    assert found.share == Decimal(above) / 180
    assert f"ask at {above} of 180 bars of the last year" in found.why
    week = outlook(stating("close above sma_5"), CAPITAL, WEEK, {}, NOW, cost=FREE, passing=found)
    every = outlook(stating("close above sma_5"), CAPITAL, WEEK, {}, NOW, cost=FREE)
    assert 0 < week.questions_per_month < every.questions_per_month
    assert week.questions_why == found.why


def test_without_conditions_or_bars_every_slot_counts_and_the_latter_is_said() -> None:
    few = [bar_set(walk(NEEDED + 5))]
    assert passing(a_strategy().strategy, few, no_longer, NEEDED) == ALWAYS
    unknown = passing(stating("close above sma_5"), few, no_longer, NEEDED)
    assert (unknown.share, unknown.why.startswith("at most")) == (Decimal(1), True)
