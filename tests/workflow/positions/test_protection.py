"""What is known about a position's stop: not listed is not gone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from glassdesk.workflow.orders.model import Order, OrderState, OrderType, Role, Side, Ticket, TimeInForce
from glassdesk.workflow.positions.model import Position
from glassdesk.workflow.positions.protection import ProtectionState, Seen, protection

NOW = datetime(2024, 3, 5, 14, 35, tzinfo=UTC)
POSITION = Position(
    account="DU1",
    conid=1,
    symbol="AAPL",
    strategy="morning",
    quantity=Decimal(10),
    average_price=Decimal(100),
    opened_at=NOW,
    opened_by_run="run",
)


def a_stop(state: OrderState, quantity: int = 10) -> Order:
    ticket = Ticket(
        coid="gd1s",
        parent_coid=None,
        account="DU1",
        conid=1,
        side=Side.SELL,
        order_type=OrderType.STOP,
        quantity=Decimal(quantity),
        price=Decimal(95),
        tif=TimeInForce.GTC,
        role=Role.STOP,
    )
    return Order(
        order="stop",
        intent="stop",
        run="run",
        coid="gd1s",
        role=Role.STOP,
        parent="entry",
        account="DU1",
        strategy="morning",
        conid=1,
        state=state,
        ticket=ticket,
        reserved_at=NOW,
    )


@pytest.mark.parametrize(
    ("stop", "epoch", "state"),
    [
        (a_stop(OrderState.WORKING), 2, ProtectionState.LIVE),
        (a_stop(OrderState.WORKING), 3, ProtectionState.UNVERIFIED),
        (a_stop(OrderState.UNKNOWN), 2, ProtectionState.UNVERIFIED),
        (a_stop(OrderState.WORKING, quantity=9), 2, ProtectionState.GONE),
        (a_stop(OrderState.CANCELLED), 2, ProtectionState.GONE),
        (a_stop(OrderState.REJECTED), 2, ProtectionState.NONE),
    ],
)
def test_T_32_the_states_of_protection(stop: Order, epoch: int, state: ProtectionState) -> None:
    view = protection(POSITION, [stop], {"stop": Seen(epoch=2, seen_at=NOW)}, epoch)
    assert view.state is state
    assert view.seen_at == NOW


def test_a_position_without_any_stop_has_none() -> None:
    other = replace(a_stop(OrderState.WORKING), strategy="evening")
    assert protection(POSITION, [other], {}, 1).state is ProtectionState.NONE
