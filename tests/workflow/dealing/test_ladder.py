"""What the exit ladder does where the broker does not play along: changes of unknown fate, legs that do not
end, a sell of its own that does not sell (T-41, T-42)."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from glassdesk.workflow.orders.bracket import Reservation
from glassdesk.workflow.orders.model import IntentState, OrderState, OrderType, Role, Side
from tests.workflow.dealing.desk import TestDesk
from tests.workflow.dealing.test_exits import LATER, SECOND, holding_ten

WAITS = "An exit cannot go on"


def target_of(desk: TestDesk, entry: Reservation) -> str:
    """The broker's number of the target."""
    number = desk.legs(entry)[Role.TARGET].broker_order_id
    assert number is not None
    return number


def stop_of(desk: TestDesk, entry: Reservation) -> str:
    """The broker's number of the first stop."""
    number = desk.legs(entry)[Role.STOP].broker_order_id
    assert number is not None
    return number


def stop_prices(desk: TestDesk) -> list[Decimal | None]:
    return [one.ticket.price for one in desk.broker.live_stops()]


def test_T_41_a_change_that_was_never_made_goes_out_again_once_the_order_is_seen_as_it_was() -> None:
    desk, entry = holding_ten()
    desk.broker.next_modify = ["lost_before"]
    desk.reserve_exit(desk.legs(entry)[Role.TARGET])
    # The list shows the old price all the while; that counts only after a minute.
    desk.run_until(LATER + 59 * SECOND)
    assert desk.broker.modified == []
    assert WAITS not in desk.told()
    desk.run_until(LATER + 75 * SECOND)
    assert desk.broker.by_coid(desk.legs(entry)[Role.TARGET].coid).ticket.order_type is OrderType.MARKET
    assert {number for number, _ in desk.broker.modified} == {target_of(desk, entry)}
    assert WAITS not in desk.told()


def test_T_41_the_ladder_stays_frozen_while_nothing_shows_the_order_and_a_person_is_told() -> None:
    desk, entry = holding_ten()
    desk.broker.next_modify = ["lost_before"]
    resting = desk.broker.by_coid(desk.legs(entry)[Role.TARGET].coid)
    resting.listed, desk.broker.forgets_unlisted = False, True
    desk.reserve_exit(desk.legs(entry)[Role.TARGET])
    desk.run_until(LATER + 240 * SECOND)
    # Not listed is not gone: neither moved again nor sold beside it.
    assert (desk.broker.modified, len(desk.broker.placed)) == ([], 1)
    assert desk.told().count(WAITS) == 1
    resting.listed = True
    desk.run_until(LATER + 260 * SECOND)
    assert resting.ticket.order_type is OrderType.MARKET


def test_T_41_a_change_that_only_the_orders_own_status_shows_was_made() -> None:
    desk, entry = holding_ten()
    desk.broker.next_modify = ["lost_after"]
    resting = desk.broker.by_coid(desk.legs(entry)[Role.TARGET].coid)
    resting.listed = False
    desk.reserve_exit(desk.legs(entry)[Role.TARGET])
    desk.run_until(LATER + 59 * SECOND)
    assert len(desk.broker.modified) == 1
    desk.run_until(LATER + 66 * SECOND)
    [first, *_] = desk.broker.modified
    assert first[1].price == Decimal("169.73")
    edits = desk.read(lambda t: desk.stores.audit.entries(t, after=0, limit=10_000))
    assert [row.kind for row in edits].count("order.edited") == 1


def test_T_41_a_change_first_seen_where_the_rest_has_filled_is_written_down_and_the_order_is_filled() -> None:
    desk, entry = holding_ten()
    target = desk.legs(entry)[Role.TARGET]
    resting = desk.broker.by_coid(target.coid)
    resting.ticket = replace(resting.ticket, quantity=Decimal(6))
    desk.broker.fill(target.coid, 6, "177.00")
    desk.run_until(LATER + 60 * SECOND)
    row = desk.order(target)
    assert (row.state, row.filled, row.ticket.quantity) == (OrderState.FILLED, Decimal(6), Decimal(6))
    edits = desk.read(lambda t: desk.stores.audit.entries(t, after=0, limit=10_000))
    assert [one.ref for one in edits if one.kind == "order.edited"] == [f"order:{target.order}"]


