"""Round numbers for value axes."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

_MANTISSAS = (Decimal(1), Decimal(2), Decimal("2.5"), Decimal(5), Decimal(10))


def ticks(low: float, high: float, most: int) -> tuple[Decimal, ...]:
    """Round numbers from `low` to `high`; steps are 1, 2, 2.5 or 5 times 10ⁿ.

    At most `most` + 1 of them, but never fewer than two.
    """
    bottom, top = Decimal(repr(low)), Decimal(repr(high))
    if top <= bottom:
        return (bottom,)
    found = _multiples(bottom, top, _step((top - bottom) / max(most, 1)))
    return found if len(found) > 1 else ticks(low, high, most + 1)


def _multiples(bottom: Decimal, top: Decimal, step: Decimal) -> tuple[Decimal, ...]:
    first = int((bottom / step).to_integral_value(rounding=ROUND_CEILING))
    last = int((top / step).to_integral_value(rounding=ROUND_FLOOR))
    return tuple(step * index for index in range(first, last + 1))


def _step(least: Decimal) -> Decimal:
    unit = Decimal(1).scaleb(least.adjusted())
    return next(mantissa for mantissa in _MANTISSAS if mantissa * unit >= least) * unit


def digits(values: Sequence[Decimal]) -> int:
    """Decimals that write every one of `values` without loss."""
    return max((-_exponent(value) for value in values), default=0)


def _exponent(value: Decimal) -> int:
    exponent = value.normalize().as_tuple().exponent
    return min(exponent, 0) if isinstance(exponent, int) else 0


_UNITS = ((Decimal(10) ** 9, "B"), (Decimal(10) ** 6, "M"), (Decimal(10) ** 3, "K"))


def short(value: float) -> str:
    """A quantity in thousands, millions or billions, to three digits or so: `45.2M`, `800`, `0`."""
    amount = Decimal(repr(value))
    for unit, letter in _UNITS:
        if abs(amount) >= unit:
            scaled = amount / unit
            places = max(0, 2 - scaled.adjusted())
            text = f"{scaled:.{places}f}"
            return (text.rstrip("0").rstrip(".") if places else text) + letter
    return f"{amount:.0f}"
