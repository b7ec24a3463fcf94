"""Who waits elsewhere for a turn at the gate is told when to come back (`design.md` §4)."""

from datetime import timedelta

import pytest

from glassdesk.adapters.ibkr.calls import Request
from glassdesk.adapters.ibkr.gate import TooSoon
from tests.adapters.ibkr.gateway import START, Desk
from tests.facts import order_tracking

SEARCH = Request(method="GET", path="/iserver/secdef/search", params={"symbol": "A"})
ORDERS = "/iserver/account/orders"


def test_an_impatient_caller_is_told_when_to_come_back(over: Desk) -> None:
    over.gateway.on("GET", ORDERS, order_tracking.LIVE_ORDERS.example)
    over.broker.order_tracking.live_orders()
    with pytest.raises(TooSoon) as soon:
        over.broker.gate.read(Request(method="GET", path=ORDERS), patient=False)
    assert soon.value.at == START + timedelta(seconds=5)


def test_those_who_come_back_have_a_turn_each_in_the_order_in_which_they_asked(over: Desk) -> None:
    over.gateway.on("GET", SEARCH.path, [])
    turns = [_turn_of(over, SEARCH) for _ in range(20)]
    assert turns[:8] == [timedelta()] * 8
    assert turns[8:] == [timedelta(seconds=1) + timedelta(seconds=n) / 8 for n in range(12)]


def test_a_wait_for_the_interval_of_a_path_puts_nobody_else_off(over: Desk) -> None:
    over.gateway.on("GET", ORDERS, order_tracking.LIVE_ORDERS.example)
    over.gateway.on("GET", SEARCH.path, [])
    orders_path = Request(method="GET", path=ORDERS)
    assert [_turn_of(over, orders_path) for _ in range(2)] == [timedelta(), timedelta(seconds=5)]
    turns = [_turn_of(over, SEARCH) for _ in range(8)]
    assert max(turns) < timedelta(seconds=2)


def _turn_of(over: Desk, request: Request) -> timedelta:
    """How long this caller is asked to stay away."""
    try:
        over.broker.gate.read(request, patient=False)
    except TooSoon as soon:
        return soon.at - START
    return timedelta()