def test_T_41_a_target_that_does_not_end_gives_the_exit_up_and_the_stop_never_went() -> None:
    desk, entry = holding_ten()
    desk.broker.next_modify, desk.broker.slow_cancels = ["reject"], True
    leaving = desk.reserve_exit(desk.legs(entry)[Role.TARGET])
    desk.run_until(LATER + 19 * SECOND)
    assert desk.intent_state(leaving) is IntentState.SENT
    desk.run_until(LATER + 35 * SECOND)
    assert desk.intent_state(leaving) is IntentState.DONE
    assert desk.told().count(WAITS) == 1
    assert set(desk.broker.cancelled) == {target_of(desk, entry)}
    assert (len(desk.broker.placed), stop_prices(desk)) == (1, [Decimal("165.01")])


def test_T_41_a_stop_that_does_not_end_in_time_comes_back_at_its_old_price() -> None:
    desk, entry = holding_ten()
    desk.broker.next_modify = ["reject"]
    leaving = desk.reserve_exit(desk.legs(entry)[Role.TARGET])
    desk.run_until(LATER + 8 * SECOND)
    assert desk.broker.cancelled == [target_of(desk, entry)]
    desk.broker.slow_cancels = True
    desk.run_until(LATER + 40 * SECOND)
    assert set(desk.broker.cancelled) == {target_of(desk, entry), stop_of(desk, entry)}
    assert desk.intent_state(leaving) is IntentState.DONE
    assert desk.told().count(WAITS) == 1
    assert len(desk.broker.placed) == 1
    # Its cancel comes through at last: one new stop, for what is held, within a minute.
    desk.broker.end_cancels()
    desk.run_until(LATER + 70 * SECOND)
    assert stop_prices(desk) == [Decimal("165.01")]
    sells = [one for one in desk.broker.orders.values() if one.live and one.ticket.side is Side.SELL]
    assert [one.ticket.quantity for one in sells] == [Decimal(10)]
    assert desk.held() != {}


def test_T_42_a_sell_of_its_own_that_does_not_sell_ends_and_the_stop_comes_back() -> None:
    desk, entry = holding_ten()
    desk.broker.next_modify, desk.broker.asks_about_market = ["reject"], True
    leaving = desk.reserve_exit(desk.legs(entry)[Role.TARGET])
    desk.run_until(LATER + 120 * SECOND)
    sell = desk.order(leaving.intents[0].intent)
    assert (sell.role, sell.state) == (Role.EXIT, OrderState.CANCELLED)
    assert desk.intent_state(leaving) is IntentState.DONE
    assert WAITS in desk.told()
    desk.run_until(LATER + 150 * SECOND)
    assert stop_prices(desk) == [Decimal("165.01")]


def test_T_42_a_sell_of_its_own_that_cannot_be_moved_ends_and_the_stop_comes_back() -> None:
    desk, entry = holding_ten()
    desk.broker.next_modify = ["reject", "reject"]
    desk.reserve_exit(desk.legs(entry)[Role.TARGET])
    desk.run_until(LATER + 90 * SECOND)
    assert stop_prices(desk) == [Decimal("165.01")]
    assert WAITS in desk.told()


def test_T_41_a_fill_between_two_rungs_is_no_longer_for_sale_at_the_next() -> None:
    desk, entry = holding_ten()
    target = desk.legs(entry)[Role.TARGET]
    desk.reserve_exit(target)
    desk.run_until(LATER + 10 * SECOND)
    assert len(desk.broker.modified) == 1
    desk.broker.fill(target.coid, 4, "169.73")
    desk.broker.trade_by_hand(target.conid, Side.SELL, 2, "170")
    desk.run_until(LATER + 61 * SECOND)
    # The broker counts what was filled before into a quantity: four of eight are sold, and four are left.
    number = target_of(desk, entry)
    quantities = [ticket.quantity for moved, ticket in desk.broker.modified if moved == number]
    assert quantities[0] == Decimal(10)
    assert set(quantities[1:]) == {Decimal(8)}
    assert desk.broker.by_coid(target.coid).ticket.order_type is OrderType.MARKET
