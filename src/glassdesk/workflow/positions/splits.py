"""A quantity changed by k:1 with price 1/k is a split (`T-37`). Pure."""

from __future__ import annotations

from decimal import Decimal

TERMS = (
    *((k, 1) for k in (2, 3, 4, 5, 6, 7, 8, 10, 12, 15, 20, 25, 30, 50)),
    (3, 2),
    (5, 4),
    (5, 2),
    (4, 3),
)
NEAR = Decimal("0.2")
"""So far, as a part of it, a price may lie from 1/k of the one before: a market moves over a night."""


def terms(
    before: Decimal, after: Decimal, price_before: Decimal | None, price: Decimal | None
) -> tuple[int, int] | None:
    """(new, old) where shares went from `before` to `after` in that proportion and the price the other way:
    2:1 doubles, 1:10 is a reverse split. `None` where the numbers do not say so or a price is not known."""
    if before <= 0 or after <= 0 or not price_before or not price:
        return None
    for k, m in TERMS:
        for new, old in ((k, m), (m, k)):
            if before * new == after * old and abs(price * new / (price_before * old) - 1) <= NEAR:
                return new, old
    return None
