"""The facts agree with themselves: every example has the shape that is written beside it."""

from typing import Any

import pytest

from tests.facts import (
    contracts,
    market_data,
    order_tracking,
    orders,
    portfolio,
    positions,
    session,
    websocket,
)
from tests.facts.shapes import Fact, same_shape

MODULES = (session, contracts, market_data, orders, order_tracking, positions, portfolio, websocket)
FACTS = [fact for module in MODULES for fact in module.FACTS]


@pytest.mark.parametrize("fact", [f for f in FACTS if f.example is not None], ids=lambda fact: fact.name)
def test_an_example_has_its_own_shape(fact: Fact) -> None:
    assert same_shape(fact, fact.example) == []


@pytest.mark.parametrize(
    ("shape", "value", "difference"),
    [
        ({"a": "int"}, {}, "answer.a: missing"),
        ({"a?": "int"}, {"b": 1}, "answer.b: not a known key"),
        ({"a": "int"}, {"a": "1"}, "answer.a: int expected, got '1'"),
        ({"a": "int"}, {"a": True}, "answer.a: int expected, got True"),
        ({"a": "int"}, {"a": None}, "answer.a: int expected, got None"),
        ({"a": ["text"]}, {"a": ["x", 1]}, "answer.a[1]: text expected, got 1"),
        ([{"a": "flag"}], {"a": True}, "answer: a list expected, got dict"),
        ({"a": {"b": "text"}}, {"a": []}, "answer.a: an object expected, got list"),
    ],
)
def test_a_difference_is_named_with_its_place(shape: Any, value: Any, difference: str) -> None:
    assert same_shape(shape, value) == [difference]


@pytest.mark.parametrize(
    ("shape", "value"),
    [
        ({"a": "text|null"}, {"a": None}),
        ({"a": "number"}, {"a": 1}),
        ({"a": "number"}, {"a": 1.5}),
        ({"a?": "int"}, {}),
        ({"*": "int"}, {"x": 1, "y": 2}),
        ("any", object()),
    ],
)
def test_what_the_notes_allow_is_no_difference(shape: Any, value: Any) -> None:
    assert same_shape(shape, value) == []


def test_names_of_facts_are_unique() -> None:
    names = [fact.name for fact in FACTS]
    assert len(names) == len(set(names))
