"""The simulator's answers have the shapes of the fact sheet, key by key."""

from typing import Any

import pytest

from ibkr_simulator.web_api.stream import Stream
from simulator.tests.conftest import Make
from simulator.tests.support import AAPL, ACCOUNT, Inside, bracket, limit
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

HISTORY = f"/iserver/marketdata/history?conid={AAPL}&period=5d&bar=1d"
SNAPSHOT = f"/iserver/marketdata/snapshot?conids={AAPL}&fields={','.join(market_data.CODES)}"
PNL = "/iserver/account/pnl/partitioned"
HELD = "/portfolio/DU1234567"
READS: list[tuple[Fact, str]] = [
    (session.STATUS, "/iserver/auth/status"),
    (session.TICKLE, "/tickle"),
    (session.VALIDATE, "/sso/validate"),
    (session.ACCOUNTS, "/iserver/accounts"),
    (contracts.SEARCH, "/iserver/secdef/search?symbol=IBM"),
    (contracts.INFO_OF_SECDEF, f"/iserver/secdef/info?conid={AAPL}&sectype=STK"),
    (contracts.STOCKS, "/trsrv/stocks?symbols=AAPL,IBM"),
    (contracts.SECDEF, f"/trsrv/secdef?conids={AAPL},8314"),
    (contracts.INFO, f"/iserver/contract/{AAPL}/info"),
    (contracts.INFO_AND_RULES, f"/iserver/contract/{AAPL}/info-and-rules?isBuy=true"),
    (contracts.SCHEDULE, f"/contract/trading-schedule?conid={AAPL}"),
    (market_data.HISTORY, HISTORY),
    (market_data.SNAPSHOT, SNAPSHOT),
    (order_tracking.LIVE_ORDERS, "/iserver/account/orders"),
    (order_tracking.TRADES, "/iserver/account/trades?days=7"),
    (portfolio.ACCOUNTS, "/portfolio/accounts"),
    (portfolio.SUMMARY, f"{HELD}/summary"),
    (portfolio.LEDGER, f"{HELD}/ledger"),
    (portfolio.PNL, PNL),
    (positions.POSITIONS, f"{HELD}/positions/0"),
    (positions.POSITIONS_NOW, "/portfolio2/DU1234567/positions"),
    (positions.ONE_POSITION, f"{HELD}/position/{AAPL}"),
    (positions.POSITION_EVERYWHERE, f"/portfolio/positions/{AAPL}"),
]


def traded(client: Inside) -> Inside:
    """With a position, live children, a filled and a cancelled order."""
    client.place(*bracket("b", 700.0, 600.0, 720.0))
    order_id = client.place(limit("x", 500.0))[0]["order_id"]
    client.api("DELETE", f"{ACCOUNT}/order/{order_id}")
    for path in (SNAPSHOT, SNAPSHOT, PNL, f"{HELD}/positions/0"):
        client.get(path)
    client.advance("2012-10-01T15:01:00Z")
    return client


@pytest.mark.parametrize(("fact", "path"), READS, ids=[fact.name for fact, _ in READS])
def test_a_read_answers_in_the_shape_of_the_sheet(make: Make, fact: Fact, path: str) -> None:
    assert same_shape(fact, traded(make()).get(path)) == []


def test_order_status_answers_in_the_shape_of_the_sheet(make: Make) -> None:
    client = traded(make())
    for order_id in (row["orderId"] for row in client.orders().values()):
        body = client.get(f"/iserver/account/order/status/{order_id}")
        assert same_shape(order_tracking.STATUS, body) == []


def test_first_reads_of_a_session_are_the_priming_answers(make: Make) -> None:
    client = make(ready=False)
    client.control("POST", "/person/sign-in", {})
    client.get("/iserver/accounts")
    assert same_shape(order_tracking.FIRST_LIST, client.get("/iserver/account/orders")) == []
    assert same_shape(portfolio.FIRST_PNL, client.get(PNL)) == []
    assert same_shape(market_data.PREFLIGHT, client.get(SNAPSHOT)) == []


def test_order_answers_have_the_shapes_of_the_sheet(make: Make) -> None:
    client = make()
    question = client.ask(*bracket("b", 600.0, 590.0, 720.0))
    assert same_shape(orders.QUESTION, question) == []
    reply = f"/iserver/reply/{question[0]['id']}"
    accepted = client.post(reply, {"confirmed": True})
    assert same_shape(orders.ACCEPTED, accepted) == []
    assert same_shape(orders.REPLY_NOT_FOUND, client.api("POST", reply, {"confirmed": True})[1]) == []
    body = {"orders": [limit("b", 600.0)]}
    assert same_shape(orders.DUPLICATE, client.post(f"{ACCOUNT}/orders", body)) == []
    assert (
        same_shape(orders.WHATIF, client.post(f"{ACCOUNT}/orders/whatif", {"orders": [limit("n", 600.0)]}))
        == []
    )
    path = f"{ACCOUNT}/order/{accepted[0]['order_id']}"
    assert same_shape(orders.CANCEL, client.api("DELETE", path)[1]) == []
    assert same_shape(orders.CANCEL_UNKNOWN, client.api("DELETE", f"{ACCOUNT}/order/1")[1]) == []
    assert (
        same_shape(orders.SUPPRESS, client.post("/iserver/questions/suppress", {"messageIds": ["o163"]}))
        == []
    )


@pytest.mark.parametrize(("number", "fact"), [(50, orders.ERROR), (51, orders.ADVANCED_REJECT)])
def test_refusals_have_the_shapes_of_the_sheet(make: Make, number: int, fact: Fact) -> None:
    client = make()
    client.control("POST", "/faults", {"number": number})
    assert same_shape(fact, client.ask(limit("a", 600.0))) == []


def test_writes_outside_orders_answer_in_the_shape_of_the_sheet(make: Make) -> None:
    client = make()
    asked: list[tuple[Fact, str, Any]] = [
        (session.INIT, "/iserver/auth/ssodh/init", {"publish": True, "compete": True}),
        (session.SWITCH_ACCOUNT, "/iserver/account", {"acctId": "DU1234567"}),
        (contracts.RULES, "/iserver/contract/rules", {"conid": AAPL, "isBuy": True}),
        (positions.INVALIDATE, f"{HELD}/positions/invalidate", {}),
        (session.REAUTHENTICATE, "/iserver/reauthenticate", {}),
    ]
    for fact, path, body in asked:
        assert same_shape(fact, client.post(path, body)) == [], fact.name
    assert (
        same_shape(
            market_data.NOTHING_OPEN, client.api("POST", "/iserver/marketdata/unsubscribe", {"conid": 1})[1]
        )
        == []
    )
    assert same_shape(session.LOGOUT, client.post("/logout", {})) == []


def test_frames_of_the_stream_have_the_shapes_of_the_sheet(make: Make) -> None:
    client = traded(make())
    stream = Stream(client.world)
    client.world.watchers.append(stream.changed)
    stream.greet()
    for message in ("sor+{}", "str+{}", f'smd+{AAPL}+{{"fields":["31","84","86"]}}', "spl+{}"):
        stream.obey(message)
    client.place(limit("more", 700.0))
    stream.beat()
    frames = [stream.outbox.get_nowait() for _ in range(stream.outbox.qsize())]
    shapes = {fact.name: fact for fact in websocket.FACTS}
    assert [(frame, difference) for frame in frames if (difference := _nearest(shapes, frame))] == []


def _nearest(shapes: dict[str, Fact], frame: object) -> list[str]:
    """No difference when the frame has one of the shapes, else the shortest list of differences."""
    return min((same_shape(fact, frame) for fact in shapes.values()), key=len)
