"""Bars that are other ones than a decision saw: a split restates the past. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from glassdesk.workflow.market_data.keeping import OVERLAP
from glassdesk.workflow.market_data.model import Bar
from glassdesk.workflow.positions.splits import TERMS

ONE = Decimal(1)
CORRECTED = Decimal("0.05")
"""So far a close may be corrected and still be the same price."""
NEAR = Decimal("0.02")
JUMP = Decimal("0.15")
"""A night's move from which on a split is thought of."""


def factor(known_close: Decimal, close_now: Decimal) -> Decimal | None:
    """What a price of then is today: 1, or 1/k of a split k:1. `None` where neither explains the close."""
    moved = close_now / known_close
    if abs(moved - ONE) <= CORRECTED:
        return ONE
    both_ways = [Decimal(a) / b for k, m in TERMS for a, b in ((k, m), (m, k))]
    nearest = min(both_ways, key=lambda one: abs(moved / one - ONE))
    return nearest if abs(moved / nearest - ONE) <= NEAR else None


def settled(bars: Sequence[Bar], end: int) -> bool:
    """False while a jump among the first `end` bars may still be a split that the broker restates: the next
    reading brings the last `OVERLAP` bars again and shows it."""
    jumps = [at for at in range(1, end) if abs(bars[at].open / bars[at - 1].close - ONE) > JUMP]
    return not jumps or len(bars) - jumps[-1] > OVERLAP
