"""Arithmetic inside a template: measured before it is done, and `N/A` stays `N/A` (R-34)."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable

from glassdesk.adapters.templates.budget import MOST_BITS, MOST_CHARACTERS, MOST_ITEMS, within
from glassdesk.kernel.errors import InvalidInput

MISSING = "N/A"

Number = int | float

_PLAIN: dict[str, Callable[[Number, Number], Number]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "//": operator.floordiv,
    "%": operator.mod,
}

OPERATORS = frozenset({*_PLAIN, "**"})


def binary(sign: str, left: object, right: object) -> object:
    """`left sign right`. Raises `InvalidInput` for operands that do not fit or would grow too large."""
    if MISSING in (left, right):
        return MISSING
    if isinstance(left, int | float) and isinstance(right, int | float):
        return _numbers(sign, left, right)
    if sign == "+" and isinstance(left, str) and isinstance(right, str):
        return within(left + right)
    if sign == "+" and isinstance(left, list) and isinstance(right, list):
        return within(left + right)
    if sign == "*" and isinstance(left, str | list) and isinstance(right, int):
        return _repeat(left, right)
    raise InvalidInput(
        f"{type(left).__name__} {sign} {type(right).__name__} means nothing",
        remedy="numbers with numbers, text + text, list + list",
    )


def unary(sign: str, value: object) -> object:
    """`sign value`. Raises `InvalidInput` for anything but a number or `N/A`."""
    if value == MISSING:
        return MISSING
    if not isinstance(value, int | float):
        raise InvalidInput(f"{sign}{type(value).__name__} means nothing")
    return -value if sign == "-" else value


def _numbers(sign: str, left: Number, right: Number) -> object:
    try:
        result = _power(left, right) if sign == "**" else _PLAIN[sign](left, right)
    except ZeroDivisionError as failure:
        raise InvalidInput("a division by zero", remedy="guard it with {% if %}") from failure
    except OverflowError as failure:
        raise InvalidInput("a number too large", remedy="use smaller numbers") from failure
    if not math.isfinite(result):
        raise InvalidInput("a number too large", remedy="use smaller numbers")
    return within(result)


def _power(base: Number, exponent: Number) -> Number:
    size = base.bit_length() if isinstance(base, int) else 1
    if abs(exponent) * size > MOST_BITS:
        raise InvalidInput(f"a power of more than {MOST_BITS} bits", remedy="use smaller numbers")
    result = base**exponent
    if not isinstance(result, int | float):
        raise InvalidInput("a root of a negative number")
    return result


def _repeat(value: str | list[object], times: int) -> object:
    most = MOST_CHARACTERS if isinstance(value, str) else MOST_ITEMS
    if len(value) * times > most:
        raise InvalidInput(f"a repetition to more than {most:,}", remedy="repeat less often")
    return within(value * times)
