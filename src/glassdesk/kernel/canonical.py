"""One canonical JSON for every value that is hashed or stored.

Sorted keys, no spaces, UTF-8, Decimal as its shortest plain text, instants as UTC `Z`, dates as ISO, enums by
value, binary never (it is named by its artifact's sha256). `decode` is the exact inverse for our value types.
"""

from __future__ import annotations

import dataclasses
import enum
import hashlib
import json
import math
import types
import typing
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any, TypeVar

from glassdesk.kernel.clock import format_instant, parse_instant

Value = TypeVar("Value")


def plain(value: object) -> Any:
    """The JSON-ready form of one of our values. Raises TypeError on anything that has no canonical form."""
    write = _PLAIN.get(type(value))
    if write:
        return write(value)
    if isinstance(value, enum.Enum):
        return value.value
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int | float | Decimal):
        return _number(value)
    if isinstance(value, datetime):
        return format_instant(value)
    if isinstance(value, date):
        return value.isoformat()
    return _compound(value)


def _number(value: float | Decimal) -> Any:
    if isinstance(value, Decimal):
        return _decimal_text(value)
    if not math.isfinite(value):
        raise TypeError("NaN and infinity have no canonical form: use None")
    return value


def _decimal_text(value: Decimal) -> str:
    """Equal amounts have one text, whatever their scale: a database gives `2.5` back for `2.50`."""
    if not value.is_finite():
        raise TypeError("NaN and infinity have no canonical form: use None")
    text = format(value, "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("-0", "") else text


_PLAIN: Mapping[type, Callable[[Any], Any]] = {
    str: lambda text: text,
    bool: lambda truth: truth,
    types.NoneType: lambda nothing: nothing,
    int: lambda number: number,
    float: _number,
    Decimal: _decimal_text,
    datetime: format_instant,
    date: date.isoformat,
}
"""Most values are of one of these very types; `plain` tells all others apart."""


@cache
def _names(kind: type) -> tuple[str, ...]:
    return tuple(field.name for field in dataclasses.fields(kind))


def _compound(value: object) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {name: plain(getattr(value, name)) for name in _names(type(value))}
    if isinstance(value, Mapping):
        return {str(plain(key)): plain(item) for key, item in value.items()}
    if isinstance(value, frozenset | set):
        return sorted(plain(item) for item in value)
    if isinstance(value, Sequence) and not isinstance(value, bytes | bytearray):
        return [plain(item) for item in value]
    raise TypeError(f"{type(value).__name__} has no canonical form")


def canonical_text(value: object) -> str:
    """The canonical JSON text of `value`."""
    return json.dumps(
        plain(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )


def canonical_bytes(value: object) -> bytes:
    """The canonical JSON of `value`, UTF-8."""
    return canonical_text(value).encode()


def sha256_hex(data: bytes) -> str:
    """Lower-case hexadecimal SHA-256."""
    return hashlib.sha256(data).hexdigest()


def digest(value: object) -> str:
    """SHA-256 of the canonical JSON of `value`."""
    return sha256_hex(canonical_bytes(value))


def decode_text(kind: type[Value], text: str | bytes) -> Value:
    """Rebuild a value of `kind` from its canonical JSON text."""
    return decode(kind, json.loads(text))


def decode(kind: type[Value], raw: object) -> Value:
    """Rebuild a value of `kind` from its plain form. Raises TypeError or ValueError when it does not fit."""
    return typing.cast(Value, _decode(kind, raw))


def _decode(kind: Any, raw: Any) -> Any:
    origin = typing.get_origin(kind)
    if origin is not None:
        return _decode_generic(origin, typing.get_args(kind), raw)
    if kind is Any or kind is object:
        return raw
    if isinstance(kind, type) and dataclasses.is_dataclass(kind):
        return _decode_dataclass(kind, raw)
    return _decode_scalar(kind, raw)


def _decode_generic(origin: Any, args: tuple[Any, ...], raw: Any) -> Any:
    if origin in (typing.Union, types.UnionType):
        return _decode_union(args, raw)
    if origin is typing.Literal:
        return raw
    if origin is tuple:
        if len(args) == 2 and args[1] is Ellipsis:
            return tuple(_decode(args[0], item) for item in raw)
        return tuple(_decode(arg, item) for arg, item in zip(args, raw, strict=True))
    if origin in (frozenset, set, list):
        return origin(_decode(args[0], item) for item in raw)
    return {_decode(args[0], key): _decode(args[1], item) for key, item in raw.items()}


def _decode_union(args: tuple[Any, ...], raw: Any) -> Any:
    if raw is None and type(None) in args:
        return None
    failures = []
    for arg in (a for a in args if a is not type(None)):
        try:
            return _decode(arg, raw)
        except (TypeError, ValueError, KeyError, ArithmeticError) as failure:
            failures.append(str(failure))
    raise ValueError(f"no alternative fits: {'; '.join(failures)}")


@cache
def _hints(kind: type) -> dict[str, Any]:
    return typing.get_type_hints(kind)


def _decode_dataclass(kind: type, raw: Any) -> Any:
    if not isinstance(raw, Mapping):
        raise TypeError(f"{kind.__name__} needs an object, got {type(raw).__name__}")
    hints = _hints(kind)
    unknown = set(raw) - set(hints)
    if unknown:
        raise ValueError(f"{kind.__name__} has no field {', '.join(sorted(unknown))}")
    return kind(**{name: _decode(hints[name], item) for name, item in raw.items()})


def _decode_scalar(kind: Any, raw: Any) -> Any:
    if kind is datetime:
        return parse_instant(raw)
    if kind is date:
        return date.fromisoformat(raw)
    if kind is Decimal:
        return Decimal(raw)
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        return kind(raw)
    if kind is float and isinstance(raw, int) and not isinstance(raw, bool):
        return float(raw)
    if not isinstance(raw, kind) or (kind in (int, float) and isinstance(raw, bool)):
        raise TypeError(f"needs {getattr(kind, '__name__', kind)}, got {type(raw).__name__}")
    return raw
