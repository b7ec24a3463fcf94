"""Live orders, one order's status and executions over `/iserver/account/{orders,order/status,trades}`
[§5.5–5.8]."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from glassdesk.adapters.ibkr.answers import get, load_or_fail, reading, settled
from glassdesk.adapters.ibkr.calls import Request
from glassdesk.adapters.ibkr.gate import Reads
from glassdesk.adapters.ibkr.orderboard import OrderBoard
from glassdesk.adapters.ibkr.parse import Fields, Unparsable, listed
from glassdesk.workflow.order_tracking.model import Execution, OrderList, OrderRow
from glassdesk.workflow.orders.model import Side

BLIND = 2
"""So many lists in a row that say nothing are more than the first of a session."""
_ORDERS = "/iserver/account/orders"
_TRADES = "/iserver/account/trades"
_SIDES = {"B": Side.BUY, "S": Side.SELL, "BUY": Side.BUY, "SELL": Side.SELL}
_TYPES = {
    "LIMIT": "LMT",
    "MARKET": "MKT",
    "STOP": "STP",
    "STOP_LIMIT": "STOP_LIMIT",
    "STOP LIMIT": "STOP_LIMIT",
}
_UNKNOWN_ORDER = (400, 404, 503)


class IbkrOrderTracking:
    """Implements `order_tracking.ports.BrokerOrderReads`.

    `order_type` comes in codes of the order API where they exist.
    """

    def __init__(self, reads: Reads, board: OrderBoard | None = None) -> None:
        self._reads = reads
        self._board = board
        self._blind = 0

    def live_orders(self) -> OrderList:
        stated = get(self._reads, _ORDERS)
        with reading(_ORDERS):
            found = orders_of(stated)
        if self._board is not None and found.complete:
            self._board.read(stated["orders"])
        self._blind = 0 if found.complete else self._blind + 1
        if self._blind == BLIND:
            self._heal()
        return found

    def _heal(self) -> None:
        """Somebody's filter has poisoned the list for everybody [F-42]: a forced call, whose own answer says
        nothing [F-41], makes the next one whole."""
        self._blind = 0
        self._reads.read(Request(method="GET", path=_ORDERS, params={"force": "true"}), attempts=1)

    def order_status(self, broker_order_id: str) -> OrderRow | None:
        path = f"/iserver/account/order/status/{broker_order_id}"
        answer = self._reads.read(Request(method="GET", path=path), attempts=1)
        if answer.status in _UNKNOWN_ORDER and b"no bridge" not in answer.body:
            return None
        stated = settled(answer, path)
        with reading(path):
            return status_of(stated)

    def trades(self, days: int) -> Sequence[Execution]:
        request = Request(method="GET", path=_TRADES, params={"days": str(days)})
        answer = self._reads.read(request)
        settled(answer, _TRADES)
        with reading(_TRADES):
            rows = listed(load_or_fail(answer, _TRADES), "trades")
            found = tuple(execution_of(raw) for raw in rows)
        if self._board is not None:
            self._board.read_trades(str(raw["execution_id"]) for raw in rows)
        return found


def orders_of(stated: object) -> OrderList:
    """One reading of the list. A row that cannot be read makes the list incomplete.

    What it hides is unknown [F-40].
    """
    answer = Fields(stated, "orders")
    rows, complete = [], answer.flag("snapshot", missing=False)
    for raw in answer.rows("orders"):
        try:
            rows.append(row_of(raw))
        except Unparsable:
            complete = False
    return OrderList(rows=tuple(rows), complete=complete)


def row_of(raw: object) -> OrderRow:
    """One row of the live orders; numbers come as text, numbers or `""`."""
    row = Fields(raw, "order")
    filled = row.amount("filledQuantity")
    remaining = row.amount("remainingQuantity")
    return OrderRow(
        broker_order_id=row.text("orderId"),
        order_ref=row.text_or_none("order_ref"),
        parent_id=row.text_or_none("parentId"),
        account=row.text("acct", "account"),
        conid=row.integer("conid"),
        side=_side(row.text("side")),
        status=row.text("status"),
        order_type=_order_type(row.text("origOrderType", "orderType")),
        price=row.decimal_or_none("price", "auxPrice", "stop_price"),
        tif=row.text_or_none("timeInForce") or "",
        total=row.decimal_or_none("totalSize") or filled + remaining,
        filled=filled,
        remaining=remaining,
        average_price=row.decimal_or_none("avgPrice"),
        reason=row.text_or_none("order_cancellation_by_system_reason") or "",
        symbol=row.text_or_none("ticker") or "",
    )


def status_of(raw: object) -> OrderRow:
    """One status answer: snake case, no client id, `size` is what remains [§5.6]."""
    row = Fields(raw, "order status")
    return OrderRow(
        broker_order_id=row.text("order_id"),
        order_ref=row.text_or_none("order_ref"),
        parent_id=row.text_or_none("parent_order_id", "parentId"),
        account=row.text("account"),
        conid=row.integer("conid"),
        side=_side(row.text("side")),
        status=row.text("order_status"),
        order_type=_order_type(row.text("order_type")),
        price=row.decimal_or_none("limit_price", "stop_price"),
        tif=row.text_or_none("tif") or "",
        total=row.amount("total_size"),
        filled=row.amount("cum_fill"),
        remaining=row.amount("size"),
        average_price=row.decimal_or_none("average_price"),
        reason=row.text_or_none("order_cancellation_by_system_reason") or "",
    )


def execution_of(raw: object) -> Execution:
    """One execution.

    The last segment of its id counts corrections [F-68], of which one to no shares takes the trade back; a
    commission may come later [F-67].
    """
    row = Fields(raw, "trade")
    execution, revision = _split(row.text("execution_id"))
    commission = row.decimal_or_none("commission")
    return Execution(
        execution=execution,
        revision=revision,
        order_ref=row.text_or_none("order_ref"),
        broker_order_id=row.text_or_none("order_id"),
        account=row.text("account", "accountCode"),
        conid=row.integer("conid"),
        symbol=row.text_or_none("symbol") or "",
        side=_side(row.text("side")),
        quantity=row.amount("size"),
        price=row.amount("price"),
        commission=commission,
        executed_at=_executed_at(row),
    )


def _executed_at(row: Fields) -> datetime:
    """From the milliseconds, else from the text: one of the two has been seen in another unit [F-76]."""
    try:
        return row.millis("trade_time_r")
    except Unparsable:
        return row.stamp("trade_time")


def _split(execution_id: str) -> tuple[str, int]:
    root, _, last = execution_id.rpartition(".")
    if not root or not last.isdigit():
        raise Unparsable(f"trade.execution_id: {execution_id!r} has no revision")
    return root, int(last)


def _side(text: str) -> Side:
    if text not in _SIDES:
        raise Unparsable(f"side: {text!r} is neither buy nor sell")
    return _SIDES[text]


def _order_type(stated: str) -> str:
    return _TYPES.get(stated.upper(), stated)
