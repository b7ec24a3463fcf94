"""Strict readers of the broker's fields.

One form per field, an error with the field's name for anything else [F-31, F-76].
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, NoReturn

_NUMBER = re.compile(r"[-+]?(?:\d+|\d{1,3}(?:,\d{3})+)(?:\.\d+)?", re.ASCII)
_SCALES = {"K": Decimal(1000), "M": Decimal(1_000_000), "B": Decimal(1_000_000_000)}
_MOST_DIGITS = 20
_FIRST_MILLISECOND = 100_000_000_000
"""1973 in milliseconds, year 5138 in seconds: nothing we read is on the wrong side of it by right."""


class Unparsable(ValueError):
    """An answer does not have the documented form."""


def load(body: bytes) -> Any:
    """The JSON value of `body`, numbers exact. Raises `Unparsable` on HTML, truncation, NaN, a bottomless
    nest."""
    try:
        return json.loads(body.decode(errors="replace"), parse_float=Decimal, parse_constant=_no_constant)
    except (ValueError, RecursionError, InvalidOperation) as failure:
        raise Unparsable(f"no JSON: {failure}") from None


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")


def number(raw: object) -> Decimal:
    """An exact number from a JSON number or from text with thousands separators and K, M or B.

    Raises `Unparsable`, also for what is larger or finer than any price, quantity or instant.
    """
    value = _exact(raw)
    if value and not -_MOST_DIGITS <= value.adjusted() < _MOST_DIGITS:
        raise Unparsable("a number out of all proportion")
    return value


def _exact(raw: object) -> Decimal:
    # First what nearly every number of a body is: two thousand of them in a year of bars.
    if type(raw) is Decimal:
        return raw
    if isinstance(raw, bool):
        raise Unparsable(f"{raw!r} is no number")
    if isinstance(raw, int | Decimal):
        return Decimal(raw)
    text = str(raw).strip() if isinstance(raw, str) else ""
    scale = _SCALES.get(text[-1:], Decimal(1))
    digits = text[:-1] if text[-1:] in _SCALES else text
    if not _NUMBER.fullmatch(digits):
        raise Unparsable(f"{raw!r} is no number")
    return Decimal(digits.replace(",", "")) * scale


def last_price(raw: str) -> tuple[str, Decimal]:
    """Field 31: its prefix (`C` prior close, `H` halted, else empty) and the price."""
    prefix = raw[:1] if raw[:1] in ("C", "H") else ""
    return prefix, number(raw[len(prefix) :])


def millis(raw: object) -> datetime:
    """An instant from epoch milliseconds. Raises `Unparsable` for seconds."""
    value = raw if type(raw) is int else number(raw)
    if value < _FIRST_MILLISECOND:
        raise Unparsable(f"{raw!r} is no epoch time in milliseconds")
    return _instant(value / 1000)


def seconds(raw: object) -> datetime:
    """An instant from epoch seconds. Raises `Unparsable` for milliseconds."""
    value = number(raw)
    if not 0 <= value < _FIRST_MILLISECOND:
        raise Unparsable(f"{raw!r} is no epoch time in seconds")
    return _instant(value)


def _instant(seconds_of_epoch: Decimal | float) -> datetime:
    try:
        return datetime.fromtimestamp(float(seconds_of_epoch), UTC)
    except (ValueError, OverflowError, OSError):
        raise Unparsable(f"{seconds_of_epoch} is beyond every calendar") from None


def compact_date(raw: str) -> date:
    """A date from `YYYYMMDD`."""
    try:
        return date.fromisoformat(f"{raw[:4]}-{raw[4:6]}-{raw[6:]}")
    except ValueError:
        raise Unparsable(f"{raw!r} is no date YYYYMMDD") from None


def stamp(raw: str) -> datetime:
    """An instant from `YYYYMMDD-HH:mm:ss`, UTC."""
    try:
        return datetime.strptime(raw, "%Y%m%d-%H:%M:%S").replace(tzinfo=UTC)
    except ValueError:
        raise Unparsable(f"{raw!r} is no time YYYYMMDD-HH:mm:ss") from None


class Fields:
    """One JSON object; every reader names the field it fails on. `""` and null count as not stated."""

    __slots__ = ("_raw", "_where")

    def __init__(self, raw: object, where: str) -> None:
        if type(raw) is not dict and not isinstance(raw, Mapping):
            raise Unparsable(f"{where}: an object is expected, got {type(raw).__name__}")
        self._raw = raw
        self._where = where

    def stated(self, *names: str) -> object:
        """The first of `names` that is stated, else `None`."""
        for name in names:
            value = self._raw.get(name)
            # A Decimal beside a text costs a look into a register of number types.
            if value is not None and not (isinstance(value, str) and value == ""):
                return value
        return None

    def text_or_none(self, *names: str) -> str | None:
        value = self.stated(*names)
        if isinstance(value, str | int) and not isinstance(value, bool):
            return str(value)
        return None if value is None else self._refuse(names[0], f"{value!r} is no text")

    def text(self, *names: str) -> str:
        value = self.text_or_none(*names)
        return value if value is not None else self._refuse(names[0], "is missing")

    def decimal_or_none(self, *names: str) -> Decimal | None:
        value = self._raw.get(names[0])
        if type(value) is not Decimal:
            value = self.stated(*names)
        try:
            return None if value is None else number(value)
        except Unparsable as failure:
            self._refuse(names[0], str(failure))

    def decimal(self, *names: str) -> Decimal:
        value = self.decimal_or_none(*names)
        return value if value is not None else self._refuse(names[0], "is missing")

    def amount(self, *names: str) -> Decimal:
        """A quantity or price of at least zero."""
        value = self.decimal(*names)
        return value if value >= 0 else self._refuse(names[0], f"{value} is below zero")

    def positive(self, *names: str) -> Decimal:
        """A quantity or price above zero."""
        value = self.decimal(*names)
        return value if value > 0 else self._refuse(names[0], f"{value} is not above zero")

    def integer(self, *names: str) -> int:
        value = self.decimal(*names)
        return (
            int(value)
            if value == value.to_integral_value()
            else self._refuse(names[0], f"{value} is not whole")
        )

    def flag(self, name: str, *, missing: bool) -> bool:
        value = self._raw.get(name, missing)
        return (
            value if isinstance(value, bool) else self._refuse(name, f"{value!r} is neither true nor false")
        )

    def millis(self, name: str) -> datetime:
        try:
            return millis(self.stated(name))
        except Unparsable as failure:
            self._refuse(name, str(failure))

    def stamp(self, name: str) -> datetime:
        try:
            return stamp(self.text(name))
        except Unparsable as failure:
            self._refuse(name, str(failure))

    def last_price_or_none(self, name: str) -> tuple[str, Decimal | None]:
        """Prefix and price of field 31; no price where none is stated."""
        stated = self.text_or_none(name)
        try:
            return last_price(stated) if stated is not None else ("", None)
        except Unparsable as failure:
            self._refuse(name, str(failure))

    def seconds(self, name: str) -> datetime:
        try:
            return seconds(self.stated(name))
        except Unparsable as failure:
            self._refuse(name, str(failure))

    def inner(self, name: str) -> Fields:
        return Fields(self._raw.get(name), f"{self._where}.{name}")

    def has(self, name: str) -> bool:
        return name in self._raw

    def rows(self, name: str) -> list[Any]:
        return listed(self._raw.get(name), f"{self._where}.{name}")

    def _refuse(self, name: str, problem: str) -> NoReturn:
        raise Unparsable(f"{self._where}.{name}: {problem}")


def listed(raw: object, where: str) -> list[Any]:
    """`raw` as a list. Raises `Unparsable`."""
    if not isinstance(raw, list):
        raise Unparsable(f"{where}: a list is expected, got {type(raw).__name__}")
    return raw


def plain_number(value: Decimal) -> int | float:
    """A Decimal as the JSON number of a request: whole where it is whole.

    Prices have far fewer than 15 digits.
    """
    return int(value) if value == value.to_integral_value() else float(value)
