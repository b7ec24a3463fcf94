"""Laws of the exchange that hold for any orders and any way of passing time."""

from dataclasses import asdict
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ibkr_simulator.exchange import fees
from ibkr_simulator.exchange.accounts import Account
from ibkr_simulator.exchange.exchange import Exchange
from ibkr_simulator.exchange.market import Market
from ibkr_simulator.exchange.orders import Ticket, Trail
from ibkr_simulator.instants import MINUTE, parse
from ibkr_simulator.switches import Switches
from simulator.tests.conftest import Make
from simulator.tests.support import AAPL, ACCOUNT, bracket, limit

START = parse("2005-02-22T14:00:00Z")


@st.composite
def tickets(pick: st.DrawFn) -> Ticket:
    """Any order on AAPL around its price of that week, which was 85 to 90."""
    kind = pick(st.sampled_from(["LMT", "MKT", "STP", "STOP_LIMIT", "TRAIL", "TRAILLMT", "MOC", "LOC"]))
    tifs = ["DAY", "GTC", "IOC", "OPG"] if kind in ("LMT", "MKT") else ["DAY", "GTC"]
    limited, stopped = kind in ("LMT", "STOP_LIMIT", "TRAILLMT", "LOC"), kind in ("STP", "STOP_LIMIT")
    return Ticket(
        conid=AAPL,
        side=pick(st.sampled_from(["BUY", "SELL"])),
        kind=kind,
        tif="DAY" if kind in ("MOC", "LOC") else pick(st.sampled_from(tifs)),
        quantity=pick(st.integers(1, 30)),
        limit=pick(st.integers(8300, 9100)) if limited else None,
        stop=pick(st.integers(8300, 9100)) if stopped or (pick(st.booleans()) and kind == "TRAIL") else None,
        trail=pick(trails) if kind in ("TRAIL", "TRAILLMT") else None,
    )


trails = st.builds(Trail, amount=st.integers(1, 300)) | st.builds(Trail, percent=st.integers(1, 400))
plans = st.lists(st.tuples(st.integers(0, 3000), tickets(), st.booleans()), min_size=1, max_size=6)


