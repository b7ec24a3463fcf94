"""The simulator answers in the shapes of the facts, key by key and type by type."""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx2
import pytest
from websockets.sync.client import connect

from glassdesk.adapters.simulation import ControlPlane, Endpoint
from tests.adapters.simulation.running import simulator
from tests.facts import (
    contracts,
    market_data,
    order_tracking,
    orders,
    portfolio,
    positions,
    session,
    websocket,
)
from tests.facts.shapes import Fact, same_shape

pytestmark = pytest.mark.process
ACCOUNT = "DU1234567"
AAPL = 265598
MSFT = 272093
PLACE = f"/iserver/account/{ACCOUNT}/orders"


@dataclass
class Caller:
    """A plain client of the simulated gateway: no pacing, no retries, no parsing."""

    endpoint: Endpoint
    http: httpx2.Client
    control: ControlPlane
    numbers: dict[str, str] = field(default_factory=dict)

    def ask(self, method: str, path: str, *, body: Any = None, **params: str) -> httpx2.Response:
        return self.http.request(method, f"/v1/api{path}", json=body, params=params or None)

    def post(self, path: str, *tickets: dict[str, Any]) -> httpx2.Response:
        return self.ask("POST", path, body={"orders": list(tickets)})

    def place(self, *tickets: dict[str, Any]) -> Any:
        answer = self.post(PLACE, *tickets).json()
        while isinstance(answer, list) and "id" in answer[0]:
            answer = self.ask("POST", f"/iserver/reply/{answer[0]['id']}", body={"confirmed": True}).json()
        return answer


def ticket(side: str, kind: str, price: float | None, **more: Any) -> dict[str, Any]:
    fields = {"conid": AAPL, "orderType": kind, "side": side, "tif": "DAY", "quantity": 5}
    return fields | ({"price": price} if price else {}) | more


@pytest.fixture(scope="module")
def caller(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Caller]:
    """Signed in after the open, with a position, a working bracket and an execution."""
    with simulator(tmp_path_factory.mktemp("home"), switches={"pacing": "off"}) as endpoint:
        control = ControlPlane(endpoint)
        with httpx2.Client(base_url=endpoint.url, verify=endpoint.trust, trust_env=False) as http:
            made = Caller(endpoint, http, control)
            control.sign_in()
            control.advance_to(control.now().replace(hour=15))
            for path in ("/iserver/accounts", "/portfolio/accounts"):
                made.ask("GET", path)
            made.ask("GET", "/iserver/secdef/search", symbol="AAPL")
            assert made.place(ticket("BUY", "LMT", 680.0, cOID="filled"))[0]["order_status"] == "Filled"
            bracket = made.place(
                ticket("BUY", "LMT", 600.0, cOID="parent"),
                ticket("SELL", "STP", 580.0, parentId="parent", tif="GTC"),
                ticket("SELL", "LMT", 700.0, parentId="parent", tif="GTC"),
            )
            made.numbers = {"parent": bracket[0]["order_id"], "stop": bracket[1]["order_id"]}
            yield made
        control.close()


READS: list[tuple[Fact, dict[str, str]]] = [
    (session.VALIDATE, {}),
    (session.ACCOUNTS, {}),
    (contracts.SEARCH, {"symbol": "AAPL"}),
    (contracts.INFO_OF_SECDEF, {"conid": str(AAPL), "sectype": "STK"}),
    (contracts.STOCKS, {"symbols": "AAPL,SPY,NOPE"}),
    (contracts.SECDEF, {"conids": str(AAPL)}),
    (contracts.INFO, {}),
    (contracts.INFO_AND_RULES, {"isBuy": "true"}),
    (contracts.STRIKES, {"conid": str(AAPL), "sectype": "OPT", "month": "OCT12"}),
    (contracts.FUTURES, {"symbols": "ES"}),
    (contracts.ALL_CONIDS, {"exchange": "NASDAQ"}),
    (contracts.VENUES, {"assetClass": "STK", "symbol": "AAPL", "exchange": "NASDAQ"}),
    (contracts.SCHEDULE, {"conid": str(AAPL), "exchange": "NASDAQ"}),
    (market_data.HISTORY, {"conid": str(AAPL), "period": "1d", "bar": "1min"}),
    (market_data.HISTORY, {"conid": str(AAPL), "period": "1y", "bar": "1d"}),
    (portfolio.ACCOUNTS, {}),
    (portfolio.SUMMARY, {}),
    (portfolio.LEDGER, {}),
    (positions.POSITIONS, {}),
    (positions.POSITIONS, {}),
    (positions.POSITIONS_NOW, {}),
    (positions.ONE_POSITION, {}),
    (positions.POSITION_EVERYWHERE, {}),
]


