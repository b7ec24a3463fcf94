"""Placing, modifying and cancelling: one attempt each, with the questions that follow [§5.1–5.4]."""

from __future__ import annotations

from collections.abc import Sequence

from glassdesk.adapters.ibkr.answers import error_text
from glassdesk.adapters.ibkr.calls import Answer, Request
from glassdesk.adapters.ibkr.conversation import MOST_REPLIES, Conversation
from glassdesk.adapters.ibkr.gate import Delivery, Gate
from glassdesk.adapters.ibkr.outcomes import failure_text
from glassdesk.adapters.ibkr.parse import Fields, Unparsable, load, plain_number
from glassdesk.adapters.ibkr.questions import Reference
from glassdesk.adapters.ibkr.rejections import is_refused_cancel
from glassdesk.kernel.errors import Unavailable
from glassdesk.workflow.orders.model import Acknowledged, Outcome, OutcomeKind, Ticket
from glassdesk.workflow.orders.switches import SwitchBoard

_CHAIN = 1 + MOST_REPLIES + 1
"""The order, its replies, and one more to decline: all paid for before the first leaves."""


class IbkrOrders:
    """Implements `orders.ports_write.BrokerOrders`.

    A cancel that the broker refuses because the order is absent or inactive [F-60] is REJECTED with its text:
    the request is over, the order is still to be looked up.
    """

    def __init__(self, gate: Gate, reference: Reference, board: SwitchBoard) -> None:
        self._gate = gate
        self._reference = reference
        self._board = board

    def place(self, tickets: Sequence[Ticket]) -> Outcome:
        if not tickets:
            raise ValueError("an order has at least one ticket")
        own_ids = self._board.switches.sends_child_coid
        body = {"orders": [placed(ticket, child_coid=own_ids) for ticket in tickets]}
        path = f"/iserver/account/{tickets[0].account}/orders"
        return self._converse(Request(method="POST", path=path, body=body), tickets)

    def modify(self, broker_order_id: str, ticket: Ticket) -> Outcome:
        path = f"/iserver/account/{ticket.account}/order/{broker_order_id}"
        return self._converse(Request(method="POST", path=path, body=modified(ticket)), (ticket,))

    def cancel(self, account: str, broker_order_id: str) -> Outcome:
        request = Request(method="DELETE", path=f"/iserver/account/{account}/order/{broker_order_id}")
        try:
            with self._gate.exclusive(1) as chain:
                return cancel_outcome(chain.send(request), broker_order_id)
        except Unavailable as failure:
            return Outcome(kind=OutcomeKind.NOT_SENT, text=str(failure))

    def _converse(self, request: Request, tickets: Sequence[Ticket]) -> Outcome:
        try:
            with self._gate.exclusive(_CHAIN) as chain:
                return Conversation(chain, tickets, self._reference).hold(request)
        except Unavailable as failure:
            return Outcome(kind=OutcomeKind.NOT_SENT, text=str(failure))


def placed(ticket: Ticket, *, child_coid: bool) -> dict[str, object]:
    """A ticket as the broker reads it. Children name the parent's cOID and carry none of their own [§5.1]."""
    fields = modified(ticket)
    if ticket.parent_coid is None or child_coid:
        fields["cOID"] = ticket.coid
    if ticket.parent_coid is not None:
        fields["parentId"] = ticket.parent_coid
    return fields


def modified(ticket: Ticket) -> dict[str, object]:
    """Every field of a working order [§5.4]; identities stay out, the path names the order."""
    fields: dict[str, object] = {
        "acctId": ticket.account,
        "conid": ticket.conid,
        "orderType": ticket.order_type.value,
        "side": ticket.side.value,
        "tif": ticket.tif.value,
        "outsideRTH": ticket.outside_rth,
        "quantity": plain_number(ticket.quantity),
    }
    if ticket.price is not None:
        fields["price"] = plain_number(ticket.price)
    return fields


def cancel_outcome(delivery: Delivery, broker_order_id: str) -> Outcome:
    """A 200 without an error is a request that was submitted.

    Everything else says nothing about the order.
    """
    if delivery.answer is None:
        kind = OutcomeKind.UNKNOWN if delivery.sent else OutcomeKind.NOT_SENT
        return Outcome(kind=kind, text=delivery.failure)
    answer = delivery.answer
    if answer.status == 200 and _was_submitted(answer):
        seen = Acknowledged(coid=None, broker_order_id=broker_order_id, status="PendingCancel")
        return Outcome(kind=OutcomeKind.ACCEPTED, acknowledged=(seen,), http_status=200)
    text = failure_text(answer)
    refused = answer.status < 500 and is_refused_cancel(error_text(answer) or "")
    kind = OutcomeKind.REJECTED if refused else OutcomeKind.UNKNOWN
    return Outcome(kind=kind, text=text, http_status=answer.status)


def _was_submitted(answer: Answer) -> bool:
    try:
        return "submitted" in (Fields(load(answer.body), "cancel").text_or_none("msg") or "").lower()
    except Unparsable:
        return False
