"""Shares of a sell that may still arrive stay promised, whoever wants them sold or kept."""

from __future__ import annotations

from datetime import timedelta

import pytest

from glassdesk.workflow.dealing.model import CommandKind
from glassdesk.workflow.dealing.service import Dealing
from glassdesk.workflow.orders.model import Order, OrderState, Role
from tests.workflow.dealing.desk import TestDesk
from tests.workflow.dealing.makers import AAPL
from tests.workflow.dealing.test_exits import LATER, SECOND, holding_ten


@pytest.mark.parametrize("kind", [CommandKind.CANCEL_ORDER, CommandKind.CANCEL_INTENT])
def test_T_36_a_sell_that_may_still_arrive_is_not_given_up_by_a_cancel(kind: CommandKind) -> None:
    """Chaos, E1 seed 4209: it was sold once more by another exit, and then its own request arrived: short."""
    desk, entry = holding_ten()
    desk.broker.by_coid(desk.legs(entry)[Role.TARGET].coid).status = "Cancelled"
    desk.broker.by_coid(desk.legs(entry)[Role.STOP].coid).status = "Cancelled"
    desk.run_until(LATER + 10 * SECOND)
    dealing = Dealing(desk.stores.commands, desk.parts.audit, desk.clock)
    desk.broker.next_place = ["lost_before"]
    desk.write(lambda t: dealing.ask(t, CommandKind.EXIT_POSITION, str(AAPL), "owner"))
    desk.turn()
    sell = own_sells(desk)[0]
    for _ in range(200):
        desk.at(desk.turn() or desk.clock.now())
        sell = own_sells(desk)[0]
        if sell.state is OrderState.RESERVED:
            break
    assert (sell.state, sell.sends) == (OrderState.RESERVED, 1)
    placed = len(desk.broker.placed)
    desk.write(lambda t: dealing.ask(t, kind, sell.order, "owner"))
    desk.write(lambda t: dealing.ask(t, CommandKind.EXIT_POSITION, str(AAPL), "owner"))
    desk.run_until(desk.clock.now() + timedelta(minutes=30))
    assert own_sells(desk)[0].state is OrderState.NEEDS_OPERATOR
    assert len(desk.broker.placed) == placed
    results = [c.result for c in desk.read(dealing.recent)]
    assert any("a request of it may still arrive" in result for result in results)


def test_T_36_a_persons_exit_does_not_displace_a_sell_that_may_still_arrive() -> None:
    desk, entry = holding_ten()
    desk.broker.by_coid(desk.legs(entry)[Role.TARGET].coid).status = "Cancelled"
    desk.broker.by_coid(desk.legs(entry)[Role.STOP].coid).status = "Cancelled"
    desk.run_until(LATER + 10 * SECOND)
    desk.broker.next_place = ["lost_before"]
    desk.reserve_exit(None)
    for _ in range(200):
        desk.at(desk.turn() or desk.clock.now())
        if own_sells(desk) and own_sells(desk)[0].state is OrderState.RESERVED and own_sells(desk)[0].sends:
            break
    dealing = Dealing(desk.stores.commands, desk.parts.audit, desk.clock)
    desk.write(lambda t: dealing.ask(t, CommandKind.EXIT_POSITION, str(AAPL), "owner"))
    desk.run_until(desk.clock.now() + timedelta(minutes=1))
    [command] = desk.read(dealing.recent)
    assert command.result.startswith("refused: symbol: its shares are on sale already")
    assert [sell.state for sell in own_sells(desk)] == [OrderState.WORKING]


def own_sells(desk: TestDesk) -> list[Order]:
    orders = desk.read(desk.parts.order_rows.orders)
    return [order for order in orders if order.role is Role.EXIT]
