"""Decimal arithmetic of prices, quantities and amounts. Floats never enter."""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Decimal

SCALE = 8
"""Digits after the point that the database keeps: INTEGER of 10⁻⁸ on SQLite, NUMERIC(38,8) on PostgreSQL."""

_UNIT = Decimal(1).scaleb(-SCALE)
_CENT = Decimal("0.01")


def exact(value: Decimal) -> Decimal:
    """`value` on the stored grid of 10⁻⁸. Raises ValueError when it is not finite."""
    if not value.is_finite():
        raise ValueError(f"{value} is no amount")
    return value.quantize(_UNIT, rounding=ROUND_HALF_EVEN)


def to_units(value: Decimal) -> int:
    """`value` as a whole number of 10⁻⁸."""
    return int(exact(value).scaleb(SCALE))


def from_units(units: int) -> Decimal:
    """The inverse of `to_units`."""
    return Decimal(units).scaleb(-SCALE)


def cents(value: Decimal) -> str:
    """Text to the cent, half to even."""
    return str(value.quantize(_CENT, rounding=ROUND_HALF_EVEN))


def tidy(value: Decimal) -> str:
    """The shortest plain text: `5`, `0.25`; never an exponent."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def down_to_tick(price: Decimal, tick: Decimal) -> Decimal:
    """The highest price on the grid that is not above `price` (`T-57`)."""
    return (price / tick).to_integral_value(rounding=ROUND_FLOOR) * tick


def up_to_tick(price: Decimal, tick: Decimal) -> Decimal:
    """The lowest price on the grid that is not below `price` (`T-57`)."""
    return (price / tick).to_integral_value(rounding=ROUND_CEILING) * tick
