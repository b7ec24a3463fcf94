"""`ibind`, a client that is not ours, against the simulator: unchanged, over TLS, with our CA file.

What another client of the real gateway expects and finds here is no opinion of our own adapter.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from glassdesk.adapters.simulation import ControlPlane, Endpoint
from tests.adapters.ibkr.independent import ACCOUNT, Heard, client_of, ibind, socket_of
from tests.adapters.simulation.running import simulator

pytestmark = [pytest.mark.process, pytest.mark.independent]
AAPL = 265598
OPEN = datetime(2012, 10, 1, 14, 0, tzinfo=UTC)
YES = {"stop order": True, "price percentage limit": True}


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoint]:
    switches = {"questions": "o10331,o163", "duplicate_coid": "200"}
    with simulator(tmp_path_factory.mktemp("home"), switches=switches) as running:
        yield running


@pytest.fixture(scope="module")
def control(endpoint: Endpoint) -> Iterator[ControlPlane]:
    control = ControlPlane(endpoint)
    control.sign_in()
    control.advance_to(OPEN)
    yield control
    control.close()


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return ibind(tmp_path_factory.mktemp("logs"))


@pytest.fixture(scope="module")
def client(library: Any, endpoint: Endpoint, control: ControlPlane) -> Iterator[Any]:
    made = client_of(library, endpoint)
    yield made
    made.close()


@pytest.fixture(autouse=True)
def unhurried(control: ControlPlane) -> None:
    """Ibind paces nothing, and ten requests in a second would box the next test."""
    control.switch(pacing="off")


def request(library: Any, **fields: Any) -> Any:
    terms = {
        "conid": AAPL,
        "side": "BUY",
        "quantity": 5,
        "order_type": "LMT",
        "acct_id": ACCOUNT,
        "tif": "DAY",
    }
    return library.OrderRequest(**(terms | fields))


def listed(client: Any) -> dict[str, dict[str, Any]]:
    """Live orders by client id; the first reading of a session primes only."""
    answer = client.live_orders().data
    if not answer["snapshot"]:
        answer = client.live_orders().data
    return {row.get("order_ref", str(row["orderId"])): row for row in answer["orders"]}


def last_price(client: Any) -> float:
    """Field 31, polled as everybody has to."""
    for _ in range(5):
        row = client.live_marketdata_snapshot(conids=str(AAPL), fields=["31", "84", "86"]).data[0]
        if "31" in row and "86" in row:
            return float(row["31"].lstrip("CH").replace(",", ""))
    raise AssertionError("no price after five snapshots")


def test_session_and_tickle(client: Any) -> None:
    assert client.check_auth_status() is True
    assert client.check_health() is True
    assert client.validate().data["RESULT"] is True
    status = client.initialize_brokerage_session().data
    assert status["authenticated"] is True
    client.receive_brokerage_accounts()


def test_a_symbol_becomes_one_conid(client: Any) -> None:
    assert client.stock_conid_by_symbol(["AAPL", "IBM"]).data == {"AAPL": AAPL, "IBM": 8314}
    found = client.search_contract_by_symbol("AAPL").data
    assert any(row["conid"] == str(AAPL) for row in found)
    rules = client.info_and_rules_by_conid(str(AAPL), is_buy=True).data["rules"]
    assert rules["incrementRules"][0]["increment"] == 0.01
    assert client.security_definition_by_conid([str(AAPL)]).data["secdef"][0]["currency"] == "USD"


def test_history(client: Any) -> None:
    series = client.marketdata_history_by_conid(str(AAPL), bar="1d", period="1m").data
    assert series["timePeriod"] == "1m"
    assert len(series["data"]) > 15
    many = client.marketdata_history_by_symbols(["AAPL", "IBM"], period="1w", bar="1h")
    assert {len(bars) > 10 for bars in many.values()} == {True}


def test_quotes(client: Any) -> None:
    assert last_price(client) > 0
    assert client.marketdata_unsubscribe_all().data == {"unsubscribed": True}


def test_an_order_with_a_question_is_changed_and_cancelled(
    library: Any, client: Any, control: ControlPlane
) -> None:
    price = round(last_price(client) * 0.9, 2)
    order = request(library, price=price, coid="ib-one")
    placed = client.place_order(order, YES).data
    assert placed["order_status"] in ("Submitted", "PreSubmitted")
    number = str(placed["order_id"])
    assert listed(client)["ib-one"]["totalSize"] == 5.0

    changed = client.modify_order(number, request(library, price=round(price - 1, 2), quantity=7), YES).data
    assert str(changed["order_id"]) == number
    assert client.order_status(number).data["total_size"] == "7.0"

    assert client.cancel_order(number).data["msg"] == "Request was submitted"
    control.advance_to(control.now() + timedelta(seconds=2))
    assert listed(client)["ib-one"]["status"] == "Cancelled"


def test_a_client_id_is_taken_once(library: Any, client: Any, control: ControlPlane) -> None:
    order = request(library, price=round(last_price(client) * 0.99, 2), coid="ib-twice")
    client.place_order(order, YES)
    with pytest.raises(library.ExternalBrokerError, match="already registered"):
        client.place_order(order, YES)
    assert [row["coid"] for row in control.truth("orders")].count("ib-twice") == 1


def test_a_question_answered_with_no_places_nothing(library: Any, client: Any, control: ControlPlane) -> None:
    order = request(library, price=round(last_price(client) * 0.8, 2), coid="ib-no")
    with pytest.raises(RuntimeError, match="not given a positive reply"):
        client.place_order(order, {"price percentage limit": False})
    assert "ib-no" not in [row["coid"] for row in control.truth("orders")]


def test_a_bracket_fills_and_leaves_its_children(library: Any, client: Any, control: ControlPlane) -> None:
    control.switch(questions="")
    price = last_price(client)
    entry = request(library, price=round(price + 1, 2), coid="ib-entry")
    child = {"side": "SELL", "parent_id": "ib-entry", "tif": "GTC", "is_single_group": True}
    stop = request(library, order_type="STP", price=round(price * 0.9, 2), **child)
    target = request(library, price=round(price * 1.2, 2), **child)
    answers = client.place_order([entry, stop, target], YES).data
    assert len(answers) == 3
    children = [row for row in control.truth("orders") if row["parent_id"] == int(answers[0]["order_id"])]
    assert {row["kind"] for row in children} == {"STP", "LMT"}
    assert {row["state"] for row in children} == {"live"}

    client.trades(days="1")
    trades = client.trades(days="1").data
    assert [trade["size"] for trade in trades if trade.get("order_ref") == "ib-entry"] == [5.0]
    client.portfolio_accounts()
    assert [row["position"] for row in client.positions().data] == [5.0]
    assert client.positions2().data[0]["conid"] == str(AAPL)
    assert client.portfolio_summary().data["netliquidation"]["currency"] == "USD"
    assert client.get_ledger().data["USD"]["currency"] == "USD"
    control.switch(questions="o10331,o163")


def test_the_websocket_brings_prices_and_orders(
    library: Any, client: Any, endpoint: Endpoint, control: ControlPlane
) -> None:
    heard = Heard()
    socket = socket_of(library, client, endpoint, heard)
    assert socket.start()
    try:
        prices = socket.subscribe(
            library.subscriptions.MarketDataSubscription(conid=str(AAPL), fields=["31", "84", "86"])
        )
        assert prices.wait(10)
        assert float(heard.first(library.events.MarketData).data["last_price"].lstrip("CH")) > 0
        client.live_orders(force=True)
        client.live_orders()
        socket.subscribe(library.subscriptions.OrdersSubscription())
        client.place_order(request(library, price=round(last_price(client) * 0.99, 2), coid="ib-heard"), YES)
        while "ib-heard" not in str(heard.first(library.events.Orders)):
            pass
    finally:
        assert socket.shutdown()
