"""Every kind of answer the adapter reads, with the examples it is mutated from and the port that reads it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from glassdesk.adapters.ibkr import Broker
from glassdesk.workflow.market_data.model import BarSize
from tests.adapters.ibkr.gateway import ACCOUNT
from tests.adapters.ibkr.tickets import AAPL, BRACKET, ENTRY, EXIT
from tests.facts import contracts, market_data, order_tracking, orders, session
from tests.fuzz.honest import body

NOW = datetime(2012, 10, 1, 14, 0, tzinfo=UTC)
_PLACE = f"/iserver/account/{ACCOUNT}/orders"
_CHANGE = f"/iserver/account/{ACCOUNT}/order/77"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One answer of the broker. `before` are the honest answers that go ahead of it on the same path."""

    name: str
    method: str
    path: str
    examples: tuple[Any, ...]
    read: Callable[[Broker], Any]
    write: bool = False
    before: tuple[tuple[str, str, Any], ...] = ()

    def __str__(self) -> str:
        return self.name


def _kind(name: str, way: str, examples: tuple[Any, ...], read: Callable[[Broker], Any], **more: Any) -> Kind:
    method, _, path = way.partition(" ")
    return Kind(name=name, method=method, path=path, examples=examples, read=read, **more)


_ERRORS = (
    orders.ERROR.example,
    {"error": "No trading permissions."},
    {"error": "Order not confirmed"},
    [{"error": "x"}],
)
_ANSWERS = (
    orders.ACCEPTED.example,
    [dict(orders.ACCEPTED.example[0], order_id=str(7000 + n)) for n in range(3)],
    orders.QUESTION.example,
    orders.ADVANCED_REJECT.example,
    orders.FAILED_CHILD.example,
    [*orders.ACCEPTED.example, *orders.FAILED_CHILD.example],
    orders.DUPLICATE.example,
    orders.UNPRIMED.example,
    *_ERRORS,
)
_SEARCH = contracts.SEARCH.example
_HISTORY = market_data.HISTORY.example | {"timePeriod": "1m", "barLength": 86400}
_ASK = ("POST", _PLACE, [orders.QUESTION.example[0] | {"messageIds": ["o163"]}])

