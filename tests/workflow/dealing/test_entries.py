"""Stories of entries: sent in their window, filled, partly filled, denied, expired, cancelled."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from glassdesk.workflow.dealing.model import CommandKind
from glassdesk.workflow.dealing.service import Dealing
from glassdesk.workflow.orders.model import IntentState, OrderState, Role
from glassdesk.workflow.orders.switches import UNKNOWN
from glassdesk.workflow.positions.protection import ProtectionState
from glassdesk.workflow.risk.model import HaltLevel
from tests.workflow.dealing.desk import a_desk
from tests.workflow.dealing.makers import AAPL, CLOSE, OPEN, WINDOW
from tests.workflow.dealing.scripted_broker import ACCOUNT


def test_an_entry_waits_for_its_window_and_goes_out_as_one_bracket() -> None:
    desk = a_desk()
    reservation = desk.reserve_entry()
    assert desk.run_until(OPEN) < 10
    assert desk.broker.placed == []
    desk.run_until(WINDOW)
    [tickets] = desk.broker.placed
    assert [t.role for t in tickets] == [Role.ENTRY, Role.STOP, Role.TARGET]
    # T-21: the ask + 0.1 % is below the upper entry; T-57: rounded down.
    assert tickets[0].price == Decimal("170.17")
    assert {order.state for order in desk.legs(reservation).values()} == {OrderState.WORKING}
    assert all(order.broker_order_id for order in desk.legs(reservation).values())


def test_a_filled_entry_leaves_a_protected_position_and_complete_lineage() -> None:
    desk = a_desk()
    reservation = desk.reserve_entry()
    desk.run_until(WINDOW)
    desk.at(WINDOW + timedelta(minutes=1))
    desk.broker.fill(desk.legs(reservation)[Role.ENTRY].coid, 10, "170.10")
    desk.turn()
    legs = desk.legs(reservation)
    assert legs[Role.ENTRY].state is OrderState.FILLED
    assert legs[Role.ENTRY].average_price == Decimal("170.10")
    assert desk.intent_state(reservation) is IntentState.DONE
    assert desk.held() == {AAPL: Decimal(10)}
    [view] = desk.read(lambda t: desk.parts.positions.protections(t, ACCOUNT, 1))
    assert (view.state, view.stop_price) == (ProtectionState.LIVE, Decimal("165.01"))
    assert desk.read(desk.parts.positions.breaks) == []
    nodes = desk.read(lambda t: desk.parts.lineage.nodes_of_run(t, reservation.intents[0].run))
    [execution] = [node for node in nodes if node.kind == "execution"]
    assert execution.parents == (f"order:{legs[Role.ENTRY].order}",)
    assert desk.read(desk.parts.audit.verify) > 0


def test_a_commission_that_comes_later_completes_execution_and_lineage() -> None:
    desk = a_desk()
    reservation = desk.reserve_entry()
    desk.run_until(WINDOW)
    execution = desk.broker.fill(desk.legs(reservation)[Role.ENTRY].coid, 10, "170.10", commission=None)
    desk.run_until(WINDOW + timedelta(seconds=20))
    run = reservation.intents[0].run
    assert "execution" not in {n.kind for n in desk.read(lambda t: desk.parts.lineage.nodes_of_run(t, run))}
    desk.broker.state_commission(execution, "1.25")
    desk.run_until(WINDOW + timedelta(seconds=40))
    assert "execution" in {n.kind for n in desk.read(lambda t: desk.parts.lineage.nodes_of_run(t, run))}
    books = desk.read(lambda t: desk.parts.portfolio.books(t, ACCOUNT, desk.clock.now()))
    assert books.commissions == Decimal("1.25")


def test_T_23_a_partly_filled_entry_ends_with_the_session_and_its_children_shrink() -> None:
    desk = a_desk(children="scaled")
    reservation = desk.reserve_entry()
    desk.run_until(WINDOW)
    desk.broker.fill(desk.legs(reservation)[Role.ENTRY].coid, 4, "170.10")
    desk.run_until(CLOSE - timedelta(minutes=1))
    assert desk.legs(reservation)[Role.ENTRY].state is OrderState.PARTIAL
    desk.run_until(CLOSE + timedelta(minutes=2))
    legs = desk.legs(reservation)
    assert (legs[Role.ENTRY].state, legs[Role.ENTRY].filled) == (OrderState.CANCELLED, Decimal(4))
    assert {legs[r].ticket.quantity for r in (Role.STOP, Role.TARGET)} == {Decimal(4)}
    assert [stop.ticket.quantity for stop in desk.broker.live_stops()] == [Decimal(4)]
    assert desk.intent_state(reservation) is IntentState.DONE


@pytest.mark.parametrize("children", [UNKNOWN, "full", "held_until_full"])
def test_T_23_where_children_do_not_grow_with_the_fills_the_rest_is_given_up_half_a_minute_after_a_part(
    children: str,
) -> None:
    """Chaos, whole desk, seed 5145: of six shares four were bought, and the target sold six."""
    desk = a_desk(children=children)
    reservation = desk.reserve_entry()
    desk.run_until(WINDOW)
    desk.broker.fill(desk.legs(reservation)[Role.ENTRY].coid, 4, "170.10")
    desk.run_until(WINDOW + timedelta(seconds=29))
    assert desk.legs(reservation)[Role.ENTRY].state is OrderState.PARTIAL
    desk.run_until(WINDOW + timedelta(seconds=60))
    legs = desk.legs(reservation)
    assert (legs[Role.ENTRY].state, legs[Role.ENTRY].filled) == (OrderState.CANCELLED, Decimal(4))
    assert [stop.ticket.quantity for stop in desk.broker.live_stops()] == [Decimal(4)]


def test_T_23_a_stop_that_the_list_shows_filled_ends_the_rest_of_its_entry_before_any_trade_says_so() -> None:
    desk = a_desk(children="full")
    reservation = desk.reserve_entry()
    desk.run_until(WINDOW)
    legs = desk.legs(reservation)
    desk.broker.fill(legs[Role.ENTRY].coid, 4, "170.10")
    desk.run_until(WINDOW + timedelta(minutes=1))
    desk.broker.fill(legs[Role.STOP].coid, 4, "165.00")
    late = desk.broker.fills.pop()
    desk.read_again()
    assert desk.legs(reservation)[Role.STOP].filled == 0
    assert desk.broker.cancelled == [legs[Role.ENTRY].broker_order_id]
    desk.broker.fills.append(late)
    desk.run_until(WINDOW + timedelta(minutes=3))
    assert desk.held() == {}
    assert desk.broker.cancelled.count(legs[Role.ENTRY].broker_order_id or "") == 1


def test_T_21_an_unfilled_entry_is_cancelled_at_the_close_with_its_children() -> None:
    desk = a_desk()
    reservation = desk.reserve_entry()
    desk.run_until(CLOSE + timedelta(minutes=1))
    assert {order.state for order in desk.legs(reservation).values()} == {OrderState.CANCELLED}
    assert desk.broker.live_stops() == []


def test_an_entry_whose_lifetime_is_over_is_cancelled() -> None:
    desk = a_desk()
    reservation = desk.reserve_entry(ttl_seconds=1800)
    desk.run_until(WINDOW + timedelta(minutes=29))
    assert desk.legs(reservation)[Role.ENTRY].state is OrderState.WORKING
    desk.run_until(WINDOW + timedelta(minutes=31))
    assert desk.legs(reservation)[Role.ENTRY].state is OrderState.CANCELLED


def test_T_21_a_cancel_that_came_to_nothing_gives_an_entry_no_more_time() -> None:
    desk = a_desk()
    reservation = desk.reserve_entry(ttl_seconds=1800)
    desk.run_until(WINDOW + timedelta(minutes=10))
    entry = desk.legs(reservation)[Role.ENTRY]
    desk.broker.next_cancel = ["not_sent"]
    dealing = Dealing(desk.parts.commands, desk.parts.audit, desk.clock)
    desk.write(lambda t: dealing.ask(t, CommandKind.CANCEL_ORDER, entry.order, "owner"))
    desk.turn()
    assert (desk.order(entry).state, desk.order(entry).sends) == (OrderState.WORKING, 2)
    desk.run_until(WINDOW + timedelta(minutes=31))
    assert desk.legs(reservation)[Role.ENTRY].state is OrderState.CANCELLED


def test_a_window_that_closes_unused_ends_the_intent_and_is_told() -> None:
    desk = a_desk()
    reservation = desk.reserve_entry(state=IntentState.AWAITING_APPROVAL)
    desk.run_until(WINDOW + timedelta(hours=1))
    assert desk.intent_state(reservation) is IntentState.EXPIRED
    assert {order.state for order in desk.legs(reservation).values()} == {OrderState.EXPIRED}
    assert desk.broker.placed == []
    assert "Entry expired" in desk.told()


def test_an_entry_whose_window_closes_while_its_quote_is_read_does_not_go_out() -> None:
    desk = a_desk()
    reservation = desk.reserve_entry()
    quotes, desk.broker.quotes_by_conid = desk.broker.quotes_by_conid, {}
    # Each 21 seconds a look of six: the last one begins three seconds before the window closes.
    desk.broker.quote_takes = timedelta(seconds=6)
    desk.run_until(WINDOW + timedelta(minutes=54, seconds=40))
    desk.broker.quotes_by_conid = quotes
    desk.run_until(WINDOW + timedelta(minutes=57))
    assert desk.broker.placed == []
    assert desk.intent_state(reservation) is IntentState.DENIED


def test_an_approved_entry_is_sent() -> None:
    desk = a_desk()
    reservation = desk.reserve_entry(state=IntentState.AWAITING_APPROVAL)
    desk.write(lambda t: desk.parts.orders.approve(t, reservation.intents[0].intent, "owner"))
    desk.run_until(WINDOW)
    assert len(desk.broker.placed) == 1


def test_a_missing_quote_is_waited_for_and_denies_the_entry_when_its_window_closes() -> None:
    desk = a_desk()
    reservation = desk.reserve_entry()
    desk.broker.quotes_by_conid = {}
    desk.run_until(WINDOW + timedelta(minutes=54))
    assert desk.broker.placed == []
    assert desk.intent_state(reservation) is IntentState.QUEUED
    desk.run_until(WINDOW + timedelta(minutes=56))
    assert desk.intent_state(reservation) is IntentState.DENIED
    found = desk.read(lambda t: desk.parts.risk.verdicts(t, reservation.intents[0].run))
    denials = [v.rule for moment, v in found if moment == "send" and not v.passed and v.denies]
    # Said once, not at every look.
    assert denials == ["PRICE_DRIFT", "PRICE_COLLAR", "QUOTE", "SPREAD_TOO_WIDE"]
    assert "Denied at send" in desk.told()


def test_a_quote_that_comes_late_is_in_time_while_the_window_is_open() -> None:
    desk = a_desk()
    reservation = desk.reserve_entry()
    quotes, desk.broker.quotes_by_conid = desk.broker.quotes_by_conid, {}
    desk.run_until(WINDOW + timedelta(minutes=20))
    desk.broker.quotes_by_conid = quotes
    desk.run_until(WINDOW + timedelta(minutes=21))
    assert len(desk.broker.placed) == 1
    assert desk.read(lambda t: desk.parts.risk.denials(t, reservation.intents[0].run, "send")) == ()


def test_a_wide_spread_is_waited_for() -> None:
    desk = a_desk()
    desk.reserve_entry()
    quotes = desk.broker.quotes_by_conid[AAPL]
    desk.broker.quotes_by_conid[AAPL] = (Decimal("168.00"), Decimal(170))
    desk.run_until(WINDOW + timedelta(minutes=2))
    assert desk.broker.placed == []
    desk.broker.quotes_by_conid[AAPL] = quotes
    desk.run_until(WINDOW + timedelta(minutes=3))
    assert len(desk.broker.placed) == 1


def test_T_03_a_price_that_ran_away_denies_the_entry() -> None:
    desk = a_desk()
    desk.broker.quotes_by_conid[AAPL] = (Decimal("172.40"), Decimal("172.50"))
    reservation = desk.reserve_entry()
    desk.run_until(WINDOW)
    verdicts = desk.read(lambda t: desk.parts.risk.verdicts(t, reservation.intents[0].run))
    assert [v.rule for _, v in verdicts if not v.passed and v.denies] == ["PRICE_DRIFT"]
    assert desk.broker.placed == []


@pytest.mark.parametrize(("level", "sent"), [(HaltLevel.PAUSE_ENTRIES, 1), (HaltLevel.REDUCE_ONLY, 0)])
def test_T_50_reduce_only_denies_a_queued_entry_and_pause_does_not(level: HaltLevel, sent: int) -> None:
    desk = a_desk()
    desk.reserve_entry()
    desk.write(lambda t: desk.parts.risk.set_halt(t, level, "test", "owner"))
    desk.run_until(WINDOW)
    assert len(desk.broker.placed) == sent


def test_T_50_the_red_button_cancels_a_working_entry_and_leaves_every_stop() -> None:
    desk = a_desk()
    done = desk.reserve_entry()
    desk.run_until(WINDOW)
    desk.broker.fill(desk.legs(done)[Role.ENTRY].coid, 10, "170.10")
    working = desk.reserve_entry(conid=272093)
    desk.run_until(WINDOW + timedelta(minutes=10))
    assert desk.legs(working)[Role.ENTRY].state is OrderState.WORKING
    desk.write(lambda t: desk.parts.risk.set_halt(t, HaltLevel.HALT_CANCEL_ENTRIES, "test", "owner"))
    desk.run_until(WINDOW + timedelta(minutes=12))
    desk.turn()
    desk.run_until(WINDOW + timedelta(minutes=14))
    assert desk.legs(working)[Role.ENTRY].state is OrderState.CANCELLED
    [stop] = desk.broker.live_stops()
    assert stop.broker_order_id == desk.legs(done)[Role.STOP].broker_order_id


def test_a_rejection_is_final_ends_the_decision_and_is_told() -> None:
    desk = a_desk()
    desk.broker.next_place = ["reject"]
    reservation = desk.reserve_entry()
    desk.run_until(WINDOW + timedelta(minutes=1))
    assert {order.state for order in desk.legs(reservation).values()} == {OrderState.REJECTED}
    assert desk.intent_state(reservation) is IntentState.DONE
    assert len(desk.broker.placed) == 1
    assert "Order rejected" in desk.told()


def test_a_bracket_ends_with_its_stop_and_books_agree_with_the_broker() -> None:
    desk = a_desk()
    reservation = desk.reserve_entry()
    desk.run_until(WINDOW)
    desk.broker.fill(desk.legs(reservation)[Role.ENTRY].coid, 10, "170.10")
    desk.run_until(WINDOW + timedelta(minutes=5))
    desk.broker.fill(desk.legs(reservation)[Role.STOP].coid, 10, "164.90")
    desk.run_until(CLOSE + timedelta(minutes=20))
    legs = desk.legs(reservation)
    assert (legs[Role.STOP].state, legs[Role.TARGET].state) == (OrderState.FILLED, OrderState.CANCELLED)
    [trade] = desk.read(lambda t: desk.parts.portfolio.trades(t, ACCOUNT))
    assert trade.net == Decimal("-54.00")
    # T-72: −54 ÷ ((170.10 − 165.01) × 10)
    assert trade.r_multiple == Decimal("-1.06090373")
    books = desk.read(lambda t: desk.parts.portfolio.books(t, ACCOUNT, desk.clock.now()))
    assert books.equity == books.broker_equity == desk.broker.cash
    [*_, snapshot] = desk.read(lambda t: desk.parts.portfolio.snapshots(t, ACCOUNT))
    assert snapshot.equity == desk.broker.cash


def test_T_12_the_guards_see_the_loss_of_today_the_drawdown_and_the_row_of_losses() -> None:
    desk = a_desk()
    reservation = desk.reserve_entry()
    desk.run_until(WINDOW)
    desk.broker.fill(desk.legs(reservation)[Role.ENTRY].coid, 10, "170.10")
    desk.run_until(WINDOW + timedelta(minutes=5))
    desk.broker.fill(desk.legs(reservation)[Role.STOP].coid, 10, "164.90")
    desk.run_until(WINDOW + timedelta(minutes=10))

    seen = desk.read(lambda t: desk.parts.portfolio.standing(t, ACCOUNT, now=desk.clock.now()))
    assert [seen.equity, seen.pnl_today, seen.high_water] == [99_946, -54, 100_000]
    assert (seen.drawdown, seen.loss_streak) == (Decimal("0.00054"), 1)
    assert (seen.opened_today, seen.closed_today) == (1, 1)
    other = desk.read(lambda t: desk.parts.portfolio.standing(t, ACCOUNT, now=desk.clock.now(), strategy="x"))
    assert [other.pnl_today, other.loss_streak, other.closed_today] == [-54, 0, 0]

    desk.run_until(CLOSE + timedelta(days=1))
    later = desk.read(lambda t: desk.parts.portfolio.standing(t, ACCOUNT, now=desk.clock.now()))
    assert [later.pnl_today, later.closed_today, later.drawdown] == [0, 0, Decimal("0.00054")]


@pytest.mark.parametrize("known_by_id", [True, False])
def test_a_day_order_that_vanished_from_the_list_is_looked_up_and_ends_when_its_session_is_over(
    known_by_id: bool,
) -> None:
    desk = a_desk()
    reservation = desk.reserve_entry()
    desk.run_until(CLOSE - timedelta(minutes=1))
    for one in desk.broker.orders.values():
        one.listed, one.status = False, "Cancelled"
    desk.broker.forgets_unlisted = not known_by_id
    desk.run_until(CLOSE + timedelta(minutes=5))
    entry = desk.legs(reservation)[Role.ENTRY]
    # Not listed is not gone: the broker's own word ends it at once, absence only after the session.
    assert entry.state is (OrderState.CANCELLED if known_by_id else OrderState.WORKING)
    desk.run_until(CLOSE + timedelta(minutes=12))
    entry = desk.legs(reservation)[Role.ENTRY]
    assert entry.state is (OrderState.CANCELLED if known_by_id else OrderState.EXPIRED)
    assert desk.broker.cancelled == []
    # T-20: its decision is over, and the contract free for the next one.
    assert desk.intent_state(reservation) is IntentState.DONE


def test_a_failure_that_lasts_is_told() -> None:
    desk = a_desk(start=WINDOW)
    desk.broker.broken_reads = True
    desk.run_until(WINDOW + timedelta(minutes=5))
    assert desk.told().count("The dealer cannot finish its work") == 1