@pytest.mark.parametrize(("fact", "params"), READS, ids=lambda value: getattr(value, "name", ""))
def test_a_read_has_the_shape_of_its_fact(caller: Caller, fact: Fact, params: dict[str, str]) -> None:
    path = fact.path.format(conid=AAPL, account=ACCOUNT)
    found = caller.ask(fact.method, path, **params)
    assert found.status_code == fact.status, found.text
    assert same_shape(fact, found.json()) == []


Ask = Callable[[Caller], httpx2.Response]
WRITES: list[tuple[Fact, Ask]] = [
    (session.STATUS, lambda c: c.ask("POST", "/iserver/auth/status")),
    (session.TICKLE, lambda c: c.ask("POST", "/tickle")),
    (session.REAUTHENTICATE, lambda c: c.ask("POST", "/iserver/reauthenticate")),
    (session.SWITCH_ACCOUNT, lambda c: c.ask("POST", "/iserver/account", body={"acctId": ACCOUNT})),
    (
        contracts.RULES,
        lambda c: c.ask(
            "POST",
            "/iserver/contract/rules",
            body={"conid": AAPL, "exchange": "SMART", "isBuy": True, "modifyOrder": False, "orderId": 0},
        ),
    ),
    (
        orders.WHATIF,
        lambda c: c.ask("POST", f"{PLACE}/whatif", body={"orders": [ticket("BUY", "LMT", 600.0)]}),
    ),
    (orders.QUESTION, lambda c: c.ask("POST", PLACE, body={"orders": [ticket("SELL", "STP", 500.0)]})),
    (orders.REPLY_NOT_FOUND, lambda c: c.ask("POST", "/iserver/reply/none", body={"confirmed": True})),
    (orders.ERROR, lambda c: c.post(PLACE, ticket("BUY", "LMT", 600.001))),
    (orders.DUPLICATE, lambda c: c.post(PLACE, ticket("BUY", "LMT", 600.0, cOID="parent"))),
    (orders.SUPPRESS, lambda c: c.ask("POST", "/iserver/questions/suppress", body={"messageIds": ["o354"]})),
    (orders.CANCEL_UNKNOWN, lambda c: c.ask("DELETE", f"/iserver/account/{ACCOUNT}/order/1")),
    (positions.INVALIDATE, lambda c: c.ask("POST", f"/portfolio/{ACCOUNT}/positions/invalidate")),
    (market_data.NOTHING_OPEN, lambda c: c.ask("POST", "/iserver/marketdata/unsubscribe", body={"conid": 1})),
    (market_data.UNSUBSCRIBE_ALL, lambda c: c.ask("GET", "/iserver/marketdata/unsubscribeall")),
]


@pytest.mark.parametrize(("fact", "ask"), WRITES, ids=lambda value: getattr(value, "name", ""))
def test_an_answer_to_a_request_has_the_shape_of_its_fact(caller: Caller, fact: Fact, ask: Ask) -> None:
    found = ask(caller)
    assert found.status_code == fact.status, found.text
    assert same_shape(fact, found.json()) == []


def test_a_snapshot_begins_as_a_preflight_and_fills_up(caller: Caller) -> None:
    asked = {"conids": str(MSFT), "fields": ",".join(market_data.CODES)}
    answers = [caller.ask("GET", "/iserver/marketdata/snapshot", **asked).json() for _ in range(3)]
    assert same_shape(market_data.PREFLIGHT, answers[0]) == []
    assert same_shape(market_data.SNAPSHOT, answers[2]) == []
    assert {"31", "84", "86", "6509", "_updated"} <= set(answers[2][0])


def test_live_orders_are_first_empty_and_then_complete(caller: Caller) -> None:
    first = caller.ask("GET", "/iserver/account/orders").json()
    assert same_shape(order_tracking.FIRST_LIST, first) == []
    second = caller.ask("GET", "/iserver/account/orders").json()
    assert same_shape(order_tracking.LIVE_ORDERS, second) == []
    assert second["snapshot"] is True
    assert {row.get("order_ref") for row in second["orders"]} >= {"filled", "parent"}


def test_status_of_a_limit_and_of_a_stop_have_the_same_shape(caller: Caller) -> None:
    for number in caller.numbers.values():
        found = caller.ask("GET", f"/iserver/account/order/status/{number}")
        assert same_shape(order_tracking.STATUS, found.json()) == []
    assert caller.ask("GET", "/iserver/account/order/status/1").status_code == 400


