"""Orders that were accepted: F-55 to F-61, F-63, F-64."""

from decimal import Decimal

from glassdesk.workflow.dealing.model import CommandKind
from glassdesk.workflow.notifications.model import Severity
from glassdesk.workflow.orders.model import IntentState, OrderState, Role
from glassdesk.workflow.positions.protection import ProtectionState
from tests.faults.conftest import Make
from tests.faults.looking import live_stops, orders_sent, owned, protection, told
from tests.faults.stage import ACCOUNT, IBM, MINUTE, SECOND, Stage


def asked_by_id(stage: Stage) -> int:
    return stage.asked("/iserver/account/order/status", "GET")


def test_F_55_stuck_in_pendingsubmit(make: Make) -> None:
    stage = make(poll=6 * SECOND)
    stage.run(10 * SECOND)
    stage.arm(55)
    reservation = stage.reserve_entry()
    stage.run(100 * SECOND)
    assert stage.entry_state(reservation) is OrderState.WORKING
    assert [one.state for one in stage.entries()] == ["live"]
    before = asked_by_id(stage)
    stage.run(2 * MINUTE)
    # A bounded wait, one look by its id, one cancel, an alarm, and no second order.
    assert asked_by_id(stage) > before
    assert told(stage, "An order is stuck") is Severity.ALARM
    assert stage.entry_state(reservation) is OrderState.CANCELLED
    assert [(one.state, one.filled) for one in stage.entries()] == [("cancelled", 0)]
    stage.run(3 * MINUTE)
    assert orders_sent(stage) == (1, 1)
    assert stage.intent_state(reservation) is IntentState.DONE


def test_F_56_inactive_after_ok(make: Make) -> None:
    stage = make(poll=6 * SECOND)
    stage.run(10 * SECOND)
    stage.arm(56, reason="Order held: short stock is not available")
    reservation = stage.reserve_entry()
    stage.run(MINUTE)
    entry = stage.legs(reservation)[Role.ENTRY]
    assert entry.state is OrderState.REJECTED
    assert entry.note == "Order held: short stock is not available"
    assert told(stage, "The broker holds an order back") is Severity.ALARM
    # It could still become active: its cancel is asked for, and refused twice.
    assert stage.asked(f"/iserver/account/{ACCOUNT}/order/{entry.broker_order_id}", "DELETE") == 2
    stage.run(5 * MINUTE)
    assert orders_sent(stage) == (1, 1)


def test_F_57_silent_drop(make: Make) -> None:
    stage = make(poll=6 * SECOND)
    stage.run(10 * SECOND)
    stage.arm(57)
    reservation = stage.reserve_entry(limit=stage.price() - 5)
    stage.run(30 * SECOND)
    assert stage.entry_state(reservation) is OrderState.WORKING
    stage.run(MINUTE)
    assert stage.entry_state(reservation) is OrderState.UNKNOWN
    assert told(stage, "An acknowledged order is nowhere") is Severity.ALARM
    stage.run(5 * MINUTE)
    # The broker had acknowledged it: whatever the lists say, it is never sent again.
    assert stage.entry_state(reservation) is OrderState.NEEDS_OPERATOR
    assert orders_sent(stage) == (1, 1)


def test_F_58_partial_fill_then_nothing(make: Make) -> None:
    stage = make(poll=6 * SECOND)
    stage.run(10 * SECOND)
    stage.arm(58, quantity=4)
    reservation = stage.reserve_entry(ttl_seconds=120)
    stage.run(20 * SECOND)
    assert (stage.entry_state(reservation), owned(stage)) == (OrderState.PARTIAL, 4)
    stage.run(3 * MINUTE)
    # What was filled is booked and stays protected, with exactly its shares.
    entry = stage.legs(reservation)[Role.ENTRY]
    assert (entry.state, entry.filled) == (OrderState.CANCELLED, Decimal(4))
    assert (owned(stage), stage.held(), live_stops(stage)) == (4, 4, [4])
    assert sum(one.remaining for one in stage.truth() if one.live and one.kind == "LMT") == 4
    assert orders_sent(stage) == (1, 1)
    assert stage.intent_state(reservation) is IntentState.DONE


