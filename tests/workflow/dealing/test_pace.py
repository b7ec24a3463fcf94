"""How often the dealer reads (T-58), and what commands about the session do."""

from __future__ import annotations

import itertools
from datetime import timedelta

from glassdesk.workflow.dealing.model import CommandKind
from glassdesk.workflow.dealing.service import Dealing
from glassdesk.workflow.orders.model import OrderState, Role
from glassdesk.workflow.session.model import SessionState
from tests.workflow.dealing.desk import TestDesk, a_desk
from tests.workflow.dealing.makers import OPEN, WINDOW

MINUTE = timedelta(minutes=1)


def gaps(desk: TestDesk, seconds: int) -> set[float]:
    """Seconds between reads of the list while the dealer follows its own due times for a while."""
    desk.broker.listed_at.clear()
    desk.run_until(desk.clock.now() + timedelta(seconds=seconds))
    read = desk.broker.listed_at
    return {(later - earlier).total_seconds() for earlier, later in itertools.pairwise(read)}


def test_T_58_reading_is_fast_while_an_entry_works_and_slow_while_children_rest() -> None:
    desk = a_desk(start=OPEN)
    desk.clock.wakes_on_events = False
    assert desk.turn() == OPEN + timedelta(seconds=1)
    desk.run_until(OPEN + 4 * MINUTE)
    assert gaps(desk, 180) == {60.0}
    reservation = desk.reserve_entry()
    desk.run_until(desk.clock.now() + 2 * MINUTE)
    assert desk.legs(reservation)[Role.ENTRY].state is OrderState.WORKING
    assert gaps(desk, 60) == {6.0}
    desk.broker.fill(desk.legs(reservation)[Role.ENTRY].coid, 10, "170.10")
    desk.run_until(desk.clock.now() + 4 * MINUTE)
    assert gaps(desk, 120) == {30.0}


def test_in_simulated_time_the_dealer_sleeps_between_events() -> None:
    desk = a_desk(start=WINDOW)
    desk.reserve_entry()
    desk.turn()
    desk.run_until(WINDOW + MINUTE)
    assert desk.run_until(WINDOW + 120 * MINUTE) <= 3


def test_what_falls_due_while_a_reading_lasts_is_done_in_the_next_turn_at_once() -> None:
    """The broker prepares its list for longer than the pause, and time is moved by events alone."""
    desk = a_desk(start=OPEN)
    desk.broker.lists_whole, desk.broker.list_takes = False, timedelta(seconds=14)
    assert gaps(desk, 120) == {14.0}


def test_a_person_signs_the_desk_out_and_in_again() -> None:
    desk = a_desk(start=WINDOW)
    desk.turn()
    dealing = Dealing(desk.stores.commands, desk.parts.audit, desk.clock)
    desk.write(lambda t: dealing.ask(t, CommandKind.SESSION_LOGOUT, "", "owner"))
    desk.turn()
    assert desk.broker.state is SessionState.SIGNED_OUT
    reservation = desk.reserve_entry()
    desk.run_until(WINDOW + MINUTE)
    assert desk.broker.placed == []
    desk.broker.state = SessionState.NO_BRIDGE
    desk.write(lambda t: dealing.ask(t, CommandKind.SESSION_LOGIN, "", "owner"))
    desk.run_until(WINDOW + 3 * MINUTE)
    assert desk.legs(reservation)[Role.ENTRY].state is OrderState.WORKING
    assert [c.result for c in desk.read(dealing.recent)] == ["ready", "signed out"]


def test_cancelling_a_reserved_order_ends_its_whole_decision() -> None:
    desk = a_desk()
    reservation = desk.reserve_entry()
    desk.turn()
    dealing = Dealing(desk.stores.commands, desk.parts.audit, desk.clock)
    stop = desk.legs(reservation)[Role.STOP].order
    desk.write(lambda t: dealing.ask(t, CommandKind.CANCEL_ORDER, stop, "owner"))
    desk.turn()
    assert {order.state for order in desk.legs(reservation).values()} == {OrderState.CANCELLED}
    assert [c.result for c in desk.read(dealing.recent)] == ["cancelled before it was sent"]
