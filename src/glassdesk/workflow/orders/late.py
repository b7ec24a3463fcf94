"""Orders that are over for us and whose request may still arrive (`R-WATCH`)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from glassdesk.workflow.orders.model import Order, OrderState, OutcomeKind, SendRow, Side

WATCH = timedelta(hours=24)
"""What was given up is watched for a day."""
IN_THE_WAY = timedelta(hours=12)
"""For the rest of its session another decision on the contract would be a second one, should it arrive."""
GIVEN_UP = (OrderState.ABANDONED, OrderState.CANCELLED, OrderState.EXPIRED, OrderState.REJECTED)
_NOTHING_LEFT = (OutcomeKind.NOT_SENT, OutcomeKind.REJECTED, OutcomeKind.DECLINED)


def unnamed(order: Order, now: datetime, *, within: timedelta = WATCH) -> bool:
    """The broker never named it. One refusal answers one send; of an order that was sent again it leaves the
    others open."""
    silent = order.broker_order_id is None and order.sends > (order.state is OrderState.REJECTED)
    return order.state in GIVEN_UP and silent and now - (order.last_sent_at or order.reserved_at) < within


def may_arrive(sends: Iterable[SendRow]) -> bool:
    """Some placement had no answer that proves that nothing came of it."""
    placed = (send.outcome for send in sends if send.verb == "place")
    return any(outcome is None or outcome.kind not in _NOTHING_LEFT for outcome in placed)


def may_sell_yet(order: Order, sends: Iterable[SendRow]) -> bool:
    """A sell of its own that waits to go out again, and of which a request may still arrive. Given up, its
    shares could be sold again, and a late arrival would sell them twice (`T-36`)."""
    alone = order.ticket.side is Side.SELL and order.ticket.parent_coid is None
    return alone and order.state is OrderState.RESERVED and may_arrive(sends)
