"""Stories of exits, breaks, protection, sessions and commands."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from glassdesk.kernel.canonical import canonical_text
from glassdesk.workflow.dealing.model import CommandKind, Modification
from glassdesk.workflow.dealing.service import Dealing
from glassdesk.workflow.dealing.turn import Dealer
from glassdesk.workflow.orders.bracket import Reservation
from glassdesk.workflow.orders.model import IntentState, OrderState, OrderType, Role, Side, Ticket
from glassdesk.workflow.risk.model import HaltLevel
from glassdesk.workflow.session.model import SessionState
from tests.workflow.dealing.desk import TestDesk, a_desk
from tests.workflow.dealing.makers import AAPL, MSFT, WINDOW
from tests.workflow.dealing.scripted_broker import ACCOUNT

LATER = WINDOW + timedelta(minutes=10)
SECOND = timedelta(seconds=1)


def desk_ticket(ticket: Ticket, price: Decimal) -> Ticket:
    return replace(ticket, price=price)


def holding_ten() -> tuple[TestDesk, Reservation]:
    desk = a_desk()
    reservation = desk.reserve_entry()
    desk.run_until(WINDOW)
    desk.broker.fill(desk.legs(reservation)[Role.ENTRY].coid, 10, "170.10")
    desk.run_until(LATER)
    return desk, reservation


def test_T_41_a_sell_moves_the_resting_target_to_the_bid() -> None:
    desk, entry = holding_ten()
    target = desk.legs(entry)[Role.TARGET]
    leaving = desk.reserve_exit(target)
    desk.turn()
    [(moved, ticket)] = desk.broker.modified
    assert moved == target.broker_order_id
    # bid 169.90 − max(2 ticks, 0.1 %), rounded down
    assert (ticket.order_type, ticket.price) == (OrderType.LIMIT, Decimal("169.73"))
    assert len(desk.broker.placed) == 1
    desk.broker.fill(target.coid, 10, "169.90")
    desk.run_until(LATER + 10 * SECOND)
    assert desk.held() == {}
    assert desk.intent_state(leaving) is IntentState.DONE
    assert desk.legs(entry)[Role.STOP].state is OrderState.CANCELLED


def test_T_41_the_ladder_goes_down_and_ends_at_the_market_with_the_same_order() -> None:
    desk, entry = holding_ten()
    desk.reserve_exit(desk.legs(entry)[Role.TARGET])
    desk.run_until(LATER + 61 * SECOND)
    prices = [(ticket.order_type, ticket.price) for _, ticket in desk.broker.modified]
    assert prices == [
        (OrderType.LIMIT, Decimal("169.73")),
        (OrderType.LIMIT, Decimal("169.39")),
        (OrderType.LIMIT, Decimal("168.20")),
        (OrderType.MARKET, None),
    ]
    assert {number for number, _ in desk.broker.modified} == {desk.legs(entry)[Role.TARGET].broker_order_id}
    # T-42: the stop stayed live all the way.
    assert len(desk.broker.live_stops()) == 1


def test_T_59_where_a_market_order_is_questioned_the_ladder_ends_with_a_bounded_limit_and_then_a_page() -> (
    None
):
    desk, entry = holding_ten()
    desk.broker.asks_about_market = True
    desk.reserve_exit(desk.legs(entry)[Role.TARGET])
    desk.run_until(LATER + 75 * SECOND)
    prices = [(ticket.order_type, ticket.price) for _, ticket in desk.broker.modified]
    # bid 169.90 − 3 %, rounded down, once; neither leg was cancelled and nothing else was sold
    assert prices[3:] == [(OrderType.LIMIT, Decimal("164.80"))]
    assert (desk.broker.cancelled, len(desk.broker.placed)) == ([], 1)
    assert len(desk.broker.live_stops()) == 1
    assert "An exit cannot go on" not in desk.told()
    desk.run_until(LATER + 95 * SECOND)
    assert desk.told().count("An exit cannot go on") == 1


def test_T_41_a_modification_of_unknown_fate_freezes_the_ladder_until_it_is_seen() -> None:
    desk, entry = holding_ten()
    desk.broker.next_modify = ["lost_after"]
    desk.reserve_exit(desk.legs(entry)[Role.TARGET])
    desk.turn()
    assert desk.legs(entry)[Role.TARGET].ticket.price != Decimal("169.73")
    desk.run_until(LATER + 15 * SECOND)
    # The list showed the new price: it was made.
    assert desk.legs(entry)[Role.TARGET].ticket.price == Decimal("169.73")
    assert len(desk.broker.modified) == 1
    desk.run_until(LATER + 21 * SECOND)
    assert len(desk.broker.modified) == 2


def test_T_41_where_no_step_of_the_ladder_was_taken_a_person_is_told() -> None:
    desk, entry = holding_ten()
    desk.broker.next_modify = ["lost_before"] * 4
    desk.reserve_exit(desk.legs(entry)[Role.TARGET])
    desk.run_until(LATER + 480 * SECOND)
    assert len(desk.broker.modified) == 0
    assert len(desk.broker.live_stops()) == 1
    assert desk.told().count("An exit cannot go on") == 1


def test_T_41_a_target_that_cannot_be_moved_ends_in_one_new_sell_after_both_legs_are_over() -> None:
    desk, entry = holding_ten()
    desk.broker.next_modify = ["reject"]
    leaving = desk.reserve_exit(desk.legs(entry)[Role.TARGET])
    desk.run_until(LATER + 30 * SECOND)
    legs = desk.legs(entry)
    assert {legs[r].state for r in (Role.STOP, Role.TARGET)} == {OrderState.CANCELLED}
    sell = desk.order(leaving.intents[0].intent)
    assert (sell.role, sell.state) == (Role.EXIT, OrderState.WORKING)
    assert (sell.ticket.side, sell.ticket.quantity) == (Side.SELL, Decimal(10))
    live_sells = [o for o in desk.broker.orders.values() if o.live and o.ticket.side is Side.SELL]
    assert len(live_sells) == 1
    desk.broker.fill(sell.coid, 10, "169.90")
    desk.run_until(LATER + 40 * SECOND)
    assert desk.held() == {}
    assert desk.intent_state(leaving) is IntentState.DONE
    nodes = desk.read(lambda t: desk.parts.lineage.nodes_of_run(t, leaving.intents[0].run))
    assert {node.kind for node in nodes} == {"intent", "send_verdicts", "order", "execution"}


def test_T_42_nothing_new_is_sold_while_a_leg_may_still_fill_and_a_person_is_told_after_20_s() -> None:
    desk, entry = holding_ten()
    desk.broker.next_modify, desk.broker.slow_cancels = ["reject"], True
    leaving = desk.reserve_exit(desk.legs(entry)[Role.TARGET])
    desk.run_until(LATER + 40 * SECOND)
    assert len(desk.broker.placed) == 1
    assert "An exit cannot go on" in desk.told()
    # The stop fills while its cancel is under way: nothing is left to sell.
    desk.broker.fill(desk.legs(entry)[Role.STOP].coid, 10, "164.90")
    desk.broker.end_cancels()
    desk.run_until(LATER + 60 * SECOND)
    assert len(desk.broker.placed) == 1
    assert desk.intent_state(leaving) is IntentState.DONE
    assert desk.held() == {}


def test_reduce_only_blocks_entries_but_not_exits() -> None:
    desk, entry = holding_ten()
    desk.write(lambda t: desk.parts.risk.set_halt(t, HaltLevel.REDUCE_ONLY, "test", "owner"))
    blocked = desk.reserve_entry(conid=MSFT)
    desk.reserve_exit(desk.legs(entry)[Role.TARGET])
    desk.run_until(LATER + 5 * SECOND)
    assert desk.intent_state(blocked) is IntentState.DENIED
    assert len(desk.broker.modified) == 1


def test_T_50_halt_stops_an_exit_that_no_person_asked_for() -> None:
    desk, entry = holding_ten()
    desk.write(lambda t: desk.parts.risk.set_halt(t, HaltLevel.HALT, "test", "owner"))
    leaving = desk.reserve_exit(desk.legs(entry)[Role.TARGET])
    desk.run_until(LATER + 5 * SECOND)
    assert desk.broker.modified == []
    assert desk.intent_state(leaving) is IntentState.QUEUED
    assert "An exit cannot go on" in desk.told()


def test_an_exit_of_a_position_sold_by_hand_sells_nothing_and_its_legs_are_cancelled() -> None:
    desk, entry = holding_ten()
    desk.broker.trade_by_hand(AAPL, Side.SELL, 10, "170")
    leaving = desk.reserve_exit(desk.legs(entry)[Role.TARGET])
    desk.run_until(LATER + 5 * SECOND)
    assert desk.broker.modified == []
    assert desk.intent_state(leaving) is IntentState.DONE


def test_an_execution_that_is_not_ours_opens_a_break_that_names_it() -> None:
    desk, _ = holding_ten()
    hidden = desk.broker.trade_by_hand(AAPL, Side.BUY, 3, "170")
    desk.read_again()
    [found] = desk.read(desk.parts.positions.breaks)
    assert (found.broker_quantity, found.derived_quantity) == (Decimal(13), Decimal(10))
    assert found.cause == f"executions not ours: {hidden.execution}"
    assert any("disagree" in title for title in desk.told())
    denied = desk.reserve_entry(conid=AAPL, last_bar=desk.clock.now().date())
    desk.broker.trade_by_hand(AAPL, Side.SELL, 3, "170")
    desk.run_until(desk.clock.now() + 6 * SECOND)
    desk.read_again()
    assert desk.read(desk.parts.positions.breaks) == []
    assert any("agree again" in title for title in desk.told())
    assert desk.intent_state(denied) is IntentState.DENIED


def test_T_11_what_the_account_held_before_is_the_owners_and_no_break() -> None:
    desk = a_desk()
    desk.broker.opening = {MSFT: Decimal(7)}
    desk.turn()
    [opening] = desk.read(lambda t: desk.parts.positions.openings(t, ACCOUNT))
    assert (opening.conid, opening.quantity) == (MSFT, Decimal(7))
    assert desk.read(desk.parts.positions.breaks) == []
    assert desk.held() == {}


def test_T_17_a_stop_moved_by_a_person_is_adopted_not_moved_back() -> None:
    desk, entry = holding_ten()
    resting = desk.broker.by_coid(desk.legs(entry)[Role.STOP].coid)
    resting.ticket = desk_ticket(resting.ticket, Decimal(168))
    desk.run_until(LATER + 30 * SECOND)
    assert desk.legs(entry)[Role.STOP].ticket.price == Decimal(168)
    assert desk.broker.modified == []


def test_a_session_that_is_not_ready_is_told_once_and_nothing_is_sent_before_a_reconciliation() -> None:
    desk = a_desk()
    desk.broker.state = SessionState.SIGNED_OUT
    reservation = desk.reserve_entry()
    desk.run_until(WINDOW + timedelta(minutes=5))
    assert desk.told().count("The brokerage session is not ready") == 1
    assert desk.broker.placed == []
    desk.broker.state = SessionState.READY
    desk.run_until(WINDOW + timedelta(minutes=7))
    assert desk.legs(reservation)[Role.ENTRY].state is OrderState.WORKING
    assert desk.read(desk.stores.session.status)[1] == 1  # type: ignore[index]  # a status is there


def test_a_new_session_is_a_new_epoch() -> None:
    desk = a_desk(start=WINDOW)
    desk.turn()
    desk.broker.state = SessionState.NO_BRIDGE
    desk.run_until(WINDOW + timedelta(minutes=3))
    desk.read_again()
    status = desk.read(desk.stores.session.status)
    assert status is not None
    assert status[0].ready


def test_a_persons_cancel_ends_a_queued_intent_and_a_working_order() -> None:
    desk = a_desk()
    queued, working = desk.reserve_entry(conid=MSFT), desk.reserve_entry()
    dealing = Dealing(desk.stores.commands, desk.parts.audit, desk.clock)
    desk.write(lambda t: dealing.ask(t, CommandKind.CANCEL_INTENT, queued.intents[0].intent, "owner"))
    desk.run_until(WINDOW + timedelta(seconds=10))
    assert desk.intent_state(queued) is IntentState.CANCELLED
    desk.write(lambda t: dealing.ask(t, CommandKind.CANCEL_ORDER, working.orders[0].order[:8], "owner"))
    desk.run_until(WINDOW + timedelta(seconds=30))
    assert {order.state for order in desk.legs(working).values()} == {OrderState.CANCELLED}
    results = [c.result for c in desk.read(dealing.recent)]
    assert results == ["cancel accepted", "cancelled"]


def test_T_16_a_person_exits_a_position_also_at_halt_with_complete_lineage() -> None:
    desk, entry = holding_ten()
    desk.write(lambda t: desk.parts.risk.set_halt(t, HaltLevel.HALT, "test", "owner"))
    dealing = Dealing(desk.stores.commands, desk.parts.audit, desk.clock)
    desk.write(lambda t: dealing.ask(t, CommandKind.EXIT_POSITION, f"s{AAPL}", "owner"))
    desk.turn()
    assert [c.result for c in desk.read(dealing.recent)] == [f"selling S{AAPL}"]
    assert len(desk.broker.modified) == 1
    desk.broker.fill(desk.legs(entry)[Role.TARGET].coid, 10, "169.80")
    desk.run_until(LATER + 10 * SECOND)
    assert desk.held() == {}
    [intent] = [
        i
        for i, s in desk.read(lambda t: desk.parts.orders.intents(t, states=[IntentState.DONE]))
        if i.role is Role.EXIT
    ]
    graph = desk.read(lambda t: desk.parts.lineage.graph(t, f"intent:{intent.intent}"))
    assert [node.kind for node in graph.nodes] == ["act", "intent"]


def test_T_40_a_tick_size_that_is_not_known_is_a_warning_and_stops_no_exit() -> None:
    desk, entry = holding_a_stock_of_unknown_ticks()
    dealing = Dealing(desk.stores.commands, desk.parts.audit, desk.clock)
    desk.write(lambda t: dealing.ask(t, CommandKind.EXIT_POSITION, str(MSFT), "owner"))
    desk.turn()
    assert [c.result for c in desk.read(dealing.recent)] == [f"selling S{MSFT}"]
    # In whole cents: bid 169.90 − 0.1 %, rounded down.
    assert [ticket.price for _, ticket in desk.broker.modified] == [Decimal("169.73")]
    assert desk.told().count(f"S{MSFT}: its tick size is not known") == 1
    desk.broker.fill(desk.legs(entry)[Role.TARGET].coid, 10, "169.80")
    desk.run_until(LATER + 10 * SECOND)
    assert desk.held() == {}


def test_T_40_flatten_sells_what_has_no_known_tick_size() -> None:
    desk, entry = holding_a_stock_of_unknown_ticks()
    desk.write(lambda t: desk.parts.risk.set_halt(t, HaltLevel.FLATTEN, "test", "owner"))
    desk.run_until(LATER + 61 * SECOND)
    assert desk.broker.by_coid(desk.legs(entry)[Role.TARGET].coid).ticket.order_type is OrderType.MARKET
    assert f"S{MSFT}: FLATTEN cannot go on" not in desk.told()


def test_T_40_a_stop_is_placed_and_moved_where_the_tick_size_is_not_known() -> None:
    desk, entry = holding_a_stock_of_unknown_ticks()
    dealing = Dealing(desk.stores.commands, desk.parts.audit, desk.clock)
    stop = desk.legs(entry)[Role.STOP]
    tighter = canonical_text(Modification(order=stop.order, price=Decimal("166.5")))
    desk.write(lambda t: dealing.ask(t, CommandKind.MODIFY_ORDER, tighter, "owner"))
    desk.run_until(LATER + 10 * SECOND)
    assert [one.ticket.price for one in desk.broker.live_stops()] == [Decimal("166.5")]
    desk.broker.by_coid(stop.coid).status = "Cancelled"
    desk.run_until(LATER + 30 * SECOND)
    desk.write(lambda t: dealing.ask(t, CommandKind.PROTECT_POSITION, f"{MSFT}@165.125", "owner"))
    desk.run_until(LATER + 60 * SECOND)
    # A stop of a long is rounded up.
    assert [one.ticket.price for one in desk.broker.live_stops()] == [Decimal("165.13")]
    assert f"S{MSFT}: its tick size is not known" in desk.told()


def holding_a_stock_of_unknown_ticks() -> tuple[TestDesk, Reservation]:
    """No rules of it were ever fetched, and the broker tells none."""
    desk = a_desk()
    reservation = desk.reserve_entry(MSFT)
    desk.run_until(WINDOW)
    desk.broker.fill(desk.legs(reservation)[Role.ENTRY].coid, 10, "170.10")
    desk.run_until(LATER)
    return desk, reservation


def test_an_exit_of_what_the_desk_does_not_hold_is_refused_with_the_reason() -> None:
    desk = a_desk(start=WINDOW)
    dealing = Dealing(desk.stores.commands, desk.parts.audit, desk.clock)
    desk.write(lambda t: dealing.ask(t, CommandKind.EXIT_POSITION, "TSLA", "owner"))
    desk.turn()
    [command] = desk.read(dealing.recent)
    assert command.result.startswith("refused: symbol: the desk holds no TSLA")


def test_T_50_flatten_sells_everything_the_desk_holds_and_leaves_the_owners_shares() -> None:
    desk, entry = holding_ten()
    desk.broker.opening = {MSFT: Decimal(7)}
    desk.write(lambda t: desk.parts.risk.set_halt(t, HaltLevel.FLATTEN, "test", "owner"))
    desk.run_until(LATER + 61 * SECOND)
    assert {number for number, _ in desk.broker.modified} == {desk.legs(entry)[Role.TARGET].broker_order_id}
    assert desk.broker.by_coid(desk.legs(entry)[Role.TARGET].coid).ticket.order_type is OrderType.MARKET
    desk.broker.fill(desk.legs(entry)[Role.TARGET].coid, 10, "169.50")
    desk.run_until(LATER + 70 * SECOND)
    assert desk.held() == {}
    assert all(ticket.conid == AAPL for tickets in desk.broker.placed for ticket in tickets)


def test_T_50_a_flatten_that_cannot_go_on_is_told() -> None:
    desk, _ = holding_ten()
    desk.dealers.append(Dealer(replace(desk.parts, manual_runs=None)))
    desk.write(lambda t: desk.parts.risk.set_halt(t, HaltLevel.FLATTEN, "test", "owner"))
    desk.turn()
    assert f"S{AAPL}: FLATTEN cannot go on" in desk.told()


def test_T_50_freeze_sends_nothing_not_even_a_cancel() -> None:
    desk, entry = holding_ten()
    desk.write(lambda t: desk.parts.risk.set_halt(t, HaltLevel.FREEZE, "test", "owner"))
    desk.reserve_exit(desk.legs(entry)[Role.TARGET])
    dealing = Dealing(desk.stores.commands, desk.parts.audit, desk.clock)
    stop = desk.legs(entry)[Role.STOP].order
    desk.write(lambda t: dealing.ask(t, CommandKind.CANCEL_ORDER, stop, "owner"))
    desk.run_until(LATER + timedelta(minutes=2))
    assert (desk.broker.modified, desk.broker.cancelled) == ([], [])
    [command] = desk.read(dealing.recent)
    assert "FREEZE" in command.result
