"""Which state of an order may follow which: the promises behind the table, for every pair."""

from __future__ import annotations

from itertools import product

import pytest

from glassdesk.kernel.errors import Conflict
from glassdesk.workflow.orders.model import OrderState
from glassdesk.workflow.orders.transitions import INITIAL, LEGAL, check

EVERY_PAIR = list(product(OrderState, OrderState))
WATCHED = (OrderState.ABANDONED, OrderState.REJECTED, OrderState.EXPIRED, OrderState.CANCELLED)


def after(state: OrderState) -> set[OrderState]:
    return {follows for before, follows in LEGAL if before is state}


def reachable_from(state: OrderState) -> set[OrderState]:
    found, fresh = {state}, [state]
    while fresh:
        new = after(fresh.pop()) - found
        found |= new
        fresh.extend(new)
    return found


def test_the_check_lets_pass_exactly_the_legal_changes_and_no_change() -> None:
    for before, follows in EVERY_PAIR:
        if before is follows or (before, follows) in LEGAL:
            check(before, follows)
        else:
            with pytest.raises(Conflict, match=f"{before.value} does not become {follows.value}"):
                check(before, follows)


def test_every_state_can_be_reached_and_staying_is_not_listed() -> None:
    assert reachable_from(INITIAL) == set(OrderState)
    assert not any(before is follows for before, follows in LEGAL)


def test_what_was_reserved_reaches_the_broker_through_sending_only() -> None:
    """Nothing is believed to be at the broker that was not marked before the first byte left."""
    assert after(OrderState.RESERVED) == {OrderState.SENDING, OrderState.CANCELLED, OrderState.EXPIRED}


def test_nothing_returns_to_reserved_once_the_broker_has_shown_it() -> None:
    back = {before for before, follows in LEGAL if follows is OrderState.RESERVED}
    assert back == {OrderState.SENDING, OrderState.UNKNOWN}


def test_only_an_order_on_the_wire_or_one_that_was_acknowledged_and_never_shown_becomes_unknown() -> None:
    before = {before for before, follows in LEGAL if follows is OrderState.UNKNOWN}
    assert before == {OrderState.SENDING, OrderState.WORKING}


@pytest.mark.parametrize("state", WATCHED)
def test_a_late_sighting_adopts_an_order_that_was_thought_to_be_over(state: OrderState) -> None:
    assert {OrderState.WORKING, OrderState.FILLED} <= after(state)


def test_a_filled_order_stays_filled() -> None:
    assert after(OrderState.FILLED) == set()


def test_abandoning_takes_a_quorum_or_a_person() -> None:
    assert {before for before, follows in LEGAL if follows is OrderState.ABANDONED} == {
        OrderState.UNKNOWN,
        OrderState.NEEDS_OPERATOR,
    }


def test_a_person_can_resolve_what_needs_one() -> None:
    final = {state for state in OrderState if state.final}
    assert final <= after(OrderState.NEEDS_OPERATOR)


def test_the_broker_holds_what_works_is_filled_in_part_or_is_asked_to_end() -> None:
    holds = {state for state in OrderState if state.at_broker}
    assert holds == {OrderState.WORKING, OrderState.PARTIAL, OrderState.CANCEL_REQUESTED}
    assert not {state for state in holds if state.final}
