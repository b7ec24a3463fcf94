"""Good till cancelled is not for ever (`T-34`): the broker ends such an order at the end of the quarter
after the one in which it was placed or last changed. Pure."""

from __future__ import annotations

from datetime import date, datetime, timedelta, tzinfo

from glassdesk.workflow.orders.model import Order, TimeInForce

RENEW_BEFORE = timedelta(days=14)
"""Renewed so long before; ten days are the least."""
WITHOUT_LOGIN = timedelta(days=90)
"""The broker also ends it when nobody signs in for so long."""


def ends_on(placed: date) -> date:
    """The last day on which an order placed or changed on this day of the broker can trade."""
    quarters = placed.year * 4 + (placed.month - 1) // 3 + 2
    return date(quarters // 4, quarters % 4 * 3 + 1, 1) - timedelta(days=1)


def ends(placed: date, signed_in: date | None) -> date:
    """As above; earlier where nobody signs in again: ninety days after the last login."""
    quarter = ends_on(placed)
    return quarter if signed_in is None else min(quarter, signed_in + WITHOUT_LOGIN)


def changed_on(order: Order, zone: tzinfo) -> date:
    """The broker's day on which its time began: placed or last changed."""
    return (order.last_sent_at or order.reserved_at).astimezone(zone).date()


def end_of(order: Order, signed_in_at: datetime | None, zone: tzinfo) -> date | None:
    """The last day of an order that rests until it is cancelled; `None` for any other."""
    if not order.state.at_broker or order.ticket.tif is not TimeInForce.GTC:
        return None
    signed_in = None if signed_in_at is None else signed_in_at.astimezone(zone).date()
    return ends(changed_on(order, zone), signed_in)


def is_due(placed: date, today: date) -> bool:
    """True when the order is to be renewed."""
    return ends_on(placed) - today <= RENEW_BEFORE
