"""What counts as a number. NaN, infinity, the negative and the absurdly large are none: a rule sees them as
missing, which denies an entry and never an exit (`T-40`)."""

from __future__ import annotations

from dataclasses import fields, replace
from decimal import Decimal
from typing import TypeVar

from glassdesk.workflow.risk.model import (
    Closed,
    Exposure,
    Gates,
    Holding,
    Limits,
    Proposal,
    WhatIf,
    Working,
)

MOST = Decimal(10) ** 12
"""No price, quantity or amount of an account is larger."""
ZERO = Decimal(0)
Value = TypeVar("Value", Proposal, WhatIf)


def number(value: Decimal | None, *, signed: bool = False) -> Decimal | None:
    """The value where it is one, else `None`."""
    if value is None or not value.is_finite() or abs(value) > MOST:
        return None
    return value if signed or value >= 0 else None


def proposal(value: Proposal) -> Proposal:
    """A quantity that is none is no shares, which no rule lets through."""
    prices = ("limit", "stop", "target", "reference", "atr", "bid", "decision_close", "average_volume")
    return replace(_sound(value, prices), quantity=number(value.quantity) or ZERO, share=_share(value.share))


def _share(value: Decimal) -> Decimal:
    """A part above nothing; what is none is the smallest there is."""
    sound = number(value)
    return Decimal("0.01") if not sound else min(sound, Decimal(1))


def exposure(value: Exposure) -> Exposure:
    """The books without what is no number."""
    return replace(
        value,
        desk_capital=number(value.desk_capital),
        cash=number(value.cash),
        settled_cash=number(value.settled_cash),
        equity=number(value.equity),
        peak=number(value.peak),
        day_pnl=number(value.day_pnl, signed=True),
        holdings=tuple(_holding(one) for one in value.holdings),
        working=tuple(_working(one) for one in value.working),
        closed=None if value.closed is None else _closed(value.closed),
    )


def gates(value: Gates) -> Gates:
    """Clock and what-if without what is no number."""
    value = replace(value, clock_skew=number(value.clock_skew, signed=True))
    if value.what_if is None:
        return value
    figures = ("equity_after", "initial_after", "maintenance_after", "commission")
    return replace(value, what_if=_sound(value.what_if, figures))


def limits(value: Limits) -> Limits:
    """A limit that is no number allows nothing; a gap that is none takes all, and no loss by it is small
    enough."""
    found = {one.name: getattr(value, one.name) for one in fields(value)}
    nothing = {name: _NOTHING for name, held in found.items() if _unsound(held)}
    worst = {"gap": Decimal(1), "max_gap_loss": _NOTHING} if "gap" in nothing else {}
    return replace(value, **nothing | worst)  # type: ignore[arg-type]  # by name


_NOTHING = Decimal(-1)


def _unsound(value: object) -> bool:
    if isinstance(value, Decimal):
        return number(value) is None
    return isinstance(value, int) and not 0 <= value <= MOST


def _sound(value: Value, names: tuple[str, ...]) -> Value:
    found = {name: number(getattr(value, name)) for name in names}
    return replace(value, **found)  # type: ignore[arg-type]  # by name


def _holding(value: Holding) -> Holding:
    """Shares that are no number have no worth anybody knows, and none of them can be sold."""
    shares = number(value.quantity)
    mark = None if shares is None else number(value.mark)
    return replace(value, quantity=shares or ZERO, mark=mark, stop=number(value.stop))


def _working(value: Working) -> Working:
    """Shares that are no number promise everything, at a price nobody knows."""
    shares = number(value.remaining)
    price = None if shares is None else number(value.price)
    return replace(value, remaining=MOST if shares is None else shares, price=price, stop=number(value.stop))


def _closed(values: tuple[Closed, ...]) -> tuple[Closed, ...] | None:
    """Without the result of one trade nobody knows how many were losses."""
    return None if any(number(one.net, signed=True) is None for one in values) else values
