"""A cancel of unknown fate is asked for again while the broker shows the order, and told if it lasts."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from glassdesk.workflow.dealing.cancels import AGAIN, TELL
from glassdesk.workflow.dealing.model import CommandKind
from glassdesk.workflow.dealing.service import Dealing
from glassdesk.workflow.orders.bracket import Reservation
from glassdesk.workflow.orders.model import OrderState, Role
from glassdesk.workflow.risk.model import HaltLevel
from tests.workflow.dealing.desk import TestDesk
from tests.workflow.dealing.makers import AAPL
from tests.workflow.dealing.test_exits import LATER, SECOND, holding_ten

NO_EFFECT = "A cancel shows no effect"


def cancelled_by_a_person(desk: TestDesk, entry: Reservation, role: Role, *, lost: int) -> None:
    """So many of its requests are lost on the way."""
    desk.broker.next_cancel = ["lost_before"] * lost
    dealing, leg = Dealing(desk.stores.commands, desk.parts.audit, desk.clock), desk.legs(entry)[role]
    desk.write(lambda t: dealing.ask(t, CommandKind.CANCEL_ORDER, leg.order, "owner"))
    desk.turn()


def test_a_persons_cancel_that_was_lost_is_asked_for_again() -> None:
    desk, entry = holding_ten()
    cancelled_by_a_person(desk, entry, Role.TARGET, lost=1)
    assert desk.legs(entry)[Role.TARGET].state is OrderState.CANCEL_REQUESTED
    desk.run_until(LATER + AGAIN - SECOND)
    assert desk.broker.cancelled == []
    desk.run_until(LATER + AGAIN + 10 * SECOND)
    assert desk.legs(entry)[Role.TARGET].state is OrderState.CANCELLED
    assert NO_EFFECT not in desk.told()


def test_a_change_meanwhile_takes_nothing_back() -> None:
    """Chaos, E2 seed 3210: shares were sold by hand, the leg shrank, and its cancel was forgotten."""
    desk, entry = holding_ten()
    cancelled_by_a_person(desk, entry, Role.TARGET, lost=1)
    desk.broker.opening = {AAPL: Decimal(-4)}
    dealing = Dealing(desk.stores.commands, desk.parts.audit, desk.clock)
    desk.write(lambda t: dealing.ask(t, CommandKind.RECONCILE, "", "owner"))
    desk.run_until(LATER + AGAIN - 10 * SECOND)
    assert desk.broker.modified
    desk.run_until(LATER + AGAIN + 10 * SECOND)
    assert desk.legs(entry)[Role.TARGET].state is OrderState.CANCELLED


def test_one_that_shows_no_effect_for_minutes_is_told_once() -> None:
    desk, entry = holding_ten()
    cancelled_by_a_person(desk, entry, Role.TARGET, lost=100)
    desk.run_until(LATER + TELL - SECOND)
    assert NO_EFFECT not in desk.told()
    desk.run_until(LATER + 3 * TELL)
    assert desk.told().count(NO_EFFECT) == 1
    asked = desk.legs(entry)[Role.TARGET].sends
    assert 2 < asked <= 3 * TELL / AGAIN + 2


def test_a_leg_that_an_ended_exit_left_half_cancelled_ends_and_the_stop_comes_back() -> None:
    """The exit asked for the end of target and stop. The stop ended, no cancel of the target came through for
    as long as the exit waits, and the shares were left with neither."""
    desk, entry = holding_ten()
    target = desk.legs(entry)[Role.TARGET]
    desk.broker.by_coid(desk.legs(entry)[Role.STOP].coid).status = "Cancelled"
    desk.broker.next_modify = ["reject"] * 4
    desk.broker.next_cancel = ["lost_before"] * 4
    desk.reserve_exit(target)
    desk.run_until(LATER + timedelta(minutes=1))
    assert desk.legs(entry)[Role.TARGET].state is OrderState.CANCEL_REQUESTED
    assert desk.broker.live_stops() == []
    desk.run_until(LATER + timedelta(minutes=25))
    assert desk.legs(entry)[Role.TARGET].state is OrderState.CANCELLED
    assert [one.ticket.quantity for one in desk.broker.live_stops()] == [10]


def test_a_stop_that_only_the_desk_wanted_gone_is_left_where_it_protects() -> None:
    desk, entry = holding_ten()
    target, stop = desk.legs(entry)[Role.TARGET], desk.legs(entry)[Role.STOP]
    desk.broker.next_modify = ["reject"] * 4
    desk.reserve_exit(target)
    desk.broker.next_cancel = ["", *["lost_before"] * 4]
    desk.run_until(LATER + 30 * SECOND)
    assert desk.order(stop).state is OrderState.CANCEL_REQUESTED
    desk.run_until(LATER + timedelta(minutes=25))
    assert desk.broker.by_coid(stop.coid).live
    assert desk.order(stop).state is OrderState.WORKING
    assert desk.order(stop).sends == 5


def test_T_50_freeze_asks_for_nothing_again() -> None:
    desk, entry = holding_ten()
    cancelled_by_a_person(desk, entry, Role.TARGET, lost=1)
    desk.write(lambda t: desk.parts.risk.set_halt(t, HaltLevel.FREEZE, "test", "owner"))
    desk.run_until(LATER + 3 * AGAIN)
    assert desk.broker.cancelled == []
    assert desk.legs(entry)[Role.TARGET].sends == 2