def test_trades_are_primed_and_then_complete(caller: Caller) -> None:
    caller.ask("GET", "/iserver/account/trades")
    found = caller.ask("GET", "/iserver/account/trades").json()
    assert same_shape(order_tracking.TRADES, found) == []
    assert [row["order_ref"] for row in found] == ["filled"]


def test_profit_is_first_empty_and_then_stated(caller: Caller) -> None:
    assert caller.ask("GET", "/iserver/account/pnl/partitioned").json() == portfolio.FIRST_PNL.example
    found = caller.ask("GET", "/iserver/account/pnl/partitioned").json()
    assert found["upnl"]
    assert same_shape(portfolio.PNL, found) == []


def test_an_accepted_order_and_its_cancel_have_their_shapes(caller: Caller) -> None:
    accepted = caller.place(ticket("BUY", "LMT", 590.0, cOID="short-lived"))
    assert same_shape(orders.ACCEPTED, accepted) == []
    number = accepted[0]["order_id"]
    found = caller.ask("DELETE", f"/iserver/account/{ACCOUNT}/order/{number}")
    assert same_shape(orders.CANCEL, found.json()) == []


@pytest.mark.parametrize(
    ("fault", "fact"), [(51, orders.ADVANCED_REJECT), (52, orders.FAILED_CHILD)], ids=("advanced", "child")
)
def test_a_fault_of_an_order_has_its_shape(caller: Caller, fault: int, fact: Fact) -> None:
    caller.control.arm(fault)
    name = f"fault{fault}"
    parent = ticket("BUY", "LMT", 590.0, cOID=name)
    child = ticket("SELL", "LMT", 700.0, parentId=name)
    answer = caller.place(parent, child)
    found = [one for one in answer if one.get("order_id") == -1] if isinstance(answer, list) else answer
    assert found
    assert same_shape(fact, found) == []


def test_frames_of_the_websocket_have_their_shapes(caller: Caller) -> None:
    cookie = caller.ask("POST", "/tickle").json()["session"]
    frames: dict[str, list[dict[str, Any]]] = {}
    with connect(
        caller.endpoint.url.replace("https", "wss", 1) + "/v1/api/ws",
        ssl=caller.endpoint.trust,
        additional_headers={"Cookie": f"api={cookie}", "User-Agent": "ClientPortalGW/1"},
        user_agent_header=None,
        proxy=None,
    ) as socket:
        socket.send("sor+{}")
        socket.send(f'smd+{AAPL}+{{"fields":["31","84","86"]}}')
        socket.send('str+{"realtimeUpdatesOnly":false,"days":1}')
        socket.send("spl+{}")
        until = time.monotonic() + 3
        while time.monotonic() < until and not _all_heard(frames):
            try:
                frame = json.loads(socket.recv(timeout=0.3))
            except TimeoutError:
                continue
            frames.setdefault(_topic(frame), []).append(frame)
    for topic, fact in _FRAMES.items():
        assert topic in frames, sorted(frames)
        assert same_shape(fact, frames[topic][0]) == []


_FRAMES = {
    "system": websocket.WELCOME,
    "sts": websocket.SESSION_STATUS,
    "act": websocket.ACCOUNT,
    "sor": websocket.ORDERS,
    "smd": websocket.MARKET_DATA,
    "str": websocket.TRADES,
    "spl": websocket.PNL,
}


def _topic(frame: dict[str, Any]) -> str:
    return str(frame.get("topic", "none")).partition("+")[0]


def _all_heard(frames: dict[str, list[dict[str, Any]]]) -> bool:
    return set(_FRAMES) <= set(frames)


def test_without_a_session_the_answers_have_their_shapes(caller: Caller) -> None:
    caller.control.arm(2)
    found = caller.ask("GET", "/iserver/accounts")
    assert found.status_code == session.NO_BRIDGE.status
    assert same_shape(session.NO_BRIDGE, found.json()) == []
    status = caller.ask("POST", "/iserver/auth/status")
    assert same_shape(session.LOGGED_OUT, status.json()) == []
    init = caller.ask("POST", "/iserver/auth/ssodh/init", body={"publish": True, "compete": True})
    assert same_shape(session.INIT, init.json()) == []
    unprimed = caller.ask("POST", PLACE, body={"orders": [ticket("BUY", "LMT", 600.0)]})
    assert unprimed.status_code == orders.UNPRIMED.status
    assert same_shape(orders.UNPRIMED, unprimed.json()) == []
    logout = caller.ask("POST", "/logout")
    assert same_shape(session.LOGOUT, logout.json()) == []
