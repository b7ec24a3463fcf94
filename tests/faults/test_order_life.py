"""Orders that were accepted: F-55 to F-61, F-63, F-64."""

from glassdesk.workflow.notifications.model import Severity
from glassdesk.workflow.orders.model import IntentState, OrderState, Role
from tests.faults.conftest import Make
from tests.faults.looking import orders_sent, told
from tests.faults.stage import ACCOUNT, MINUTE, SECOND, Stage


def asked_by_id(stage: Stage) -> int:
    return stage.asked("/iserver/account/order/status", "GET")


def test_F_55_stuck_in_pendingsubmit(make: Make) -> None:
    stage = make()
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
    stage.run(10 * MINUTE)
    assert orders_sent(stage) == (1, 1)
    assert stage.intent_state(reservation) is IntentState.DONE


def test_F_56_inactive_after_ok(make: Make) -> None:
    stage = make()
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
    stage = make()
    stage.run(10 * SECOND)
    stage.arm(57)
    reservation = stage.reserve_entry(limit=stage.price() - 5)
    stage.run(30 * SECOND)
    assert stage.entry_state(reservation) is OrderState.WORKING
    stage.run(MINUTE)
    assert stage.entry_state(reservation) is OrderState.UNKNOWN
    assert told(stage, "An acknowledged order is nowhere") is Severity.ALARM
    stage.run(10 * MINUTE)
    # The broker had acknowledged it: whatever the lists say, it is never sent again.
    assert stage.entry_state(reservation) is OrderState.NEEDS_OPERATOR
    assert orders_sent(stage) == (1, 1)
