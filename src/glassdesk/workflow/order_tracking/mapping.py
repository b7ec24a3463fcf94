"""Whose order is this? By cOID, else broker's order id, else parent id (`T-31`), else by its terms where the
broker gave it another id overnight (`T-32`); only then is it external."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from glassdesk.workflow.order_tracking.model import Execution, OrderRow
from glassdesk.workflow.orders.model import Order, OrderType, Role, TimeInForce

_RESTING = ("presubmitted", "submitted")
_ROLE_OF_CHILD = {OrderType.STOP.value: Role.STOP, OrderType.LIMIT.value: Role.TARGET}


class Finder(Protocol):
    """Our orders, found by what the broker says about them."""

    def by_coid(self, coid: str) -> Order | None:
        """By client order id."""
        ...

    def by_broker_id(self, broker_order_id: str) -> Order | None:
        """By the broker's id, where it is known to us."""
        ...

    def children(self, order: str) -> Sequence[Order]:
        """Stop and target of a bracket's parent."""
        ...

    def unlisted(self, conid: int) -> Sequence[Order]:
        """Orders of ours on a contract that should rest and that the list does not show under their ids."""
        ...


def owner_of_row(row: OrderRow, ours: Finder) -> Order | None:
    """Our order of one row of the broker's list."""
    return _stated(row, ours) or _child(row, ours) or _renumbered(row, ours)


def owner_of_execution(execution: Execution, ours: Finder) -> Order | None:
    """Our order of a fill. A child of unknown broker id is found once its row was seen in the list."""
    return _stated(execution, ours)


def parents_first(rows: Sequence[OrderRow]) -> list[OrderRow]:
    """Rows with the parents first, so that a child meets a parent whose broker id is known."""
    return sorted(rows, key=lambda row: row.parent_id is not None)


def fits(order: Order, seen: OrderRow | Execution) -> bool:
    """What the broker shows can be this order: same account, contract and side."""
    return (order.account, order.conid, order.ticket.side) == (seen.account, seen.conid, seen.side)


def _stated(seen: OrderRow | Execution, ours: Finder) -> Order | None:
    # A child may carry its parent's client id; the side tells them apart, then the broker's own id decides.
    by_coid = ours.by_coid(seen.order_ref) if seen.order_ref else None
    if by_coid is not None and fits(by_coid, seen):
        return by_coid
    by_id = ours.by_broker_id(seen.broker_order_id) if seen.broker_order_id else None
    return by_id if by_id is not None and fits(by_id, seen) else None


def _renumbered(row: OrderRow, ours: Finder) -> Order | None:
    """A resting GTC order of ours under another id and without our mark, as the next day may show it
    (`T-32`): same contract, side, type, quantity and price, and nothing else of ours fits."""
    if row.order_ref is not None or row.tif != TimeInForce.GTC.value or row.status.lower() not in _RESTING:
        return None
    same = [order for order in ours.unlisted(row.conid) if fits(order, row) and _same_terms(order, row)]
    return same[0] if len(same) == 1 else None


def _same_terms(order: Order, row: OrderRow) -> bool:
    ticket = order.ticket
    mine = (ticket.tif, ticket.order_type.value, ticket.quantity, ticket.price)
    return mine == (TimeInForce.GTC, row.order_type, row.total, row.price)


def _child(row: OrderRow, ours: Finder) -> Order | None:
    parent = ours.by_broker_id(row.parent_id) if row.parent_id else None
    role = _ROLE_OF_CHILD.get(row.order_type)
    found = [c for c in ours.children(parent.order) if c.role is role and fits(c, row)] if parent else []
    known = [child for child in found if child.broker_order_id is None]
    return known[0] if len(known) == 1 else None
