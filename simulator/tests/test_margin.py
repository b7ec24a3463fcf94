"""What positions and orders bind, worked out by hand; and when the money of a trade is there."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ibkr_simulator.exchange import fees, settlement
from ibkr_simulator.exchange.margin import Requirement, required
from ibkr_simulator.exchange.sessions import new_york_sessions
from ibkr_simulator.instants import iso
from simulator.tests.conftest import Make, begin
from simulator.tests.small_tape import small_market
from simulator.tests.support import AAPL, ACCOUNT, IBM, Inside, limit

FIRST, LAST = date(2012, 10, 1), date(2012, 10, 31)
HELD = "/portfolio/DU1234567"


def flat(*closes: int, **switches: str) -> Inside:
    """A world where a share costs what it says, without fees."""
    given = {"questions": "", "regulatory_fees": "off", **switches}
    return begin(small_market(FIRST, LAST, closes), "2012-10-01T15:00:00Z", **given)


def market_order(side: str, quantity: int, conid: int = AAPL) -> dict[str, Any]:
    return {"conid": conid, "orderType": "MKT", "tif": "DAY", "side": side, "quantity": quantity}


def summary(client: Inside) -> dict[str, float]:
    return {name: row["amount"] for name, row in client.get(f"{HELD}/summary").items()}


@pytest.mark.parametrize(
    ("holdings", "initial", "maintenance"),
    [
        ([(100, 5_000)], 250_000, 125_000),
        ([(-100, 5_000)], 250_000, 150_000),
        # Five dollars a share are more than 30 %.
        ([(-100, 1_000)], 50_000, 50_000),
        # Below five dollars: the whole value, and at least 2.50 a share.
        ([(-100, 400)], 40_000, 40_000),
        ([(-100, 200)], 25_000, 25_000),
        ([(3, 333)], 500, 250),
        ([(100, 5_000), (-100, 5_000)], 500_000, 275_000),
    ],
)
def test_the_requirement_of_positions(
    holdings: list[tuple[int, int]], initial: int, maintenance: int
) -> None:
    assert required(holdings, cash_account=False) == Requirement(initial=initial, maintenance=maintenance)


@given(st.lists(st.tuples(st.integers(-500, 500), st.integers(1, 90_000)), max_size=6))
def test_keeping_never_takes_more_than_opening(holdings: list[tuple[int, int]]) -> None:
    need = required(holdings, cash_account=False)
    assert 0 <= need.maintenance <= need.initial


def test_a_bought_position_binds_half_and_keeps_a_quarter() -> None:
    client = flat(5_000)
    client.place(market_order("BUY", 1_000))
    # 1000 shares at 50.01, 5.00 commission; valued at 50.00.
    found = summary(client)
    assert found["totalcashvalue"] == found["settledcash"] == 49_985.0
    assert found["equitywithloanvalue"] == found["netliquidation"] == 99_985.0
    assert (found["initmarginreq"], found["maintmarginreq"]) == (25_000.0, 12_500.0)
    assert (found["availablefunds"], found["excessliquidity"]) == (74_985.0, 87_485.0)
    assert found["buyingpower"] == 149_970.0
    numbers = client.get(f"{ACCOUNT}/summary")
    assert numbers["buyingPower"] == 149_970.0
    assert numbers["initialMargin"] == 25_000.0


def test_a_short_position_binds_half_beside_its_proceeds() -> None:
    client = flat(5_000)
    client.place(market_order("SELL", 1_000))
    # 1000 shares at 49.99, 5.00 commission.
    found = summary(client)
    assert found["totalcashvalue"] == 149_985.0
    assert found["settledcash"] == 99_995.0
    assert found["netliquidation"] == 99_985.0
    assert (found["initmarginreq"], found["maintmarginreq"]) == (25_000.0, 15_000.0)
    assert found["buyingpower"] == 149_970.0


def test_what_exceeds_the_margin_is_refused_and_what_fits_is_taken() -> None:
    client = flat(5_000)
    # 4000 shares cost 200,040 with a commission of 20: half of it is more than 100,000.
    refused = client.ask(market_order("BUY", 4_000) | {"orderType": "LMT", "price": 50.01})
    assert "[100000.00 USD] MUST EXCEED THE INITIAL MARGIN [100040.00 USD]" in refused["error"]
    assert "order_id" in client.ask(market_order("BUY", 3_990))[0]
    assert "MUST EXCEED" in client.ask(market_order("BUY", 100, IBM))["error"]
    assert "order_id" in client.ask(market_order("SELL", 3_990))[0]


def test_working_orders_bind_what_they_would_open() -> None:
    client = flat(5_000)
    assert "order_id" in client.ask(limit("a", 49.0, quantity=3_000))[0]
    assert "MUST EXCEED" in client.ask(limit("b", 49.0, quantity=1_200))["error"]
    assert "order_id" in client.ask(limit("c", 49.0, quantity=1_000))[0]


def test_children_bind_nothing_and_working_sales_free_nothing() -> None:
    client = flat(5_000)
    child = {"conid": AAPL, "side": "SELL", "tif": "GTC", "quantity": 1_900, "parentId": "b"}
    legs = [{"orderType": "STP", "price": 30.0}, {"orderType": "LMT", "price": 60.0}]
    client.place(limit("b", 49.0, quantity=1_900), *(child | leg for leg in legs))
    assert "order_id" in client.ask(limit("fits", 49.0, quantity=2_000))[0]
    held = flat(5_000)
    held.place(market_order("BUY", 3_000))
    held.place(limit("sale", 60.0, side="SELL", quantity=3_000))
    assert "MUST EXCEED" in held.ask(limit("more", 49.0, quantity=1_100))["error"]


def test_closing_is_never_refused_for_want_of_funds() -> None:
    client = flat(5_000, 2_600)
    client.place(market_order("BUY", 3_900))
    client.advance("2012-10-02T15:00:00Z")
    assert summary(client)["availablefunds"] < 0
    assert summary(client)["buyingpower"] == 0
    assert "MUST EXCEED" in client.ask(market_order("BUY", 1))["error"]
    assert "order_id" in client.ask(market_order("SELL", 3_900))[0]


def test_what_cannot_be_borrowed_is_not_sold_short() -> None:
    client = flat(5_000, shortable="off")
    client.place(market_order("BUY", 10))
    assert "not available for short sale" in client.ask(market_order("SELL", 11))["error"]
    assert "order_id" in client.ask(market_order("SELL", 10))[0]


def test_a_cash_account_buys_with_settled_cash_and_never_sells_short() -> None:
    client = flat(5_000, account_type="cash")
    client.place(market_order("BUY", 1_900))
    assert "margin account" in client.ask(market_order("SELL", 1_901))["error"]
    client.place(market_order("SELL", 1_900))
    found = summary(client)
    # Bought at 50.01 and sold at 49.99, 9.50 commission each time: the proceeds come on the fourth.
    assert found["totalcashvalue"] == 99_943.0
    assert found["settledcash"] == found["availablefunds"] == found["buyingpower"] == 4_962.0
    assert "MUST EXCEED THE COST" in client.ask(market_order("BUY", 100))["error"]
    assert "order_id" in client.ask(limit("some", 49.0))[0]
    client.advance("2012-10-04T03:59:59Z")
    assert summary(client)["settledcash"] == 4_962.0
    client.advance("2012-10-04T04:00:00Z")
    assert summary(client)["settledcash"] == 99_943.0
    assert "order_id" in client.ask(market_order("BUY", 1_900, IBM))[0]


@pytest.mark.parametrize("switches", [{"account_type": "cash"}, {"shortable": "off"}])
def test_children_of_a_waiting_entry_can_be_changed_where_nothing_is_sold_short(
    switches: dict[str, str],
) -> None:
    client = flat(5_000, **switches)
    child = {"conid": AAPL, "side": "SELL", "tif": "GTC", "quantity": 10, "parentId": "b"}
    stop = child | {"orderType": "STP", "price": 30.0, "cOID": "b-stop"}
    placed = client.place(limit("b", 49.0), stop, child | {"orderType": "LMT", "price": 60.0})
    path = f"{ACCOUNT}/order/{placed[1]['order_id']}"
    changed = client.post(path, stop | {"price": 35.0, "quantity": 4})
    assert changed[0]["order_status"] == "PreSubmitted"
    assert client.orders()["b-stop"]["auxPrice"] == "35.00"


CYCLES = [
    ("2012-10-01", "2012-10-04"),
    # Columbus Day is a session, Thanksgiving is none.
    ("2012-11-20", "2012-11-26"),
    ("2017-09-01", "2017-09-07"),
    ("2017-09-05", "2017-09-07"),
    ("2024-05-24", "2024-05-29"),
    ("2024-05-28", "2024-05-29"),
    ("2024-07-03", "2024-07-05"),
]


@pytest.mark.parametrize(("traded", "settles"), CYCLES)
def test_a_trade_settles_after_the_sessions_of_its_time(traded: str, settles: str) -> None:
    day = date.fromisoformat(traded)
    sessions = new_york_sessions(day, date(day.year, 12, 31))
    found = settlement.settles_at(sessions, sessions.opens[0] + 60_000_000)
    assert iso(found)[:10] == settles


def test_beyond_the_tape_weekdays_count() -> None:
    sessions = new_york_sessions(date(2012, 12, 26), date(2012, 12, 28))
    assert iso(settlement.settles_at(sessions, sessions.closes[-1]))[:10] == "2013-01-02"


@given(st.dates(date(2012, 1, 3), date(2012, 12, 20)))
def test_what_is_sold_later_never_settles_earlier(day: date) -> None:
    sessions = YEAR
    index = max(0, sessions.latest(settlement.new_york_midnight(day)))
    first, second = (settlement.settles_at(sessions, sessions.opens[each]) for each in (index, index + 1))
    assert sessions.closes[index] < first <= second


YEAR = new_york_sessions(date(2012, 1, 3), date(2012, 12, 31))


def test_sales_pay_the_regulators_of_their_day() -> None:
    # A million dollars, 10,000 shares.
    assert fees.on_sale(date(2012, 10, 1), 10_000, 100_000_000) == fees.Fees(sec=2_240, taf=119)
    assert fees.on_sale(date(2024, 6, 3), 10_000, 100_000_000) == fees.Fees(sec=2_780, taf=166)
    assert fees.on_sale(date(2025, 6, 3), 10_000, 100_000_000) == fees.Fees(sec=0, taf=166)
    assert fees.on_sale(date(2000, 3, 1), 10_000, 100_000_000) == fees.Fees(sec=3_330, taf=0)
    assert fees.on_sale(date(2012, 10, 1), 1_000_000, 100_000_000).taf == 595


def test_a_sale_shows_its_fees_in_the_commission_and_in_a_lane_of_their_own(make: Make) -> None:
    client = make()
    client.place(limit("in", 700.0, quantity=100))
    client.place(limit("out", 600.0, side="SELL", quantity=100))
    sold = client.get("/iserver/account/trades")[-1]
    price = float(sold["price"])
    expected = round(price * 100 * 22.4 / 1_000_000 + 1e-9, 2) + 0.01
    assert float(sold["commission"]) == pytest.approx(1.0 + expected)
    fee = [row["amount"] for row in client.control("GET", "/truth/cash") if row["lane"] == "fee"]
    assert [float(each) for each in fee] == [pytest.approx(-expected)]


def test_a_preview_tells_what_an_order_binds_before_and_after() -> None:
    client = flat(5_000)
    client.place(market_order("BUY", 100))
    preview = client.post(f"{ACCOUNT}/orders/whatif", {"orders": [limit("x", 40.0, quantity=1_000)]})
    assert preview["initial"] == {"current": "2,500", "change": "20,000", "after": "22,500"}
    assert preview["maintenance"] == {"current": "1,250", "change": "10,000", "after": "11,250"}
    assert preview["equity"]["change"] == "-5"
    assert preview["position"] == {"current": "100", "change": "1000", "after": "1100"}
    sell = limit("y", 50.0, quantity=150, side="SELL")
    preview = client.post(f"{ACCOUNT}/orders/whatif", {"orders": [sell]})
    # A hundred close the long position, fifty open a short one.
    assert preview["initial"] == {"current": "2,500", "change": "-1,250", "after": "1,250"}
    assert preview["maintenance"]["after"] == "750"


def test_a_preview_of_a_bracket_is_that_of_its_entry() -> None:
    client = flat(5_000)
    child = {"conid": AAPL, "side": "SELL", "tif": "GTC", "quantity": 100, "parentId": "b"}
    legs = [
        limit("b", 40.0, quantity=100),
        child | {"orderType": "STP", "price": 30.0},
        child | {"orderType": "LMT", "price": 60.0},
    ]
    bracket = client.post(f"{ACCOUNT}/orders/whatif", {"orders": legs})
    assert bracket == client.post(f"{ACCOUNT}/orders/whatif", {"orders": legs[:1]})
    assert bracket["initial"]["after"] == "2,000"
