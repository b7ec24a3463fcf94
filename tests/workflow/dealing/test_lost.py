"""A desk on an older copy of its database (RF-59): what the broker holds for it is recognised, and nothing
new is sent until a person has looked."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from glassdesk.adapters.database import open_database
from glassdesk.kernel.ids import AccountKind, coid
from glassdesk.workflow.dealing.lost import Lost
from glassdesk.workflow.dealing.telling import Telling
from glassdesk.workflow.dealing.turn import Dealer
from glassdesk.workflow.orders.model import OrderState, Role
from glassdesk.workflow.risk.model import HaltLevel
from tests.workflow.dealing.desk import TestDesk, a_desk, parts_of
from tests.workflow.dealing.makers import MSFT, WINDOW, a_strategy, rules_of
from tests.workflow.dealing.scripted_broker import ACCOUNT

MINUTE = timedelta(minutes=1)


def set_back(desk: TestDesk) -> TestDesk:
    """The same desk at the same broker on a database from before anything was decided."""
    stores = open_database("memory:")
    again = TestDesk(
        stores=stores,
        clock=desk.clock,
        broker=desk.broker,
        parts=parts_of(stores, desk.clock, desk.broker, dedupe_proven=True),
    )
    again.write(lambda t: stores.strategies.add_version(t, a_strategy()))
    again.write(lambda t: stores.contracts.put_rules(t, rules_of(MSFT)))
    again.dealers.append(Dealer(again.parts))
    return again


def a_desk_with_a_bracket() -> tuple[TestDesk, str]:
    """Decided at the evening's slot, sent after the open; with it the entry's client order id."""
    desk = a_desk()
    reservation = desk.reserve_entry()
    desk.run_until(WINDOW + MINUTE)
    return desk, desk.legs(reservation)[Role.ENTRY].ticket.coid


def level(desk: TestDesk) -> HaltLevel:
    return desk.read(lambda t: desk.parts.risk.halt(t).level)


def test_RF_59_newer_orders_are_recognised_by_their_recomputed_ids_and_the_desk_stops() -> None:
    first, entry = a_desk_with_a_bracket()
    desk = set_back(first)
    desk.turn()
    alarms = [one for one in desk.read(desk.stores.outbox.recent) if one.title == "An orphan order"]
    told = " ".join(one.body for one in alarms)
    assert f"carries our mark {entry}" in told
    assert "it is the main order of morning, slot 2024-03-04T21:30:00Z, run " in told
    halt = desk.read(desk.parts.risk.halt)
    assert (halt.level, halt.actor) == (HaltLevel.HALT, "guard:LOST_ORDER")


def test_RF_59_nothing_new_goes_out_until_a_person_resumes_and_the_person_is_not_asked_again() -> None:
    first, _ = a_desk_with_a_bracket()
    desk = set_back(first)
    desk.turn()
    refused = desk.reserve_entry(MSFT)
    desk.run_until(desk.clock.now() + MINUTE)
    entry = desk.legs(refused)[Role.ENTRY]
    assert (entry.state, entry.note) == (OrderState.CANCELLED, "denied at send: KILL_SWITCH")
    desk.restart()
    desk.run_until(desk.clock.now() + MINUTE)
    assert (level(desk), len(desk.broker.placed)) == (HaltLevel.HALT, 1)
    desk.write(lambda t: desk.parts.risk.resume(t, "both orders are known to me", "owner"))
    sent = desk.reserve_entry(MSFT)
    desk.run_until(desk.clock.now() + MINUTE)
    assert desk.legs(sent)[Role.ENTRY].state is OrderState.WORKING
    assert (level(desk), len(desk.broker.placed)) == (HaltLevel.ACTIVE, 2)


def test_RF_59_a_slot_decided_again_has_the_same_order_and_it_is_adopted_not_sent_twice() -> None:
    first = a_desk()
    entry = first.legs(first.reserve_entry())[Role.ENTRY].ticket.coid
    desk = set_back(first)
    again = desk.reserve_entry()
    first.run_until(WINDOW + MINUTE)
    sent = len(desk.broker.placed)
    desk.run_until(WINDOW + 2 * MINUTE)
    order = desk.legs(again)[Role.ENTRY]
    # When it was sent stands in no row here, so it is taken back, not left to work for ever.
    assert (order.ticket.coid, order.broker_order_id) == (entry, "1001")
    assert (order.state, desk.broker.orders["1001"].live) == (OrderState.CANCELLED, False)
    assert (len(desk.broker.placed), level(desk)) == (sent, HaltLevel.ACTIVE)


def test_an_order_of_our_form_that_no_slot_explains_is_told_without_a_guess() -> None:
    first, _ = a_desk_with_a_bracket()
    desk = set_back(first)
    strange = coid(AccountKind.SIMULATED, ACCOUNT, "5b0c4f3e-0000-5000-8000-000000000001")
    row = replace(first.broker.live_orders().rows[0], order_ref=strange)
    lost = Lost(desk.parts, Telling(desk.parts.notifications))
    assert desk.write(lambda t: lost.recognised(t, row)) == ""
    desk.write(lambda t: lost.found(t, row))
    (alarm,) = desk.read(desk.stores.outbox.recent)
    assert f"our mark {strange} and is not in this database. Was" in alarm.body
    assert level(desk) is HaltLevel.HALT
