"""Contracts: what a search finds, and what the broker says of them."""

from typing import Any

import pytest

from ibkr_simulator.exchange.market import Market
from ibkr_simulator.exchange.tapes.choice import load
from ibkr_simulator.exchange.tapes.companies import INDEX
from simulator.tests.conftest import Make, begin
from simulator.tests.support import AAPL, Inside


@pytest.fixture(scope="module")
def synthetic() -> Market:
    """Sixty seeded stocks and what is listed beside them."""
    return Market(load("synthetic:SYMBOLS=60,START=2024-10-01,DAYS=60", 7), 7)


@pytest.fixture
def client(synthetic: Market) -> Inside:
    """Signed in two days before Thanksgiving."""
    return begin(synthetic, "2024-11-26T15:00:00Z")


def companies(client: Inside) -> dict[str, list[Any]]:
    """Listings of the synthetic market by symbol."""
    found: dict[str, list[Any]] = {}
    for listing in client.world.listings.all:
        found.setdefault(listing.symbol, []).append(listing)
    return found


def test_a_naive_search_would_take_a_listing_abroad_or_a_namesake(client: Inside) -> None:
    foreign_first = namesake = cfd = 0
    for symbol in companies(client):
        rows = client.get(f"/iserver/secdef/search?symbol={symbol}")
        foreign_first += rows[0]["description"] not in ("NYSE", "NASDAQ", "ARCA", "CBOE")
        namesake += len({row["companyName"] for row in rows}) > 1
        cfd += any(part["secType"] == "CFD" and part["conid"] for row in rows for part in row["sections"])
    assert min(foreign_first, namesake, cfd) >= 2


def test_namesakes_are_companies_of_their_own_in_stocks(client: Inside) -> None:
    symbol = next(
        s for s, listed in companies(client).items() if any(one.exchange == "ASX" for one in listed)
    )
    rows = client.get(f"/trsrv/stocks?symbols={symbol.lower()},NOSUCH")
    assert list(rows) == [symbol]
    assert len({row["name"] for row in rows[symbol]}) == len(rows[symbol]) == 2
    home = [contract for row in rows[symbol] for contract in row["contracts"] if contract["isUS"]]
    assert len(home) == 1
    assert client.api("GET", "/trsrv/stocks")[0] == 400


def test_an_index_has_prices_and_takes_no_orders(client: Inside) -> None:
    found = client.get("/iserver/secdef/search?symbol=BMX&secType=IND")[0]
    assert (found["conid"], found["sections"][0]) == (str(INDEX.conid), {"secType": "IND"})
    assert isinstance(client.get("/iserver/secdef/search?symbol=BMX&secType=STK"), dict)
    info = client.get(f"/iserver/contract/{INDEX.conid}/info-and-rules")
    assert (info["instrument_type"], info["rules"]["canTradeAcctIds"]) == ("IND", [])
    assert client.get(f"/iserver/marketdata/history?conid={INDEX.conid}&period=5d&bar=1d")["data"]
    order = {"conid": INDEX.conid, "orderType": "MKT", "side": "BUY", "tif": "DAY", "quantity": 1}
    assert client.ask(order) == {"error": "No trading permissions."}


def test_options_want_a_search_first_and_a_month_that_exists(make: Make) -> None:
    client = make()
    asked = f"conid={AAPL}&sectype=OPT&month=OCT12"
    assert client.get(f"/iserver/secdef/strikes?{asked}") == {"call": [], "put": []}
    assert client.api("GET", f"/iserver/secdef/info?{asked}")[0] == 400
    sections = client.get("/iserver/secdef/search?symbol=AAPL")[0]["sections"]
    assert sections[1]["months"] == "OCT12;NOV12;DEC12;JAN13"
    strikes = client.get(f"/iserver/secdef/strikes?{asked}")
    assert len(strikes["call"]) == len(strikes["put"]) == 17
    assert client.get(f"/iserver/secdef/strikes?conid={AAPL}&sectype=OPT&month=OCT99")["call"] == []
    rows = client.get(f"/iserver/secdef/info?{asked}&strike={strikes['call'][3]}&right=P")
    assert [(row["right"], row["strike"], row["maturityDate"]) for row in rows] == [
        ("P", strikes["call"][3], "20121019")
    ]
    assert len(client.get(f"/iserver/secdef/info?{asked}")) == 34
    assert client.api("GET", f"/iserver/secdef/info?{asked.replace('OCT12', 'OCT99')}")[0] == 400


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/iserver/contract/1/info", 400),
        ("/iserver/contract/none/info", 400),
        ("/iserver/contract/1/info-and-rules", 400),
        ("/contract/trading-schedule?conid=0", 400),
        ("/contract/trading-schedule", 400),
        ("/iserver/secdef/info?conid=1", 400),
        ("/iserver/secdef/search", 400),
        ("/iserver/secdef/strikes?conid=265598", 400),
        ("/trsrv/secdef", 400),
        (f"/trsrv/secdef?conids={','.join(['1'] * 201)}", 400),
        ("/trsrv/futures", 400),
        ("/trsrv/all-conids", 400),
        ("/trsrv/secdef/schedule?assetClass=STK&symbol=AAPL", 400),
        ("/trsrv/secdef/schedule?assetClass=STK&symbol=NOSUCH&exchange=NYSE", 400),
    ],
)
def test_what_cannot_be_answered_is_refused_with_its_status(make: Make, path: str, status: int) -> None:
    assert make().api("GET", path)[0] == status


def test_lists_of_an_exchange_and_of_no_futures(client: Inside) -> None:
    rows = client.get("/trsrv/all-conids?exchange=nasdaq")
    listed = [each for each in client.world.listings.all if each.exchange == "NASDAQ"]
    assert [row["conid"] for row in rows] == [each.conid for each in listed]
    assert client.get("/trsrv/futures?symbols=es,NQ") == {"ES": [], "NQ": []}


def test_a_venue_tells_its_week_and_the_days_that_differ(client: Inside) -> None:
    symbol = next(each.symbol for each in client.world.listings.all if each.tradable)
    asked = f"assetClass=STK&symbol={symbol}&exchange=NYSE"
    days = client.get(f"/trsrv/secdef/schedule?{asked}")[0]["schedules"]
    assert [bool(day["sessions"]) for day in days[:7]] == [False, False, True, True, True, True, True]
    special = {day["tradingScheduleDate"]: day["sessions"] for day in days[7:]}
    assert special == {
        "20241128": [],
        "20241129": [{"openingTime": "0930", "closingTime": "1300", "prop": "LIQUID"}],
    }
    status, body = client.api("GET", f"/trsrv/secdef/schedule?assetClass=STK&symbol={symbol}")
    assert (status, body["error"]) == (400, "Bad Request: exchange required")
