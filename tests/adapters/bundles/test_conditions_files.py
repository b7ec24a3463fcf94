"""Conditions in strategy files: exact in both directions, and refused by place."""

import re
from dataclasses import replace

import pytest
from hypothesis import given, settings

from glassdesk.adapters.bundles import dump_strategy
from glassdesk.kernel.canonical import canonical_text, decode_text, digest
from glassdesk.workflow.signals.conditions.model import Conditions, Group, GroupKind
from glassdesk.workflow.signals.conditions.sentences import parse_statement
from glassdesk.workflow.strategies.checks import bars_needed, problems
from glassdesk.workflow.strategies.model import DecisionBar, Strategy
from tests.adapters.bundles.test_strategy_files import SMALL, read, refusal
from tests.architecture.source import ROOT
from tests.workflow.signals.stated import both

HOW_TO = (ROOT / "docs/how-to/state-conditions.md").read_text(encoding="utf-8")
BLOCKS: list[str] = [
    one for one in re.findall(r"```yaml\n(.*?)```", HOW_TO, re.DOTALL) if "conditions:" in one
]


def stating(text: str) -> str:
    return f"{SMALL}conditions: {text}\n"


@given(conditions=both)
@settings(deadline=None, max_examples=60)
def test_any_conditions_survive_their_file_exactly(conditions: Conditions) -> None:
    strategy = replace(read(SMALL), conditions=conditions)
    text = dump_strategy(strategy)
    again = read(text)
    assert again == strategy
    assert digest(again) == digest(strategy)
    assert dump_strategy(again) == text
    assert decode_text(Strategy, canonical_text(strategy)) == strategy


def test_a_list_means_all_of_it_and_a_sentence_stands_for_itself() -> None:
    found = read(stating("{buy: [rsi(2) < 10, close above 5], sell: rsi_2 above 70}")).conditions
    parts = (parse_statement("rsi_2 below 10"), parse_statement("close above 5"))
    assert found == Conditions(
        buy=Group(kind=GroupKind.ALL, of=parts), sell=parse_statement("rsi_2 above 70")
    )


@pytest.mark.parametrize("empty", ["null", "{}", "{buy: null}"])
def test_conditions_that_state_nothing_are_none(empty: str) -> None:
    assert read(stating(empty)).conditions is None
    assert digest(read(stating(empty))) == digest(read(SMALL))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{buys: close above 1}", "conditions.buys: there is no field 'buys' (did you mean buy?)"),
        ("{buy: {al: [close above 1]}}", "conditions.buy.al: there is no field 'al' (did you mean all?)"),
        ("{buy: {any: []}}", "conditions.buy.any"),
        ("{buy: []}", "conditions.buy"),
        ("{buy: 3}", "conditions.buy: 3 does not fit: it must be a statement, a list or a group"),
        ("{buy: {all: [3]}}", "conditions.buy.all[0]: 3 does not fit: it must be a statement or a group"),
        ("{buy: {at_least: 3, of: [close above 1]}}", "conditions.buy.at_least: 3 of 1 can never be true"),
        ("{buy: {at_least: 0, of: [close above 1]}}", "conditions.buy.at_least: 0 does not fit"),
        ("{buy: {at_least: 1}}", "conditions.buy: this is no group (one of all, any, not, or at_least"),
        ("{buy: {of: [close above 1]}}", "conditions.buy: this is no group"),
        ("{buy: {all: [close above 1], any: [close above 1]}}", "conditions.buy: this is no group"),
        ("{sell: {not: {not: close belov 1}}}", "conditions.sell.not.not: 'close belov 1' is no statement"),
        (f"{{buy: [{', '.join(['close above 1'] * 13)}]}}", "conditions.buy"),
        (f"{{buy: {'{not: ' * 8}close above 1{'}' * 8}}}", "nested too deeply"),
    ],
)
def test_what_is_wrong_is_named_by_its_place(text: str, told: str) -> None:
    assert told in refusal(stating(text))


def test_the_bars_of_conditions_are_counted_into_the_strategys() -> None:
    """RSI(2) needs three, a cross one more, a bar that is still open one more."""
    strategy = replace(read(stating("{buy: rsi_2 30 bars ago crosses above 10}")), weekly=True)
    running = replace(strategy, decision_bar=DecisionBar.SO_FAR)
    assert (bars_needed(strategy), bars_needed(running)) == (34, 35)
    weekly = read(stating("{buy: weekly rsi_2 rising over 2 bars}"))
    assert bars_needed(weekly) == 6 * 5 + 4
    assert [str(one) for one in problems(replace(weekly, history=33)) if one.where == "history"] == [
        "history: 33 bars do not fit (its indicators and conditions need 34, at most 1000 can be read)"
    ]


def test_the_rule_conditions_needs_something_to_buy_by() -> None:
    text = SMALL.replace("rule: rsi2_reversion, params: {entry: 10}", "rule: conditions")
    assert "conditions.buy" in [one.where for one in problems(read(text))]
    assert "conditions.buy" in [
        one.where for one in problems(read(text + "conditions: {sell: rsi_2 above 70}\n"))
    ]
    assert "conditions.buy" not in [
        one.where for one in problems(read(text + "conditions: {buy: rsi_2 above 70}\n"))
    ]


@pytest.mark.parametrize("block", BLOCKS)
def test_what_the_how_to_shows_can_be_read(block: str) -> None:
    kinds = (
        "sma, length: 20|sma, length: 50|sma, length: 200|rsi, length: 2|rsi, length: 14|donchian, length: 20"
    )
    listed = ", ".join(f"{{kind: {one}}}" for one in (*kinds.split("|"), "macd"))
    before, _, after = SMALL.partition("indicators: ")
    text = f"{before}indicators: [{listed}]\n{after.partition(chr(10))[2]}{block}"
    strategy = read(text)
    assert strategy.conditions is not None
    assert [one.where for one in problems(strategy) if one.where.startswith("conditions")] == []
