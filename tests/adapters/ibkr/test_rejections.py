"""Only texts in the table are final (`design.md` §4)."""

import pytest

from glassdesk.adapters.ibkr.rejections import (
    TABLE,
    is_duplicate,
    is_final,
    is_refused_cancel,
    is_unprimed,
)

SINGLE = [
    "No trading permissions.",
    "Your account has a minimum of 15 orders working on either the buy or sell side for this contract",
    "invalid order price fields",
    "invalid order attribute : Outside Regular Trading Hours",
    "We cannot accept an order at the limit price you selected. Please submit closer to the market.",
    "The price does not conform to the minimum price variation for this contract.",
    "YOUR ORDER IS NOT ACCEPTED. YOUR EQUITY WITH LOAN VALUE [1 USD] MUST EXCEED THE INITIAL MARGIN [2 USD]",
    "The available settled cash to place this order is 10.00 USD.",
]
WHOLE = {SINGLE[0], SINGLE[6], SINGLE[7]}


@pytest.mark.parametrize("text", SINGLE)
def test_a_known_text_is_final_for_a_single_order(text: str) -> None:
    assert is_final(text, bracket=False)


@pytest.mark.parametrize("text", SINGLE)
def test_for_a_bracket_only_a_text_about_account_or_parent_is_final(text: str) -> None:
    assert is_final(text, bracket=True) is (text in WHOLE)


def test_every_entry_of_the_table_is_met_by_an_example_and_says_where_it_is_from() -> None:
    assert len(TABLE) == len(SINGLE)
    for entry in TABLE:
        assert any(entry.pattern.search(text) for text in SINGLE)
        assert entry.source


@pytest.mark.parametrize(
    "text",
    [
        "",
        "java.lang.Exception: boom",
        "Order not confirmed",
        "Internal Server Error",
        "Bad Request: no bridge",
        "timeout",
    ],
)
def test_anything_else_is_not_final(text: str) -> None:
    assert not is_final(text, bracket=False)


def test_the_texts_with_a_meaning_of_their_own_are_told_apart() -> None:
    assert is_duplicate("Order couldn't be submitted: Local order ID=gd1s is already registered.")
    assert not is_duplicate("Local order ID missing")
    assert is_unprimed("please query /accounts first")
    assert is_unprimed("Bad Request: Please query /accounts first")
    assert is_refused_cancel("OrderID 1 doesn't exist")
    assert is_refused_cancel("Order is inactive")
    assert not is_refused_cancel("Bad Request")