def test_T_23_children_that_end_with_their_entry_are_replaced_by_one_stop(make: Make) -> None:
    stage = make(poll=6 * SECOND, on_parent_cancel="cancelled")
    stage.run(10 * SECOND)
    stage.arm(58, quantity=4)
    stage.reserve_entry(ttl_seconds=60)
    stage.run(100 * SECOND)
    assert (owned(stage), live_stops(stage)) == (4, [4])
    stage.run(2 * MINUTE)
    assert (owned(stage), live_stops(stage)) == (4, [4])
    assert [one.kind for one in stage.truth() if one.live] == ["STP"]


def test_F_59_cancel_loses_the_race(make: Make) -> None:
    stage = make(poll=6 * SECOND)
    stage.run(10 * SECOND)
    reservation = stage.reserve_entry(limit=stage.price() - 5)
    stage.run(20 * SECOND)
    stage.arm(59)
    stage.command(CommandKind.CANCEL_ORDER, reservation.orders[0].order)
    stage.turn()
    # The request was submitted: that ends nothing.
    assert stage.entry_state(reservation) is OrderState.CANCEL_REQUESTED
    [entry] = stage.entries()
    limit = str(stage.price() + 2)
    stage.ask_control("POST", "/person/modify", {"order_id": entry.order_id, "limit": limit})
    stage.run(MINUTE)
    assert (stage.entry_state(reservation), owned(stage)) == (OrderState.FILLED, 10)
    assert (stage.held(), live_stops(stage)) == (10, [10])
    assert orders_sent(stage) == (1, 1)


def test_F_60_cancel_400(make: Make) -> None:
    stage = make(poll=6 * SECOND)
    stage.run(10 * SECOND)
    reservation = stage.reserve_entry(limit=stage.price() - 5)
    stage.run(20 * SECOND)
    stage.arm(60)
    stage.command(CommandKind.CANCEL_ORDER, reservation.orders[0].order)
    stage.run(10 * SECOND)
    # Refused, and not believed: the order is still there.
    assert stage.entry_state(reservation) is OrderState.WORKING
    stage.command(CommandKind.CANCEL_ORDER, reservation.orders[0].order)
    stage.run(20 * SECOND)
    assert set(stage.states(reservation).values()) == {OrderState.CANCELLED}
    assert not [one for one in stage.truth() if one.live]
    assert orders_sent(stage) == (1, 1)


def test_F_61_system_cancel(make: Make) -> None:
    stage = make(poll=6 * SECOND)
    stage.run(10 * SECOND)
    first = stage.reserve_entry(limit=stage.price() - 5)
    stage.run(20 * SECOND)
    stage.arm(61, reason="Order cancelled by risk management")
    stage.run(20 * SECOND)
    entry = stage.legs(first)[Role.ENTRY]
    assert (entry.state, entry.note) == (OrderState.CANCELLED, "Order cancelled by risk management")
    assert told(stage, "The broker cancelled an entry by itself") is Severity.ALARM
    # The strategy opens nothing more here until a person has looked; elsewhere it does.
    second, elsewhere = stage.reserve_entry(), stage.reserve_entry(IBM)
    stage.run(20 * SECOND)
    assert stage.intent_state(second) is IntentState.DENIED
    assert stage.entry_state(elsewhere) is OrderState.FILLED
    assert orders_sent(stage) == (2, 2)
    [alarm] = [one for one in stage.told() if one.title == "The broker cancelled an entry by itself"]
    stage.write(lambda t: stage.desk.notifications.acknowledge(t, alarm.key, "owner"))
    third = stage.reserve_entry()
    stage.run(20 * SECOND)
    assert stage.entry_state(third) is OrderState.FILLED
    assert orders_sent(stage) == (3, 3)


