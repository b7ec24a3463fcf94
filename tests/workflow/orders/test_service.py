"""Verbs of orders: approved, declined or withdrawn before the send; found by name; every change audited."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from glassdesk.kernel.errors import Conflict, InvalidInput, NotFound
from glassdesk.workflow.orders.bracket import Reservation, bracket, exit_order
from glassdesk.workflow.orders.model import IntentState, OrderState, Role
from glassdesk.workflow.orders.service import Orders
from glassdesk.workflow.orders.switches import Switches, told
from tests.workflow.dealing.desk import TestDesk, a_desk
from tests.workflow.dealing.makers import MSFT, WINDOW
from tests.workflow.orders.test_bracket import a_decision


def waiting(state: IntentState = IntentState.AWAITING_APPROVAL) -> tuple[TestDesk, Orders, Reservation]:
    desk = a_desk()
    return desk, desk.parts.orders, desk.reserve_entry(state=state)


def states(desk: TestDesk, made: Reservation) -> set[IntentState]:
    run = made.intents[0].run
    return {state for _, state in desk.read(lambda t: desk.parts.orders.intents(t, run=run))}


def audited(desk: TestDesk) -> list[tuple[str, str]]:
    return [(one.actor, one.kind) for one in desk.read(desk.stores.audit.entries)]


def test_reserving_the_same_again_is_harmless_and_told_once() -> None:
    desk, orders, made = waiting()
    desk.write(lambda t: orders.reserve(t, made, state=IntentState.AWAITING_APPROVAL))
    assert audited(desk).count(("worker", "intent.reserved")) == 1
    refs = [one.ref for one in desk.read(desk.stores.audit.entries) if one.kind == "intent.reserved"]
    assert refs == [f"intent:{made.intents[0].intent}"]
    assert len(desk.read(orders.intents)) == len(desk.read(orders.orders)) == 3


def test_a_no_ends_all_legs_and_none_is_sent() -> None:
    desk, orders, made = waiting()
    desk.write(lambda t: orders.decline(t, made.intents[0].intent, "owner"))
    assert states(desk, made) == {IntentState.CANCELLED}
    legs = desk.legs(made).values()
    assert {(leg.state, leg.note) for leg in legs} == {(OrderState.CANCELLED, "declined by owner")}
    assert audited(desk).count(("owner", "intent.cancelled")) == 1
    assert audited(desk).count(("dealer", "order.cancelled")) == 3
    with pytest.raises(Conflict):
        desk.write(lambda t: orders.decline(t, made.intents[0].intent, "owner"))


def test_only_what_waits_for_a_person_is_declined() -> None:
    desk, orders, made = waiting(IntentState.QUEUED)
    with pytest.raises(Conflict, match="the intent is queued"):
        desk.write(lambda t: orders.decline(t, made.intents[0].intent, "owner"))
    assert states(desk, made) == {IntentState.QUEUED}


@pytest.mark.parametrize("state", [IntentState.AWAITING_APPROVAL, IntentState.QUEUED])
def test_what_waits_is_withdrawn_with_its_legs(state: IntentState) -> None:
    desk, orders, made = waiting(state)
    desk.write(lambda t: orders.cancel_intent(t, made.intents[0].intent, "owner"))
    assert states(desk, made) == {IntentState.CANCELLED}
    legs = desk.legs(made).values()
    assert {(leg.state, leg.note) for leg in legs} == {(OrderState.CANCELLED, "cancelled by owner")}
    with pytest.raises(Conflict, match="the intent is cancelled"):
        desk.write(lambda t: orders.cancel_intent(t, made.intents[0].intent, "owner"))


def test_what_expires_before_the_send_ends_as_expired_and_what_went_out_is_left() -> None:
    desk, orders, made = waiting(IntentState.QUEUED)
    entry = desk.legs(made)[Role.ENTRY]
    desk.write(lambda t: orders.move(t, entry, replace(entry, state=OrderState.SENDING), lease=None))
    desk.write(lambda t: orders.end(t, made.intents[0], IntentState.EXPIRED, "too late", actor="dealer"))
    assert states(desk, made) == {IntentState.EXPIRED}
    legs = desk.legs(made)
    assert legs[Role.ENTRY].state is OrderState.SENDING
    assert {legs[one].state for one in (Role.STOP, Role.TARGET)} == {OrderState.EXPIRED}
    assert ("dealer", "intent.expired") in audited(desk)


def test_a_row_moves_through_the_states_between_and_each_is_told() -> None:
    desk, orders, made = waiting(IntentState.QUEUED)
    entry = desk.legs(made)[Role.ENTRY]
    moved = desk.write(lambda t: orders.move(t, entry, replace(entry, state=OrderState.WORKING), lease=None))
    assert (moved.state, desk.legs(made)[Role.ENTRY]) == (OrderState.WORKING, moved)
    assert [kind for _, kind in audited(desk)][-2:] == ["order.sending", "order.working"]
    told_before = len(audited(desk))
    desk.write(lambda t: orders.move(t, moved, replace(moved, filled=Decimal(4)), lease=None))
    assert (desk.legs(made)[Role.ENTRY].filled, len(audited(desk))) == (Decimal(4), told_before)


def test_an_intent_is_called_by_its_name_or_eight_characters_of_it() -> None:
    desk, orders, made = waiting()
    name = made.intents[0].intent
    for said in (name, name[:9], name.replace("-", "")[:8], name[:8]):
        found, state = desk.read(lambda t, said=said: orders.intent(t, said))  # type: ignore[misc]
        assert (found, state) == (made.intents[0], IntentState.AWAITING_APPROVAL)
    for said in (name[:7], "00000000", name[:12] + "x"):
        with pytest.raises(NotFound):
            desk.read(lambda t, said=said: orders.intent(t, said))  # type: ignore[misc]


def test_an_order_is_called_by_its_name_its_client_id_or_the_beginning_of_one() -> None:
    desk, orders, made = waiting()
    entry = desk.legs(made)[Role.ENTRY]
    assert desk.read(lambda t: orders.order(t, entry.order)) == entry
    assert desk.read(lambda t: orders.order(t, entry.coid)) == entry
    assert desk.read(lambda t: orders.order(t, entry.order[:8])) == entry
    with pytest.raises(NotFound, match="no order is called 'nothing-like-it'"):
        desk.read(lambda t: orders.order(t, "nothing-like-it"))


def test_what_names_two_names_none() -> None:
    desk, orders, made = waiting()
    # All client ids of one account begin alike.
    with pytest.raises(InvalidInput, match="names 3 orders"):
        desk.read(lambda t: orders.order(t, made.orders[0].coid[:4]))


def test_orders_are_found_by_state_strategy_contract_and_run() -> None:
    desk, orders, made = waiting(IntentState.QUEUED)
    desk.at(desk.clock.now() + timedelta(minutes=1))
    other = desk.reserve_entry(MSFT)
    run = other.intents[0].run
    assert {one.run for one in desk.read(lambda t: orders.orders(t, run=run))} == {run}
    assert {one.conid for one in desk.read(lambda t: orders.orders(t, conid=MSFT))} == {MSFT}
    assert desk.read(lambda t: orders.orders(t, strategy="evening")) == []
    assert desk.read(lambda t: orders.orders(t, states=[OrderState.WORKING])) == []
    assert len(desk.read(lambda t: orders.orders(t, limit=4))) == 4
    assert desk.read(lambda t: orders.sends(t, made.orders[0].order)) == []


def test_a_yes_is_too_late_from_the_second_in_which_the_window_closes() -> None:
    desk, orders, made = waiting()
    closes = made.intents[0].window_closes
    assert closes > WINDOW
    desk.at(closes - timedelta(seconds=1))
    desk.write(lambda t: orders.approve(t, made.intents[0].intent, "owner"))
    assert states(desk, made) == {IntentState.QUEUED}
    late, orders_of_late, other = waiting()
    late.at(closes)
    with pytest.raises(Conflict, match="the entry window is over"):
        late.write(lambda t: orders_of_late.approve(t, other.intents[0].intent, "owner"))


def test_a_yes_is_given_once_to_what_waits_and_stands_in_the_audit_with_what_was_approved() -> None:
    desk, orders, made = waiting()
    main = made.intents[0]
    exact = desk.read(lambda t: orders.payload(t, main))
    desk.write(lambda t: orders.approve(t, main.intent, "owner", payload=exact))
    given = desk.read(lambda t: orders.approval(t, main.intent))
    assert given is not None
    assert (given.payload_sha256, given.actor) == (exact, "owner")
    [row] = [one for one in desk.read(desk.stores.audit.entries) if one.kind == "intent.approved"]
    assert (row.actor, row.ref) == ("owner", f"intent:{main.intent}")
    assert json.loads(row.body)["payload"] == exact
    with pytest.raises(Conflict, match="the intent is queued"):
        desk.write(lambda t: orders.approve(t, main.intent, "another"))


def test_a_reserved_leg_was_never_sent() -> None:
    desk, _, made = waiting()
    rows = desk.legs(made).values()
    assert {(leg.sends, leg.last_sent_at, leg.filled, leg.broker_order_id) for leg in rows} == {
        (0, None, Decimal(0), None)
    }


@pytest.mark.parametrize(
    ("stop", "entry", "target"),
    [("171", "171", "190"), ("165", "171", "171"), ("0", "171", "190"), ("-1", "171", "190")],
)
def test_levels_that_touch_are_not_in_order(stop: str, entry: str, target: str) -> None:
    with pytest.raises(InvalidInput, match="are not in order"):
        bracket(a_decision(entry_high=Decimal(entry)), stop=Decimal(stop), target=Decimal(target))


def test_a_negative_number_of_shares_is_none_and_an_atr_of_nothing_parks_nothing() -> None:
    with pytest.raises(InvalidInput, match="no number of whole shares"):
        bracket(a_decision(Decimal(-1)), stop=Decimal(165), target=None)
    with pytest.raises(InvalidInput, match="nothing to sell"):
        exit_order(a_decision(Decimal(-1), entry_high=None), target_order=None)
    with pytest.raises(InvalidInput, match="no ATR"):
        bracket(a_decision(atr=Decimal(0)), stop=Decimal(165), target=None)


def test_only_the_target_of_a_bracket_is_parked_and_only_its_entry_has_the_terms() -> None:
    made = bracket(a_decision(), stop=Decimal(165), target=None)
    assert [(one.parking, one.terms is None) for one in made.intents] == [
        (False, False),
        (False, True),
        (True, True),
    ]
    assert [one.parent for one in made.intents] == [None, made.intents[0].intent, made.intents[0].intent]


@pytest.mark.parametrize(
    ("settings", "again", "named"),
    [
        ({}, False, False),
        ({"duplicate_coid": "200", "duplicate_scope": "ever", "child_coid": "kept"}, True, True),
        ({"duplicate_coid": "400", "duplicate_scope": "24h", "child_coid": "dropped"}, True, False),
        ({"duplicate_coid": "400", "duplicate_scope": "working"}, False, False),
        ({"duplicate_coid": "off", "duplicate_scope": "ever"}, False, False),
        ({"no_such": "200"}, False, False),
    ],
)
def test_T_60_what_the_answers_of_the_probe_allow(settings: dict[str, str], again: bool, named: bool) -> None:
    switches = told(settings, None)
    assert (switches.may_send_again, switches.sends_child_coid, switches.may_remedy) == (again, named, False)
    assert told(settings, WINDOW).may_remedy
    assert Switches() == told({}, None)
