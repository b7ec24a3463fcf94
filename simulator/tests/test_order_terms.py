"""Auctions, times in force, halts, hours, and what the broker does not take."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from ibkr_simulator.exchange.market import Market
from ibkr_simulator.exchange.tape import Halt
from ibkr_simulator.instants import MINUTE
from simulator.tests.conftest import Make, begin
from simulator.tests.small_tape import small_market
from simulator.tests.support import AAPL, ACCOUNT, IBM, Inside, bracket, limit

# On 2012-10-01 AAPL opened at 671.50 and closed at 659.39; on the second it opened at 661.81.


def market_order(name: str, **terms: Any) -> dict[str, Any]:
    order = limit(name, 1.0) | {"orderType": "MKT"}
    del order["price"]
    return order | terms


def reasons(client: Inside) -> dict[str, Any]:
    return {row["coid"]: row["reason"] for row in client.control("GET", "/truth/orders")}


def test_an_opening_order_trades_in_the_next_opening_auction_or_not_at_all(make: Make) -> None:
    client = make()
    client.place(limit("low", 600.0, tif="OPG"))
    client.place(limit("high", 700.0, tif="OPG"), market_order("any", tif="OPG"))
    assert set(client.statuses().values()) == {"PreSubmitted"}
    client.advance("2012-10-02T13:30:00Z")
    assert client.statuses() == {"low": "Cancelled", "high": "Filled", "any": "Filled"}
    assert {(row["price"], row["at"]) for row in client.executions()} == {("661.81", "2012-10-02T13:30:00Z")}


def test_closing_orders_trade_at_the_close_and_too_late_ones_the_next_day(make: Make) -> None:
    client = make()
    client.place(market_order("moc", orderType="MOC"))
    client.place(limit("loc", 659.38) | {"orderType": "LOC"})
    client.advance("2012-10-01T19:51:00Z")
    client.place(market_order("late", orderType="MOC"))
    client.advance("2012-10-01T20:00:00Z")
    assert client.statuses() == {"moc": "Filled", "loc": "Cancelled", "late": "PreSubmitted"}
    assert [(row["coid"], row["price"], row["at"]) for row in client.executions()] == [
        ("moc", "659.39", "2012-10-01T20:00:00Z")
    ]
    client.advance("2012-10-02T20:00:00Z")
    assert client.executions()[-1]["coid"] == "late"


def test_an_auction_takes_all_of_an_order_or_none(make: Make) -> None:
    client = make(partial_fills="3", cancel_seconds="0")
    placed = [client.place(market_order(name, orderType="MOC"))[0] for name in ("kept", "gone")]
    client.api("DELETE", f"{ACCOUNT}/order/{placed[1]['order_id']}")
    client.control("POST", "/switches", {"cancel_seconds": "60"})
    late = client.place(market_order("late", orderType="MOC"))[0]["order_id"]
    client.advance("2012-10-01T19:58:00Z")
    client.api("DELETE", f"{ACCOUNT}/order/{late}")
    client.advance("2012-10-01T20:00:00Z")
    assert client.statuses() == {"kept": "Filled", "gone": "Cancelled", "late": "Cancelled"}
    assert [row["quantity"] for row in client.executions()] == [10]


def test_orders_for_an_auction_that_does_not_take_place_end_unfilled() -> None:
    market = small_market(date(2012, 10, 1), date(2012, 10, 5), [5000])
    bars = market.tape.bars[AAPL]
    silent = replace(bars, volume=bars.volume.copy())
    silent.volume[1] = 0
    market = Market(replace(market.tape, bars={**market.tape.bars, AAPL: silent}), 7)
    client = begin(market, "2012-10-01T20:30:00Z", questions="")
    client.place(market_order("opg", tif="OPG"), market_order("moc", orderType="MOC"), market_order("day"))
    client.place(market_order("gtc", tif="GTC"))
    client.advance("2012-10-02T20:00:00Z")
    states = dict.fromkeys(("opg", "moc", "day"), "Cancelled")
    assert client.statuses() == states | {"gtc": "PreSubmitted"}
    client.advance("2012-10-03T13:30:00Z")
    assert [(row["coid"], row["price"]) for row in client.executions()] == [("gtc", "50.00")]


def test_an_immediate_order_takes_what_it_gets_and_ends(make: Make) -> None:
    client = make(partial_fills="3")
    client.place(limit("a", 700.0, tif="IOC"))
    client.place(limit("b", 600.0, tif="IOC"))
    assert client.statuses() == {"a": "Cancelled", "b": "Cancelled"}
    rows = client.orders()
    assert (rows["a"]["filledQuantity"], rows["b"]["filledQuantity"]) == (4.0, 0.0)


def test_an_order_for_extended_hours_outlives_the_close_by_four_hours(make: Make) -> None:
    client = make()
    client.place(limit("a", 600.0) | {"outsideRTH": True})
    client.advance("2012-10-01T23:59:59Z")
    assert client.statuses() == {"a": "PreSubmitted"}
    client.advance("2012-10-01T23:59:59Z")
    client.place(limit("evening", 600.0) | {"outsideRTH": True})
    client.advance("2012-10-02T00:00:00Z")
    assert client.statuses() == {"a": "Cancelled", "evening": "Cancelled"}
    client.advance("2012-10-02T00:30:00Z")
    client.place(limit("b", 600.0) | {"outsideRTH": True})
    assert client.control("GET", "/truth/orders")[2]["expires_at"] == "2012-10-03T00:00:00Z"


@pytest.mark.parametrize(
    ("change", "status", "text"),
    [
        ({"orderType": "MIDPRICE"}, 200, "order type is not supported"),
        ({"orderType": "REL"}, 200, "order type is not supported"),
        ({"tif": "PAX"}, 200, "time in force is invalid"),
        ({"tif": "GTD"}, 400, "tif is invalid"),
        ({"tif": "OVT"}, 200, "time in force is invalid"),
        ({"orderType": "STP", "tif": "IOC"}, 200, "time in force is invalid"),
        ({"orderType": "TRAIL", "trailingAmt": 1, "trailingType": "amt", "tif": "OPG"}, 200, "time in force"),
        ({"orderType": "LOC", "tif": "GTC"}, 200, "time in force is invalid"),
        ({"tif": "OPG", "outsideRTH": True}, 200, "Outside Regular Trading Hours"),
        ({"acctId": "DU999"}, 400, "accountId is not valid"),
    ],
)
def test_what_the_broker_does_not_take(make: Make, change: dict[str, Any], status: int, text: str) -> None:
    client = make()
    answer = client.api("POST", f"{ACCOUNT}/orders", {"orders": [limit("a", 600.0) | change]})
    assert answer[0] == status
    assert text in answer[1]["error"]
    assert client.control("GET", "/truth/orders") == []


def test_a_halted_contract_does_not_trade_until_it_prints_again() -> None:
    day = date(2012, 10, 2)
    market = small_market(date(2012, 10, 1), date(2012, 10, 5), [5000, 4000], halts=[(day, 1, 45)])
    client = begin(market, "2012-10-02T13:31:00Z", questions="")
    client.place(limit("limit", 45.0), market_order("stop", side="SELL", orderType="STP", price=45))
    client.place(market_order("market"))
    client.place(market_order("at once", tif="IOC"))
    client.place(market_order("other", conid=IBM))
    states = client.statuses()
    assert (states["market"], states["at once"], states["other"]) == ("Submitted", "Cancelled", "Filled")
    client.advance("2012-10-02T14:14:59Z")
    assert [row["coid"] for row in client.executions()] == ["other"]
    client.advance("2012-10-02T14:15:00Z")
    # The first price after a halt is that of an auction: no spread, no better limit.
    assert {(row["coid"], row["at"], row["price"]) for row in client.executions()[1:]} == {
        ("limit", "2012-10-02T14:15:00Z", "40.00"),
        ("stop", "2012-10-02T14:15:00Z", "40.00"),
        ("market", "2012-10-02T14:15:00Z", "40.00"),
    }


def test_a_trailing_stop_does_not_move_while_its_contract_is_halted(market: Market) -> None:
    day = market.sessions.index_of(date(2012, 10, 1))
    starts, ends = (market.sessions.opens[day] + minute * MINUTE for minute in (120, 240))
    halted = Market(replace(market.tape, halts=(Halt(conid=AAPL, starts=starts, ends=ends),)), 7)
    client = begin(halted, "2012-10-01T15:00:00Z", questions="")
    trail = market_order("t", orderType="TRAIL", trailingAmt=12, trailingType="amt", tif="GTC")
    client.place(trail)

    def stop_at(instant: int) -> str:
        client.world.advance(instant, tickled=False)
        return str(client.orders()["t"]["auxPrice"])

    seen = [stop_at(each) for each in (starts - 60 * MINUTE, starts - 1, ends - 1, ends + 60 * MINUTE)]
    assert seen[1] == seen[2]
    assert len(set(seen)) > 1


def test_a_sixteenth_working_order_on_one_side_is_refused(make: Make) -> None:
    client = make()
    for number in range(15):
        client.place(limit(f"b{number}", 600.0, quantity=1))
    assert "minimum of 15 orders" in client.ask(limit("more", 600.0, quantity=1))["error"]
    assert client.place(limit("sell", 900.0, side="SELL", quantity=1))[0]["order_status"] == "Submitted"
    assert client.place(limit("ibm", 100.0, quantity=1) | {"conid": IBM})[0]["order_status"] == "Submitted"


def test_ninety_days_without_login_end_orders_that_outlast_a_day(make: Make) -> None:
    client = make()
    client.place(limit("gtc", 100.0, tif="GTC"))
    client.control("POST", "/person/sign-out", {})
    client.advance("2012-12-30T14:59:59Z")
    assert reasons(client) == {"gtc": None}
    client.advance("2012-12-30T15:00:00Z")
    assert reasons(client) == {"gtc": "no login for 90 days"}


def test_a_login_in_between_keeps_them(make: Make) -> None:
    client = make()
    client.place(limit("gtc", 100.0, tif="GTC"))
    client.control("POST", "/person/sign-out", {})
    client.advance("2012-12-01T15:00:00Z")
    client.control("POST", "/person/sign-in", {})
    client.control("POST", "/person/sign-out", {})
    client.advance("2013-02-01T15:00:00Z")
    assert reasons(client) == {"gtc": None}


def test_an_order_that_is_being_cancelled_cannot_be_changed(make: Make) -> None:
    client = make()
    order_id = client.place(limit("a", 600.0))[0]["order_id"]
    client.api("DELETE", f"{ACCOUNT}/order/{order_id}")
    assert client.api("POST", f"{ACCOUNT}/order/{order_id}", limit("a", 601.0))[0] == 400
    client.advance("2012-10-01T15:00:01Z")
    assert client.statuses() == {"a": "Cancelled"}


def test_a_fill_overtakes_a_cancel_on_its_way(make: Make) -> None:
    client = make("2012-10-01T13:29:59Z", cancel_seconds="2")
    order_id = client.place(limit("a", 672.0))[0]["order_id"]
    client.api("DELETE", f"{ACCOUNT}/order/{order_id}")
    client.advance("2012-10-01T13:35:00Z")
    assert client.statuses() == {"a": "Filled"}


def test_yes_to_an_advanced_reject_places_the_order_and_no_does_not(make: Make) -> None:
    client = make(questions="")
    for name, word in (("yes", "Yes"), ("no", "No")):
        client.control("POST", "/faults", {"number": 51})
        prompt = client.ask(limit(name, 600.0))
        assert (prompt["prompt"], client.control("GET", "/truth/orders")[1:]) == (True, [])
        answer = {"orderId": prompt["orderId"], "reqId": prompt["reqId"], "text": word}
        assert client.post("/iserver/notification", answer) == '"Success"'
    assert [row["coid"] for row in client.control("GET", "/truth/orders")] == ["yes"]


def test_a_bracket_keeps_its_children_to_the_end_of_the_quarter_after_the_current_one(make: Make) -> None:
    client = make(questions="")
    client.place(*bracket("b", 700.0, 1.0, 9000.0))
    client.advance("2013-03-31T20:00:00Z")
    assert client.statuses() == {"b-stop": "PreSubmitted", "b-target": "PreSubmitted"}
    client.advance("2013-04-01T04:00:00Z")
    assert {row["state"] for row in client.control("GET", "/truth/orders")} == {"filled", "cancelled"}
