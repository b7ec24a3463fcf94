"""Cents. Every amount inside the simulator is a whole number of them."""

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

Cents = int


class NotAnAmount(ValueError):
    """The text is no number at all."""


def cents(text: str | int | float | Decimal) -> Cents:
    """Exact cents of an amount. Raises NotAnAmount, or ValueError when it lies between two cents."""
    try:
        scaled = Decimal(str(text)) * 100
    except InvalidOperation as bad:
        raise NotAnAmount(f"{text!r} is not an amount") from bad
    if not scaled.is_finite():
        raise NotAnAmount(f"{text} is not an amount")
    if scaled != scaled.to_integral_value():
        raise ValueError(f"{text} is not a whole number of cents")
    return int(scaled)


def nearest_cents(amount: Decimal) -> Cents:
    """Cents of an amount, half away from zero."""
    return int((amount * 100).quantize(Decimal(1), ROUND_HALF_UP))


def text(amount: Cents) -> str:
    """Amount with two decimals."""
    units, cents = divmod(abs(amount), 100)
    return f"{'-' if amount < 0 else ''}{units}.{cents:02}"


def number(amount: Cents) -> float:
    """Amount as the JSON number the broker sends."""
    return amount / 100


def grouped(amount: Cents) -> str:
    """Whole units with thousands separators, as previews print them."""
    return f"{Decimal(amount).scaleb(-2).quantize(Decimal(1), ROUND_HALF_UP):,}"
