"""What an order costs: the broker's fixed commission for US stocks, used before the true figure is known."""

from __future__ import annotations

from decimal import Decimal

PER_SHARE = Decimal("0.005")
MINIMUM = Decimal(1)
CEILING = Decimal("0.01")
"""Fraction of the order's value; where it is below the minimum, it applies (IBKR Pro, fixed pricing)."""


def commission(quantity: Decimal, price: Decimal) -> Decimal:
    """One side's commission in USD; 0 for no shares."""
    return min(max(MINIMUM, PER_SHARE * quantity), CEILING * quantity * price)


def round_trip(quantity: Decimal, price: Decimal) -> Decimal:
    """Both sides, the way out at the same price."""
    return 2 * commission(quantity, price)
