"""A yes is for one exact order: what is about to be sent is held against it, leg by leg."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from glassdesk.kernel.errors import Conflict
from glassdesk.workflow.orders.approval import approved, declined, payload, require_same, unfit
from glassdesk.workflow.orders.bracket import Reservation, bracket
from glassdesk.workflow.orders.model import Approval, IntentState, Order, Role
from tests.workflow.orders.test_bracket import a_decision

AT = datetime(2024, 3, 5, 14, 35, tzinfo=UTC)


def a_bracket() -> Reservation:
    return bracket(a_decision(), stop=Decimal(165), target=Decimal(177))


def a_yes(made: Reservation) -> Approval:
    exact = payload(made.intents, {order.intent: order for order in made.orders})
    return Approval(intent=made.intents[0].intent, payload_sha256=exact, actor="owner", approved_at=AT)


def changed(made: Reservation, role: Role, **words: object) -> list[Order]:
    def leg(order: Order) -> Order:
        ticket = replace(order.ticket, **words)  # type: ignore[arg-type]  # the fields' own types, by name
        return replace(order, ticket=ticket) if order.role is role else order

    return [leg(order) for order in made.orders]


def test_what_was_approved_may_go_out_and_its_entry_cheaper() -> None:
    made = a_bracket()
    entry = made.orders[0].ticket.price or Decimal(0)
    assert unfit(a_yes(made), made.intents, made.orders) == ""
    assert unfit(a_yes(made), made.intents, changed(made, Role.ENTRY, price=entry - 1)) == ""


@pytest.mark.parametrize("role", [Role.ENTRY, Role.STOP, Role.TARGET])
@pytest.mark.parametrize("words", [{"price": Decimal(999)}, {"quantity": Decimal(99)}])
def test_any_leg_that_is_not_as_it_was_approved_is_named(role: Role, words: dict[str, object]) -> None:
    made = a_bracket()
    why = f"the {role.value} is not the one that was approved"
    assert unfit(a_yes(made), made.intents, changed(made, role, **words)) == why


def test_a_child_may_not_be_cheaper_either() -> None:
    made = a_bracket()
    why = "the stop is not the one that was approved"
    assert unfit(a_yes(made), made.intents, changed(made, Role.STOP, price=Decimal(1))) == why


def test_another_order_is_not_the_one_that_was_approved() -> None:
    made = a_bracket()
    other = replace(a_yes(made), payload_sha256="0" * 64)
    assert unfit(other, made.intents, made.orders) == "another order was approved"
    outside = changed(made, Role.STOP, outside_rth=True)
    assert unfit(a_yes(made), made.intents, outside) == "another order was approved"
    with pytest.raises(Conflict, match="not the order that the page showed"):
        require_same("a", "b")


@pytest.mark.parametrize("state", [one for one in IntentState if one is not IntentState.AWAITING_APPROVAL])
def test_what_does_not_wait_takes_neither_yes_nor_no(state: IntentState) -> None:
    intent = a_bracket().intents[0]
    with pytest.raises(Conflict, match=f"the intent is {state.value}"):
        approved(intent, state, now=intent.window_opens)
    with pytest.raises(Conflict, match=f"the intent is {state.value}"):
        declined(state)