def test_a_stop_that_the_broker_cancelled_is_put_back_once(make: Make) -> None:
    stage = make(poll=6 * SECOND)
    reservation = stage.a_position()
    [stop] = [one for one in stage.truth() if one.kind == "STP"]
    stage.arm(61, order_id=stop.order_id, reason="Cancelled for margin")
    stage.run(MINUTE)
    assert told(stage, "AAPL has lost its stop") is Severity.ALARM
    [live] = [one for one in stage.truth() if one.live]
    assert (live.kind, live.remaining, live.stop) == ("STP", 10, stop.stop)
    stage.run(2 * MINUTE)
    assert (live_stops(stage), owned(stage)) == ([10], 10)
    assert protection(stage).state is ProtectionState.LIVE
    assert stage.states(reservation)[Role.STOP] is OrderState.CANCELLED


def test_T_17_a_stop_that_a_person_cancelled_is_put_back_after_a_quarter_of_an_hour(make: Make) -> None:
    stage = make(poll=30 * SECOND)
    stage.a_position()
    [stop] = [one for one in stage.truth() if one.kind == "STP"]
    stage.ask_control("POST", "/person/cancel", {"order_id": stop.order_id})
    stage.run(14 * MINUTE)
    assert live_stops(stage) == []
    assert told(stage, "AAPL has lost its stop") is Severity.ALARM
    assert told(stage, "AAPL is not protected") is Severity.ALARM
    stage.run(3 * MINUTE)
    assert live_stops(stage) == [10]


def test_an_inactive_stop_is_replaced_after_its_cancel_was_refused_twice(make: Make) -> None:
    stage = make(poll=6 * SECOND)
    stage.run(10 * SECOND)
    stage.arm(56, skip=1)
    reservation = stage.reserve_entry()
    stage.run(MINUTE)
    stop = stage.legs(reservation)[Role.STOP]
    assert stop.state is OrderState.REJECTED
    # It could become active again: it counts as over only once the broker has refused its cancel twice.
    assert stage.asked(f"/iserver/account/{ACCOUNT}/order/{stop.broker_order_id}", "DELETE") == 2
    assert live_stops(stage) == [10]


def test_F_63_modify_400(make: Make) -> None:
    stage = make(poll=6 * SECOND)
    reservation = stage.a_position()
    stage.arm(63)
    leaving = stage.reserve_exit(stage.legs(reservation)[Role.TARGET])
    stage.run(40 * SECOND)
    # Of unknown fate: the ladder stands, nothing else is sold.
    assert (stage.held(), live_stops(stage)) == (10, [10])
    stage.run(2 * MINUTE)
    assert (stage.held(), owned(stage), live_stops(stage)) == (0, 0, [])
    assert stage.intent_state(leaving) is IntentState.DONE
    assert sum(one.filled for one in stage.truth() if one.side == "SELL") == 10
    assert orders_sent(stage) == (1, 1)


def test_I_53_a_stop_that_comes_back_beside_its_remedy_leaves_one(make: Make) -> None:
    stage = make(poll=6 * SECOND)
    reservation = stage.a_position()
    [stop] = [one for one in stage.truth() if one.kind == "STP"]
    stage.arm(61, order_id=stop.order_id, reason="Cancelled for margin")
    stage.run(MINUTE)
    assert live_stops(stage) == [10]
    # The broker thinks again: what was over lives.
    stop.state, stop.reason, stop.ended_at = "live", None, None
    stage.world.exchange.restore([stop], [])
    stage.world.exchange.touched(stop)
    stage.run(40 * SECOND)
    assert told(stage, "Order adopted") is Severity.ALARM
    assert (live_stops(stage), stop.live) == ([10], True)
    assert stage.states(reservation)[Role.STOP] is OrderState.WORKING


def test_a_cancel_asked_while_no_dealer_ran_is_obeyed_as_soon_as_the_next_one_may_send(make: Make) -> None:
    stage = make(events=True, poll=None)
    reservation = stage.reserve_entry(limit=stage.price() - 5)
    stage.run_until(lambda: stage.entry_state(reservation) is OrderState.WORKING)
    stage.restart()
    stage.command(CommandKind.CANCEL_ORDER, reservation.orders[0].order)
    # Nothing else happens on this market: no event would wake the dealer for it.
    stage.run(30 * SECOND)
    assert [one.state for one in stage.entries()] == ["cancelled"]