READS = (
    _kind(
        "auth status",
        "POST /iserver/auth/status",
        (session.STATUS.example, session.LOGGED_OUT.example, session.NO_BRIDGE.example),
        lambda b: b.session.status(seen_at=NOW),
    ),
    _kind(
        "tickle",
        "POST /tickle",
        (session.TICKLE.example, session.NO_SESSION.example),
        lambda b: b.session.keep_alive(seen_at=NOW),
    ),
    _kind(
        "init",
        "POST /iserver/auth/ssodh/init",
        (session.INIT.example, session.INIT_REFUSED.example, session.STATUS.example),
        lambda b: b.session.repair(seen_at=NOW),
    ),
    _kind(
        "brokerage accounts",
        "GET /iserver/accounts",
        (body("/iserver/accounts"),),
        lambda b: b.session.accounts(),
    ),
    _kind(
        "portfolio accounts",
        "GET /portfolio/accounts",
        (body("/portfolio/accounts"),),
        lambda b: b.session.accounts(),
    ),
    _kind(
        "search",
        "GET /iserver/secdef/search",
        (_SEARCH, {"error": "No symbol found"}),
        lambda b: b.contracts.search("AAPL"),
    ),
    _kind("stocks", "GET /trsrv/stocks", (contracts.STOCKS.example,), lambda b: b.contracts.stocks(["AAPL"])),
    _kind(
        "definitions",
        "GET /trsrv/secdef",
        (body("/trsrv/secdef?conids=265598,756733"),),
        lambda b: b.contracts.stocks(["AAPL"]),
    ),
    _kind(
        "contract info",
        f"GET /iserver/contract/{AAPL}/info",
        (body(f"/iserver/contract/{AAPL}/info"),),
        lambda b: b.contracts.contract(AAPL),
    ),
    _kind(
        "rules",
        "POST /iserver/contract/rules",
        (contracts.RULES.example,),
        lambda b: b.contracts.rules(AAPL, fetched_at=NOW),
    ),
    _kind(
        "schedule",
        "GET /contract/trading-schedule",
        (contracts.SCHEDULE.example,),
        lambda b: b.contracts.hours(AAPL, "NASDAQ"),
    ),
    _kind(
        "history",
        "GET /iserver/marketdata/history",
        (_HISTORY, market_data.NO_DATA.example),
        lambda b: b.market_data.history(AAPL, BarSize.DAY, 10, read_at=NOW),
    ),
    _kind(
        "snapshot",
        "GET /iserver/marketdata/snapshot",
        (market_data.SNAPSHOT.example, market_data.PREFLIGHT.example),
        lambda b: b.market_data.quotes([756733], read_at=NOW),
    ),
    _kind(
        "live orders",
        "GET /iserver/account/orders",
        (
            body("/iserver/account/orders"),
            order_tracking.LIVE_ORDERS.example,
            order_tracking.FIRST_LIST.example,
        ),
        lambda b: b.order_tracking.live_orders(),
    ),
    _kind(
        "order status",
        "GET /iserver/account/order/status/77",
        (body("/iserver/account/order/status/ENTRY"),),
        lambda b: b.order_tracking.order_status("77"),
    ),
    _kind(
        "trades",
        "GET /iserver/account/trades",
        (body("/iserver/account/trades?days=7"), []),
        lambda b: b.order_tracking.trades(7),
    ),
    _kind(
        "positions",
        f"GET /portfolio2/{ACCOUNT}/positions",
        (body(f"/portfolio2/{ACCOUNT}/positions"), body(f"/portfolio/{ACCOUNT}/positions/0")),
        lambda b: b.positions.positions(ACCOUNT),
    ),
    _kind(
        "summary",
        f"GET /portfolio/{ACCOUNT}/summary",
        (body(f"/portfolio/{ACCOUNT}/summary"),),
        lambda b: b.portfolio.balances(ACCOUNT),
    ),
    _kind(
        "ledger",
        f"GET /portfolio/{ACCOUNT}/ledger",
        (body(f"/portfolio/{ACCOUNT}/ledger"),),
        lambda b: b.portfolio.balances(ACCOUNT),
    ),
)
WRITES = (
    _kind("placing one order", f"POST {_PLACE}", _ANSWERS, lambda b: b.orders.place([EXIT]), write=True),
    _kind("placing a bracket", f"POST {_PLACE}", _ANSWERS, lambda b: b.orders.place(BRACKET), write=True),
    _kind(
        "reply",
        f"POST /iserver/reply/{orders.QUESTION.example[0]['id']}",
        (*_ANSWERS, orders.REPLY_NOT_FOUND.example),
        lambda b: b.orders.place([EXIT]),
        write=True,
        before=(_ASK,),
    ),
    _kind("modifying", f"POST {_CHANGE}", _ANSWERS, lambda b: b.orders.modify("77", ENTRY), write=True),
    _kind(
        "cancelling",
        f"DELETE {_CHANGE}",
        (orders.CANCEL.example, orders.CANCEL_UNKNOWN.example, {"error": "Order is inactive"}),
        lambda b: b.orders.cancel(ACCOUNT, "77"),
        write=True,
    ),
)
HONEST = (
    ("POST", "/iserver/auth/status", session.STATUS.example),
    ("POST", "/tickle", session.TICKLE.example),
    ("GET", "/iserver/accounts", body("/iserver/accounts")),
    ("GET", "/portfolio/accounts", body("/portfolio/accounts")),
    ("GET", "/trsrv/stocks", contracts.STOCKS.example),
    ("GET", "/trsrv/secdef", body("/trsrv/secdef?conids=265598,756733")),
    ("GET", f"/portfolio/{ACCOUNT}/summary", body(f"/portfolio/{ACCOUNT}/summary")),
    ("GET", f"/portfolio/{ACCOUNT}/ledger", body(f"/portfolio/{ACCOUNT}/ledger")),
    ("POST", "/iserver/notification", "Success"),
)
"""What the gateway answers beside the mutated kind."""