def run(market: Market, plan: list[tuple[int, Ticket, bool]], pieces: int, step: int | None) -> Exchange:
    """Place the plan's orders, with children where it says so; pass time in one jump or in steps."""
    switches = Switches({"partial_fills": str(pieces)})
    exchange = Exchange(market, [Account(account_id="DU1")], switches, 7, START)
    exchange.fund(10_000_000, "start")
    for after, ticket, with_children in plan:
        travel(exchange, exchange.now + after * MINUTE // 10, step)
        parent = exchange.book(ticket)
        exchange.match_now(parent)
        for child in children(ticket) if with_children else []:
            exchange.match_now(exchange.book(child, parent=parent, oca=str(parent.order_id)))
    travel(exchange, START + 8 * 1440 * MINUTE, step)
    return exchange


def children(ticket: Ticket) -> list[Ticket]:
    side: Any = "SELL" if ticket.side == "BUY" else "BUY"
    near, far = (8400, 9000) if side == "SELL" else (9000, 8400)
    common = {"conid": AAPL, "side": side, "tif": "GTC", "quantity": ticket.quantity}
    return [
        Ticket(kind="STP", stop=near, **common),
        Ticket(kind="LMT", limit=far, **common),
        Ticket(kind="TRAIL", trail=Trail(percent=150), **common),
    ]


def travel(exchange: Exchange, until: int, step: int | None) -> None:
    while step and exchange.now + step < until:
        exchange.advance(exchange.now + step)
    exchange.advance(until)


@given(plans, st.integers(1, 3), st.integers(MINUTE // 3, 1000 * MINUTE))
@settings(max_examples=40, deadline=None)
def test_how_time_passes_does_not_matter(
    market: Market, plan: list[tuple[int, Ticket, bool]], pieces: int, step: int
) -> None:
    at_once, in_steps = run(market, plan, pieces, None), run(market, plan, pieces, step)
    assert [asdict(each) for each in at_once.executions] == [asdict(each) for each in in_steps.executions]
    assert at_once.equity() == in_steps.equity()
    assert [asdict(order) for order in at_once.orders.values()] == [
        asdict(order) for order in in_steps.orders.values()
    ]


@given(plans, st.integers(1, 3))
@settings(max_examples=60, deadline=None)
def test_orders_cash_and_positions_agree_whatever_happens(
    market: Market, plan: list[tuple[int, Ticket, bool]], pieces: int
) -> None:
    exchange = run(market, plan, pieces, None)
    account = exchange.account
    for order in exchange.orders.values():
        fills = [each for each in exchange.executions if each.order_id == order.order_id]
        assert sum(each.quantity for each in fills) == order.filled <= order.quantity
        assert sum(each.commission - each.fees for each in fills) == order.commission
        assert order.commission == (fees.commission(order.filled, order.value) if order.filled else 0)
        assert all(within(order.limit, each.price, buying=order.buying) for each in fills)
    assert sum(entry.amount for entry in account.ledger) == account.cash
    groups = [order.oca for order in exchange.orders.values() if order.oca]
    for group in set(groups):
        members = [order for order in exchange.orders.values() if order.oca == group]
        assert sum(order.filled for order in members) <= max(order.quantity for order in members) + pieces


def within(limit_price: int | None, price: int, *, buying: bool) -> bool:
    return limit_price is None or (price <= limit_price if buying else price >= limit_price)


def test_a_gtc_order_ends_with_the_quarter_after_the_current_one(make: Make) -> None:
    client = make()
    client.place(limit("a", 100.0, tif="GTC"))
    assert client.control("GET", "/truth/orders")[0]["expires_at"] == "2013-04-01T04:00:00Z"


def test_a_request_can_reach_the_broker_late(make: Make) -> None:
    client = make()
    client.control("POST", "/faults", {"number": 22, "late": 120})
    client.api("POST", f"{ACCOUNT}/orders", {"orders": [limit("late", 600.0)]})
    assert client.orders() == {}
    client.advance("2012-10-01T15:01:59Z")
    assert client.orders() == {}
    client.advance("2012-10-01T15:05:00Z")
    assert client.control("GET", "/truth/orders")[0]["placed_at"] == "2012-10-01T15:02:00Z"


def test_a_late_reply_accepts_an_order_whose_question_seemed_void(make: Make) -> None:
    client = make()
    question = client.ask(*bracket("b", 600.0, 590.0, 720.0))[0]["id"]
    client.control("POST", "/faults", {"number": 22, "late": 60, "endpoint": "reply"})
    client.api("POST", f"/iserver/reply/{question}", {"confirmed": True})
    assert client.orders() == {}
    client.advance("2012-10-01T15:02:00Z")
    assert set(client.orders()) == {"b", "b-stop", "b-target"}


def test_a_corrected_execution_comes_as_the_next_revision_and_moves_the_cash(make: Make) -> None:
    client = make()
    client.place(limit("a", 700.0))
    before = client.control("GET", "/truth/equity")["cash"]
    client.control("POST", "/faults", {"number": 68, "cents": 5})
    first, second = client.get("/iserver/account/trades")
    assert second["execution_id"] == first["execution_id"][:-1] + "2"
    assert float(second["price"]) == pytest.approx(float(first["price"]) + 0.05)
    assert float(client.control("GET", "/truth/equity")["cash"]) == pytest.approx(float(before) - 0.5)


def test_market_data_lines_run_out(make: Make) -> None:
    client = make(market_data_lines="1", snapshot_calls="1")
    path = f"/iserver/marketdata/snapshot?conids={AAPL},8314&fields=31"
    client.get(path)
    assert ["31" in row for row in client.get(path)] == [True, False]
