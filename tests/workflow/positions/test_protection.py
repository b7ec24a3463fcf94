"""What is known about a position's stop: not listed is not gone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
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


def test_of_several_stops_that_live_the_newest_names_price_and_time_and_all_count() -> None:
    first = replace(a_stop(OrderState.WORKING, quantity=4), order="first")
    second = replace(
        a_stop(OrderState.PARTIAL, quantity=8),
        order="second",
        filled=Decimal(2),
        reserved_at=NOW + timedelta(minutes=1),
    )
    second = replace(second, ticket=replace(second.ticket, price=Decimal(97)))
    sightings = {one.order: Seen(epoch=2, seen_at=one.reserved_at) for one in (first, second)}
    for stops in ([first, second], [second, first]):
        view = protection(POSITION, stops, sightings, 2)
        assert (view.stop_order, view.stop_price) == ("second", Decimal(97))
        assert (view.seen_at, view.stop_quantity) == (NOW + timedelta(minutes=1), Decimal(10))
        assert view.state is ProtectionState.LIVE


def test_T_35_what_the_broker_does_not_hold_needs_no_stop() -> None:
    stop = a_stop(OrderState.WORKING, quantity=6)
    seen = {"stop": Seen(epoch=2, seen_at=NOW)}
    assert protection(POSITION, [stop], seen, 2, at_broker=Decimal(6)).state is ProtectionState.LIVE
    assert protection(POSITION, [stop], seen, 2, at_broker=Decimal(-3)).needed == 0
    assert protection(POSITION, [stop], seen, 2, at_broker=Decimal(30)).needed == 10
