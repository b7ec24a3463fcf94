"""Good till cancelled is not for ever (`T-34`): the broker ends such an order at the end of the quarter
after the one in which it was placed or last changed. Pure."""

from __future__ import annotations

from datetime import date, timedelta

RENEW_BEFORE = timedelta(days=14)
"""Renewed so long before; ten days are the least."""
WITHOUT_LOGIN = timedelta(days=90)
"""The broker also ends it when nobody signs in for so long."""


def ends_on(placed: date) -> date:
    """The last day on which an order placed or changed on this day of the broker can trade."""
    quarters = placed.year * 4 + (placed.month - 1) // 3 + 2
    return date(quarters // 4, quarters % 4 * 3 + 1, 1) - timedelta(days=1)


def is_due(placed: date, today: date) -> bool:
    """True when the order is to be renewed."""
    return ends_on(placed) - today <= RENEW_BEFORE
