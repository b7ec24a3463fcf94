"""Conditions in strategy files: exact in both directions, and refused by place."""

from dataclasses import replace

import pytest
from hypothesis import given, settings

from glassdesk.adapters.bundles import dump_strategy
from glassdesk.kernel.canonical import canonical_text, decode_text, digest
from glassdesk.workflow.signals.conditions.model import Conditions, Group, GroupKind
from glassdesk.workflow.signals.conditions.sentences import parse_statement
from glassdesk.workflow.strategies.model import Strategy
from tests.adapters.bundles.test_strategy_files import SMALL, read, refusal
from tests.workflow.signals.stated import both


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
