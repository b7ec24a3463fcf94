"""One read of the broker fails for minutes while all others answer: what protects and what ends goes on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from glassdesk.workflow.dealing.model import CommandKind
from glassdesk.workflow.dealing.service import Dealing
from glassdesk.workflow.orders.model import IntentState, OrderState, Role, Side
from glassdesk.workflow.risk.model import HaltLevel
from tests.workflow.dealing.desk import TestDesk, a_desk
from tests.workflow.dealing.makers import AAPL, MSFT, WINDOW
from tests.workflow.dealing.test_exits import LATER, SECOND, holding_ten

MINUTE = timedelta(minutes=1)
TOLD = "The dealer cannot finish its work"


def test_without_balances_a_stop_comes_back_an_exit_goes_on_and_no_entry_goes_out() -> None:
    """Chaos, E2 seed 2269: a reading of positions or money that failed cut every pass before the stops."""
    desk, entry = holding_ten()
    desk.broker.broken_balances = True
    stop = desk.broker.by_coid(desk.legs(entry)[Role.STOP].coid)
    stop.status, stop.reason = "Cancelled", "the destination has rejected your order"
    waiting = desk.reserve_entry(MSFT)
    desk.run_until(LATER + MINUTE)
    assert [one.ticket.quantity for one in desk.broker.live_stops()] == [10]
    assert desk.intent_state(waiting) is IntentState.QUEUED
    desk.reserve_exit(desk.legs(entry)[Role.TARGET])
    desk.run_until(LATER + 3 * MINUTE)
    assert desk.broker.modified
    assert desk.told().count(TOLD) == 1
    desk.broker.broken_balances = False
    desk.run_until(LATER + 4 * MINUTE)
    assert desk.legs(waiting)[Role.ENTRY].state is OrderState.WORKING


def test_T_50_the_red_button_does_not_wait_for_an_order_that_cannot_be_looked_up() -> None:
    """Chaos, E0 seed 2210: passes that were cut at a look-up did not come to the entries."""
    desk, entry = holding_ten()
    other = desk.reserve_entry(MSFT)
    desk.run_until(LATER + MINUTE)
    assert desk.legs(other)[Role.ENTRY].state is OrderState.WORKING
    desk.broker.broken_status = True
    desk.broker.by_coid(desk.legs(entry)[Role.TARGET].coid).status = "PendingSubmit"
    desk.run_until(LATER + 4 * MINUTE)
    desk.write(lambda t: desk.parts.risk.set_halt(t, HaltLevel.HALT_CANCEL_ENTRIES, "test", "owner"))
    desk.read_again()
    assert desk.broker.cancelled == [desk.legs(other)[Role.ENTRY].broker_order_id]


def test_T_50_the_red_button_needs_no_list_that_says_anything() -> None:
    """Chaos, whole desk, seed 35: where no list is ever whole, nothing was compared and no entry ended."""
    desk, _ = holding_ten()
    other = desk.reserve_entry(MSFT)
    desk.run_until(LATER + MINUTE)
    desk.broker.lists_whole = False
    desk.restart()
    desk.write(lambda t: desk.parts.risk.set_halt(t, HaltLevel.HALT_CANCEL_ENTRIES, "test", "owner"))
    desk.run_until(LATER + 2 * MINUTE)
    assert desk.broker.cancelled == [desk.legs(other)[Role.ENTRY].broker_order_id]
    assert len(desk.broker.live_stops()) == 1


def test_T_21_T_23_a_new_dealer_that_cannot_compare_ends_entries_and_takes_back_what_is_too_much() -> None:
    """Whole desk, story `positions_unreadable`: an entry worked on for ten minutes beyond its time."""
    desk = a_desk()
    entry = desk.reserve_entry(ttl_seconds=300)
    desk.run_until(WINDOW)
    desk.broker.fill(desk.legs(entry)[Role.ENTRY].coid, 4, "170.10")
    desk.run_until(WINDOW + 10 * SECOND)
    desk.broker.broken_balances = True
    desk.restart()
    desk.run_until(LATER)
    assert desk.legs(entry)[Role.ENTRY].state is OrderState.CANCELLED
    assert {desk.legs(entry)[role].ticket.quantity for role in (Role.STOP, Role.TARGET)} == {4}
    assert len(desk.broker.placed) == 1


def test_T_33_a_new_dealer_that_cannot_compare_tells_of_a_lost_stop_and_places_none_before_it_has() -> None:
    desk, entry = holding_ten()
    desk.broker.broken_balances = True
    stop = desk.broker.by_coid(desk.legs(entry)[Role.STOP].coid)
    stop.status, stop.reason = "Cancelled", "the destination has rejected your order"
    desk.restart()
    desk.run_until(LATER + 2 * MINUTE)
    assert "S265598 is not protected" in desk.told()
    assert desk.broker.live_stops() == []
    desk.broker.broken_balances = False
    desk.run_until(LATER + 3 * MINUTE)
    assert [one.ticket.quantity for one in desk.broker.live_stops()] == [10]


def test_a_person_may_cancel_before_a_new_dealer_has_compared() -> None:
    desk, entry = holding_ten()
    dealing = Dealing(desk.stores.commands, desk.parts.audit, desk.clock)
    target = desk.legs(entry)[Role.TARGET]
    desk.broker.broken_balances = True
    desk.restart()
    desk.write(lambda t: dealing.ask(t, CommandKind.CANCEL_ORDER, target.order, "owner"))
    desk.run_until(LATER + MINUTE)
    assert desk.broker.cancelled == [target.broker_order_id]


def lists_fail(desk: TestDesk) -> None:
    desk.broker.broken_lists = True


def trades_fail(desk: TestDesk) -> None:
    desk.broker.broken_trades = True


def and_a_new_dealer(fail: Callable[[TestDesk], None]) -> Callable[[TestDesk], None]:
    def begins(desk: TestDesk) -> None:
        fail(desk)
        desk.restart()

    begins.__name__ = f"{fail.__name__}_and_a_new_dealer"
    return begins


def money_fails(desk: TestDesk) -> None:
    desk.broker.broken_balances = True


READS = (lists_fail, trades_fail, money_fails)
each_failing = pytest.mark.parametrize(
    "fail",
    [*READS, *(and_a_new_dealer(fail) for fail in READS)],
    ids=lambda one: one.__name__,
)


@each_failing
def test_T_21_an_entry_ends_at_its_time_though_one_read_fails(
    fail: Callable[[TestDesk], None],
) -> None:
    """Whole desk: one read that failed for ten minutes kept an entry alive for as long."""
    desk = a_desk()
    entry = desk.reserve_entry(ttl_seconds=300)
    desk.run_until(WINDOW + 10 * SECOND)
    fail(desk)
    desk.run_until(LATER)
    assert desk.broker.cancelled == [desk.legs(entry)[Role.ENTRY].broker_order_id]
    assert TOLD in desk.told()


@each_failing
def test_T_35_shares_sold_by_hand_take_our_sells_along_though_one_read_fails(
    fail: Callable[[TestDesk], None],
) -> None:
    desk, _ = holding_ten()
    waiting = desk.reserve_entry(MSFT)
    fail(desk)
    desk.broker.trade_by_hand(AAPL, Side.SELL, 4, "170.00")
    desk.run_until(LATER + MINUTE)
    sells = [one for one in desk.broker.orders.values() if one.live and one.ticket.side is Side.SELL]
    assert {one.ticket.quantity for one in sells} == {6}
    assert len(sells) == 2
    assert desk.intent_state(waiting) is IntentState.QUEUED


@each_failing
def test_T_50_the_red_button_ends_entries_though_one_read_fails(
    fail: Callable[[TestDesk], None],
) -> None:
    desk, _ = holding_ten()
    other = desk.reserve_entry(MSFT)
    desk.run_until(LATER + MINUTE)
    fail(desk)
    desk.write(lambda t: desk.parts.risk.set_halt(t, HaltLevel.HALT_CANCEL_ENTRIES, "test", "owner"))
    desk.run_until(LATER + 2 * MINUTE)
    assert desk.broker.cancelled == [desk.legs(other)[Role.ENTRY].broker_order_id]
    assert len(desk.broker.live_stops()) == 1
