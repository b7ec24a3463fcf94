"""Shapes of JSON: each says its schema and reads a value strictly. One place, so the two cannot disagree.

The schema keeps to what every provider enforces: all fields required, no extra ones, nullable unions, enums,
no bounds on numbers. Bounds are checked when a value is read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeVar

from glassdesk.kernel.errors import InvalidInput

_UNSTORABLE = re.compile(r"[\x00\ud800-\udfff]")
_DIGITS = 12
"""Before and after the point: more than any price has."""

_WHOLE_LARGEST = 1_000_000

Chosen = TypeVar("Chosen", bound=StrEnum)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """`read(value, where)` answers the typed value or raises `InvalidInput`: where, and what it needs."""

    schema: Mapping[str, Any]
    read: Callable[[object, str], Any]


def wrong(where: str, needs: str, got: object) -> InvalidInput:
    """The error of a value that has not the shape."""
    shown = "null" if got is None else f"{type(got).__name__} {str(got)[:40]!r}"
    return InvalidInput(f"needs {needs}, got {shown}", where=where)


def text(most: int, meaning: str = "") -> Shape:
    """A text of at most `most` characters that every database can hold."""

    def read(value: object, where: str) -> str:
        if not isinstance(value, str):
            raise wrong(where, "a text", value)
        if len(value) > most:
            raise InvalidInput(f"{len(value):,} characters, at most {most:,}", where=where)
        if _UNSTORABLE.search(value):
            raise InvalidInput("holds a character that is none", where=where)
        return value

    return Shape(schema=_described({"type": "string"}, meaning), read=read)


def price(meaning: str = "") -> Shape:
    """A number as a Decimal, exactly as written."""

    def read(value: object, where: str) -> Decimal:
        return _number(value, where)

    return Shape(schema=_described({"type": "number"}, meaning), read=read)


def fraction(meaning: str = "") -> Shape:
    """A number as a float."""

    def read(value: object, where: str) -> float:
        return float(_number(value, where))

    return Shape(schema=_described({"type": "number"}, meaning), read=read)


def _number(value: object, where: str) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise wrong(where, "a number", value)
    number = Decimal(value)
    # Also 0E+999999999 and 1E-999999 are numbers; written out they would fill the memory.
    if number == 0 or number.adjusted() < -_DIGITS:
        return Decimal(0)
    if number.adjusted() >= _DIGITS or len(number.as_tuple().digits) > 2 * _DIGITS:
        raise wrong(where, "a number of sensible size", value)
    return number


def whole(meaning: str = "", only: int | None = None) -> Shape:
    """A whole number of moderate size; `only` allows one value."""
    schema: dict[str, Any] = {"type": "integer"} if only is None else {"type": "integer", "enum": [only]}

    def read(value: object, where: str) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise wrong(where, "a whole number", value)
        if abs(value) > _WHOLE_LARGEST or (only is not None and value != only):
            raise wrong(where, "a sensible count" if only is None else str(only), value)
        return value

    return Shape(schema=_described(schema, meaning), read=read)


def choice(kind: type[Chosen], meaning: str = "") -> Shape:
    """One word of an enumeration."""
    words = [member.value for member in kind]

    def read(value: object, where: str) -> Chosen:
        if not isinstance(value, str) or value not in words:
            raise wrong(where, f"one of {', '.join(words)}", value)
        return kind(value)

    return Shape(schema=_described({"type": "string", "enum": words}, meaning), read=read)


def day(meaning: str = "") -> Shape:
    """A date, `2012-10-01`."""

    def read(value: object, where: str) -> date:
        if not isinstance(value, str) or not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
            raise wrong(where, "a date like 2012-10-01", value)
        try:
            return date.fromisoformat(value)
        except ValueError as failure:
            raise wrong(where, "a date that exists", value) from failure

    return Shape(schema=_described({"type": "string"}, meaning), read=read)


def nullable(shape: Shape) -> Shape:
    """`shape`, or null."""
    schema = {**shape.schema, "type": [shape.schema["type"], "null"]}
    return Shape(schema=schema, read=lambda value, where: None if value is None else shape.read(value, where))


def rows(shape: Shape, most: int, meaning: str = "") -> Shape:
    """A list of at most `most`."""

    def read(value: object, where: str) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise wrong(where, "a list", value)
        if len(value) > most:
            raise InvalidInput(f"{len(value)} items, at most {most}", where=where)
        return tuple(shape.read(item, f"{where}[{index}]") for index, item in enumerate(value))

    return Shape(schema=_described({"type": "array", "items": shape.schema}, meaning), read=read)


def record(kind: Callable[..., Any], fields: Mapping[str, Shape], meaning: str = "") -> Shape:
    """An object with exactly these fields, read into `kind`."""
    schema = {
        "type": "object",
        "properties": {name: shape.schema for name, shape in fields.items()},
        "required": list(fields),
        "additionalProperties": False,
    }

    def read(value: object, where: str) -> Any:
        if not isinstance(value, dict):
            raise wrong(where or "answer", "an object", value)
        for names, problem in (
            (set(fields) - set(value), "is missing"),
            (set(value) - set(fields), "is unknown"),
        ):
            if names:
                raise InvalidInput(f"the field {min(names)!r:.60} {problem}", where=where or "answer")
        below = f"{where}." if where else ""
        return kind(**{name: shape.read(value[name], below + name) for name, shape in fields.items()})

    return Shape(schema=_described(schema, meaning), read=read)


def _described(schema: dict[str, Any], meaning: str) -> dict[str, Any]:
    return {**schema, "description": meaning} if meaning else schema
