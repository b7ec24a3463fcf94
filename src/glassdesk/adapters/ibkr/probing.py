"""What only the probe asks of the broker (`T-60`): orders in forms the desk does not use yet, and reads as
they come, without the repetitions that make them fit for use."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from glassdesk.adapters.ibkr.answers import get, reading, settled
from glassdesk.adapters.ibkr.calls import Request
from glassdesk.adapters.ibkr.conversation import MOST_REPLIES, Conversation
from glassdesk.adapters.ibkr.gate import Chain, Delivery, Gate
from glassdesk.adapters.ibkr.order_tracking import orders_of
from glassdesk.adapters.ibkr.orderboard import OrderBoard
from glassdesk.adapters.ibkr.orders import IbkrOrders, placed
from glassdesk.adapters.ibkr.parse import Fields, number
from glassdesk.adapters.ibkr.questions import (
    PRICE_PERCENT,
    STOP_RISK,
    Asked,
    Question,
    Reference,
    confirmed,
)
from glassdesk.adapters.ibkr.stream import Stream
from glassdesk.kernel.errors import Unavailable
from glassdesk.workflow.dealing.ports import Between, Listing, Preview, VolumeSeen
from glassdesk.workflow.orders.model import Outcome, OutcomeKind, Side, Ticket
from glassdesk.workflow.orders.switches import SwitchBoard, Switches

_CHAIN = 1 + MOST_REPLIES + 2
"""The order, its replies, one more to decline, and what comes between."""
_ORDERS = "/iserver/account/orders"
_RESTS_BELOW = Decimal("0.95")
"""A BUY below this part of the ask cannot trade while we look."""
_DAY_VOLUME = "7762"


class IbkrProbe:
    """Implements `dealing.ports.BrokerProbe`."""

    def __init__(self, gate: Gate, reference: Reference, stream: Stream, board: OrderBoard) -> None:
        self._gate = gate
        self._reference = reference
        self._stream = stream
        self._board = board

    def heard(self, coid: str) -> bool | None:
        if self._board.heard_ref(coid):
            return True
        return False if self._stream.flowing else None

    def orders(self, *, child_coid: bool, between: Between | None = None) -> ProbeOrders:
        board = SwitchBoard(Switches(child_coid="kept" if child_coid else "dropped"))
        return ProbeOrders(self._gate, self._reference, board, between)

    def listing(self, *, force: bool = False) -> Listing:
        params = {"force": "true"} if force else {}
        answer = self._gate.look(Request(method="GET", path=_ORDERS, params=params))
        stated = settled(answer, _ORDERS)
        with reading(_ORDERS):
            flag = Fields(stated, "orders").stated("snapshot")
            return Listing(snapshot=flag if isinstance(flag, bool) else None, rows=orders_of(stated).rows)

    def preview(self, ticket: Ticket, *, fresh: bool = False) -> Preview:
        if fresh:
            body = {"conid": ticket.conid}
            self._gate.look(Request(method="POST", path="/iserver/marketdata/unsubscribe", body=body))
        path = f"/iserver/account/{ticket.account}/orders/whatif"
        stated = settled(self._gate.look(_what_if(ticket)), path)
        with reading(path):
            fields = Fields(stated, "what-if")
            return Preview(
                warning=fields.text_or_none("warn") or "", error=fields.text_or_none("error") or ""
            )

    def volume(self, conid: int) -> VolumeSeen:
        path = "/iserver/marketdata/history"
        params = {"conid": str(conid), "period": "1m", "bar": "1d", "outsideRth": "false"}
        stated = get(self._gate, path, params)
        with reading(path):
            fields = Fields(stated, "history")
            rows = fields.rows("data")
            last = Fields(rows[-1], "bar").decimal_or_none("v") if rows else None
            factor = fields.decimal_or_none("volumeFactor")
        return VolumeSeen(factor=factor, last_bar=last, day=self._day_volume(conid))

    def _day_volume(self, conid: int) -> Decimal | None:
        path = "/iserver/marketdata/snapshot"
        stated = get(self._gate, path, {"conids": str(conid), "fields": _DAY_VOLUME})
        with reading(path):
            row = Fields(stated[0], "snapshot") if isinstance(stated, list) and stated else None
            text = row.text_or_none(_DAY_VOLUME) if row is not None else None
            return number(text) if text else None


class ProbeOrders(IbkrOrders):
    """Orders of the probe: what cannot trade may be far from the market, and something may come between a
    question and its reply."""

    def __init__(self, gate: Gate, reference: Reference, board: SwitchBoard, between: Between | None) -> None:
        super().__init__(gate, reference, board)
        self._between = between

    def _converse(self, request: Request, tickets: Sequence[Ticket]) -> Outcome:
        try:
            with self._gate.exclusive(_CHAIN) as chain:
                line = _Interrupted(chain, _request_between(self._between, tickets[0]))
                return Conversation(line, tickets, self._reference, harmless).hold(request)
        except Unavailable as failure:
            return Outcome(kind=OutcomeKind.NOT_SENT, text=str(failure))


class _Interrupted:
    """A chain in which one other request goes before the first reply."""

    def __init__(self, chain: Chain, between: Request | None) -> None:
        self._chain = chain
        self._between = between

    @property
    def left(self) -> int:
        return self._chain.left

    def send(self, request: Request) -> Delivery:
        if request.path.startswith("/iserver/reply/") and self._between is not None:
            between, self._between = self._between, None
            self._chain.send(between)
        return self._chain.send(request)


def harmless(question: Question, asked: Asked) -> bool:
    """What the desk confirms anyway, and any question about price or stops where nothing can trade."""
    known = set(question.message_ids) <= PRICE_PERCENT | STOP_RISK
    return confirmed(question, asked) or (bool(question.message_ids) and known and _rests(asked))


def _rests(asked: Asked) -> bool:
    """No ticket can trade: every entry is a BUY well below the market, and children wait for their entry."""
    entries = [ticket for ticket in asked.tickets if ticket.parent_coid is None]
    return bool(entries) and all(_is_far(ticket, asked) for ticket in entries)


def _is_far(ticket: Ticket, asked: Asked) -> bool:
    ask = asked.reference(ticket.conid)
    buys = ticket.side is Side.BUY and ticket.price is not None
    return buys and ask is not None and ticket.price is not None and ticket.price < ask * _RESTS_BELOW


def _what_if(ticket: Ticket) -> Request:
    path = f"/iserver/account/{ticket.account}/orders/whatif"
    return Request(method="POST", path=path, body={"orders": [placed(ticket, child_coid=False)]})


def _request_between(between: Between | None, ticket: Ticket) -> Request | None:
    if between is Between.TICKLE:
        return Request(method="POST", path="/tickle")
    if between is Between.WHAT_IF:
        return _what_if(ticket)
    if between is Between.MARKET_DATA:
        params = {"conids": str(ticket.conid), "fields": "31"}
        return Request(method="GET", path="/iserver/marketdata/snapshot", params=params)
    return None
