"""The filters a prompt may use (R-27 … R-31), and no others. All let `N/A` through."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable
from datetime import date, datetime
from functools import wraps

from jinja2 import Undefined

from glassdesk.adapters.templates.budget import measured, turns, within
from glassdesk.adapters.templates.operators import MISSING
from glassdesk.kernel.errors import InvalidInput

_FORMAT = re.compile(r"(?:[^%]|%[YmdHMSjaAbByIpUWz%]){1,60}")

_TRENDS = {
    "en": {"bullish": "bullish", "bearish": "bearish", "neutral": "neutral"},
    "zh": {"bullish": "看漲", "bearish": "看跌", "neutral": "中性"},
}
_SIGNALS = {
    "en": {"BUY": "buy", "SELL": "sell", "HOLD": "hold", "ABSTAIN": "abstain"},
    "zh": {"BUY": "買入", "SELL": "賣出", "HOLD": "持有", "ABSTAIN": "棄權"},
}

Filter = Callable[..., object]


def _passes_missing(does: Filter) -> Filter:
    @wraps(does)
    def wrapped(value: object, *args: object, **options: object) -> object:
        if isinstance(value, Undefined):
            str(value)  # a strict undefined raises here, naming the variable
        return MISSING if value is None or value == MISSING else does(value, *args, **options)

    return wrapped


def _number(value: object) -> int | float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InvalidInput(f"{value!r:.40} is no number", remedy="use this filter on a number")
    return value


def _digits(digits: object) -> int:
    if isinstance(digits, bool) or not isinstance(digits, int) or not 0 <= digits <= 8:
        raise InvalidInput(f"{digits!r:.20} decimals", remedy="0 to 8")
    return digits


def _round(value: object, digits: int = 2) -> object:
    return round(float(_number(value)), _digits(digits))


def _percent(value: object, digits: int = 2) -> str:
    return f"{_number(value) * 100:.{_digits(digits)}f}%"


def _currency(value: object, code: str = "USD") -> str:
    return f"{str(code)[:3].upper()} {_number(value):,.2f}"


def _int(value: object) -> object:
    number = _float(value)
    return int(number)


def _float(value: object) -> float:
    try:
        number = float(str(value)[:40])
    except ValueError as failure:
        raise InvalidInput(f"{value!r:.40} is no number") from failure
    if not math.isfinite(number):
        raise InvalidInput(f"{value!r:.40} is no finite number")
    return number


def _default(value: object, instead: object = "", _boolean: bool = False) -> object:
    absent = isinstance(value, Undefined) or value is None or value == MISSING
    return instead if absent else value


def _moment(value: object) -> datetime:
    if isinstance(value, datetime):
        return value
    text = value.isoformat() if isinstance(value, date) else str(value)
    try:
        return datetime.fromisoformat(text)
    except ValueError as failure:
        raise InvalidInput(
            f"{text!r:.40} is no date", remedy="2012-10-01 or 2012-10-01T13:30:00Z"
        ) from failure


def _datetime(value: object, pattern: str = "%Y-%m-%d %H:%M") -> str:
    # Digits after a % would let the C library pad to any width.
    if not _FORMAT.fullmatch(pattern):
        raise InvalidInput(f"{pattern!r:.40} is no date format", remedy="for example %Y-%m-%d %H:%M")
    return _moment(value).strftime(pattern)


def _date(value: object, pattern: str = "%Y-%m-%d") -> str:
    return _datetime(value, pattern)


def _text(does: Callable[[str], str]) -> Filter:
    return lambda value: within(does(_printable(value)))


def _printable(value: object) -> str:
    if not isinstance(value, str | int | float | date):
        raise InvalidInput(f"a {type(value).__name__} is no text", remedy="join a list, or loop over it")
    return str(value)


def _items(value: object) -> list[object]:
    if isinstance(value, str) or not isinstance(value, Iterable):
        raise InvalidInput(f"{value!r:.40} is no list", remedy="use this filter on a list")
    return list(turns(value))


def join(value: object, between: str = "") -> str:
    """The items one after the other, measured before they are joined."""
    texts = [_printable(item) for item in _items(value)]
    measured(sum(map(len, texts)) + len(between) * len(texts))
    return between.join(texts)


def _first(value: object) -> object:
    items = _items(value)
    return items[0] if items else MISSING


def _last(value: object) -> object:
    items = _items(value)
    return items[-1] if items else MISSING


def _length(value: object) -> int:
    return len(value) if isinstance(value, str | dict) else len(_items(value))


def _abs(value: object) -> object:
    return abs(_number(value))


def _label(table: dict[str, dict[str, str]]) -> Filter:
    def label(value: object, language: str = "en") -> str:
        words = table.get(language[:2], table["en"])
        return words.get(str(value), str(value))

    return label


_GUARDED: dict[str, Filter] = {
    "round": _round,
    "abs": _abs,
    "percent": _percent,
    "currency": _currency,
    "int": _int,
    "float": _float,
    "date": _date,
    "datetime": _datetime,
    "upper": _text(str.upper),
    "lower": _text(str.lower),
    "title": _text(str.title),
    "capitalize": _text(str.capitalize),
    "trim": _text(str.strip),
    "length": _length,
    "count": _length,
    "join": join,
    "first": _first,
    "last": _last,
    "trend_label": _label(_TRENDS),
    "signal_label": _label(_SIGNALS),
}

FILTERS: dict[str, Filter] = {
    **{name: _passes_missing(does) for name, does in _GUARDED.items()},
    "default": _default,
    "d": _default,
}
