"""A simulator that was ended and started again has the same future as one that was not."""

from dataclasses import asdict, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from ibkr_simulator.exchange.listings import AAPL as APPLE
from ibkr_simulator.exchange.market import Market
from ibkr_simulator.exchange.tape import Dividend, Split
from ibkr_simulator.instants import iso, new_york_midnight, parse
from ibkr_simulator.truth import TruthLog
from simulator.tests.conftest import begin
from simulator.tests.support import IBM, Inside, bracket, limit

START = "2012-10-01T14:30:00Z"
SWITCHES = {
    "accounts": "DU1234567:margin,DU7654321:cash",
    "questions": "",
    "children": "scaled",
    "partial_fills": "3",
    "cancel_seconds": "120",
    "dividends": "on",
    "interest_credit_percent": "2.00",
    "borrow_fee_percent": "5.00",
    "monthly_fee": "4.50",
}


@pytest.fixture(scope="module")
def eventful(market: Market) -> Market:
    """October 2012 with a dividend under way and a split."""
    index = market.sessions.index_of
    ex, pays, day = date(2012, 10, 3), date(2012, 10, 9), date(2012, 10, 11)
    dividend = Dividend(
        conid=APPLE.conid,
        session=index(ex),
        amount=Decimal("2.65"),
        at=new_york_midnight(ex),
        pays_at=new_york_midnight(pays),
    )
    split = Split(conid=APPLE.conid, session=index(day), ratio=Fraction(3, 2), at=new_york_midnight(day))
    return Market(replace(market.tape, dividends=(dividend,), splits=(split,)), 7)


def act(client: Inside, number: int) -> None:
    """One of the things that happen in this story, in order."""
    other = "/iserver/account/DU7654321/orders"
    trail = limit("trail", 0.0, side="SELL", quantity=7, tif="GTC")
    del trail["price"]
    if number == 0:
        client.place(*bracket("b", 700.0, 640.0, 680.0, quantity=31))
        client.post(other, {"orders": [limit("c", 700.0, quantity=20)]})
    if number == 1:
        client.place(trail | {"orderType": "TRAIL", "trailingAmt": 1.25, "trailingType": "%"})
        client.place({"conid": IBM, "orderType": "MKT", "side": "SELL", "tif": "DAY", "quantity": 40})
        client.place(limit("rest", 655.0, quantity=5), limit("gtc", 610.0, tif="GTC"))
    if number == 2:
        order = client.world.exchange.by_coid("gtc")
        assert order is not None
        client.api("DELETE", f"/iserver/account/DU1234567/order/{order.order_id}")
        client.post(other, {"orders": [limit("d", 600.0, side="SELL", quantity=20)]})
    if number == 3:
        client.control("POST", "/person/deposit", {"amount": "777.77", "account": "DU7654321"})
        client.world.exchange.correct(client.world.exchange.effective()[0], 3)
        client.control("POST", "/person/bust", {"execution_id": client.executions()[1]["execution_id"]})


WHEN = ["2012-10-01T14:31:30Z", "2012-10-01T15:30:30Z", "2012-10-02T19:59:00Z", "2012-10-05T15:00:30Z"]
# How much of the story has happened, and where it is interrupted: before and after payments and the split.
STOPS = [
    (1, "2012-10-01T14:32:10Z"),
    (2, "2012-10-01T15:40:00Z"),
    (3, "2012-10-02T20:00:00Z"),
    (4, "2012-10-06T12:00:00Z"),
    (4, "2012-10-12T12:00:00Z"),
    (4, "2012-11-01T12:00:00Z"),
]


def books(client: Inside) -> dict[str, Any]:
    """Everything the broker knows."""
    world = client.world
    return {
        "now": iso(world.now),
        "orders": [asdict(order) for order in world.exchange.orders.values()],
        "executions": [asdict(execution) for execution in world.exchange.executions],
        "accounts": [
            {
                **asdict(account),
                "unsettled": sorted(entry.reference for entry in account.unsettled),
                "settled": account.settled(world.now),
                "equity": world.exchange.equity(account),
                "day": world.day_profit(account),
            }
            for account in world.accounts.values()
        ],
        "next": str(world.exchange.next_event()),
    }


def story(client: Inside, first: int, last: int) -> None:
    for number in range(first, last):
        client.world.advance(parse(WHEN[number]), tickled=False)
        act(client, number)


@pytest.mark.parametrize(("number", "at"), STOPS)
def test_a_restart_changes_nothing_of_what_comes(
    eventful: Market, tmp_path: Path, number: int, at: str
) -> None:
    stop = parse(at)
    straight = begin(eventful, START, **SWITCHES)
    story(straight, 0, number)
    straight.world.advance(stop, tickled=False)
    first = begin(eventful, START, truth=TruthLog(tmp_path / "truth.sqlite"), **SWITCHES)
    story(first, 0, number)
    first.world.advance(stop, tickled=False)
    first.world.truth.close()
    again = begin(eventful, START, truth=TruthLog(tmp_path / "truth.sqlite"), **SWITCHES)
    assert books(again) == books(first) == books(straight)
    for client in (again, straight):
        story(client, number, len(WHEN))
        client.world.advance(parse("2012-11-20T15:00:00Z"), tickled=False)
    assert books(again) == books(straight)
    assert len(books(straight)["executions"]) > 10
    assert {entry.lane for entry in straight.world.account.ledger} > {"interest", "borrow", "dividend", "fee"}


def test_the_last_sign_in_is_remembered(eventful: Market, tmp_path: Path) -> None:
    file = tmp_path / "truth.sqlite"
    first = begin(eventful, START, truth=TruthLog(file), questions="")
    first.world.advance(parse("2012-10-20T15:00:00Z"), tickled=False)
    first.control("POST", "/person/sign-in", {})
    first.ready()
    first.place(limit("gtc", 100.0, tif="GTC"))
    first.world.truth.close()
    again = begin(eventful, START, truth=TruthLog(file), questions="", ready=False)
    states = []
    for at in ("2013-01-18T14:59:59Z", "2013-01-18T15:00:00Z"):
        again.world.advance(parse(at), tickled=False)
        states += [order.state for order in again.world.exchange.orders.values()]
    assert states == ["live", "cancelled"]
