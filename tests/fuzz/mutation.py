"""Bodies as a broken, changed or hostile gateway could send them: seeded, each one reproducible."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable
from typing import Any

Place = tuple[Any, Any]
"""A container and the key or index of one of its values."""

STRANGE: tuple[Any, ...] = (
    None,
    "",
    " ",
    True,
    False,
    0,
    -1,
    2**31,
    10**30,
    1.5,
    1e300,
    "NA",
    "1,300",
    "12.3M",
    "C655.05",
    "H1",
    "-",
    "nan",
    "Infinity",
    "0x10",
    "١٢",
    "\u0000",
    "\ud800",
    "x" * 5000,
    [],
    {},
    [[]],
    [None],
    {"error": "no"},
    {"error": None},
    {"amount": None, "isNull": True},
)
RAW: tuple[bytes, ...] = (
    b"",
    b"null",
    b"0",
    b'""',
    b"[]",
    b"{}",
    b"[{}]",
    b"[null]",
    b"\xff\xfe\x00",
    b"\xef\xbb\xbf{}",
    b"<html><body><h1>502 Bad Gateway</h1></body></html>",
    b"Access Denied",
    b'{"error":"Internal Server Error"}',
    b'{"error":"Bad Request: no bridge","statusCode":400}',
    b'{"error":"please query /accounts first"}',
    b'{"error":{"error":1}}',
    b'{"nonsense":1}',
    b"[" * 2000,
    b'{"a":' * 2000 + b"1" + b"}" * 2000,
    b"NaN",
    b"9" * 6000,
)
# Text in place of a number, as it would stand in the body: Python could not write it from a value.
LITERALS = (
    b"1e999999",
    b"-1e999999",
    b"1E-999999",
    b"NaN",
    b"-Infinity",
    b"9" * 5000,
    b"01",
    b"0.1" + b"0" * 400,
)


class Mutator:
    """Draws mutated bodies from examples; the same seed draws the same."""

    def __init__(self, seed: str, examples: tuple[Any, ...]) -> None:
        self._dice = random.Random(seed)
        self._examples = examples

    def body(self) -> bytes:
        """One body: now and then no JSON at all, mostly an example with one to four changes."""
        if self._dice.random() < 0.06:
            return self._dice.choice(RAW)
        value = copy.deepcopy(self._dice.choice(self._examples))
        for _ in range(self._dice.choice((0, 1, 1, 1, 2, 2, 3, 4))):
            value = self._changed(value)
        return self._spoiled(
            json.dumps(value, ensure_ascii=self._dice.random() < 0.5).encode(errors="surrogatepass")
        )

    def status(self) -> int:
        """Mostly 200: what is wrong shall be the body."""
        return self._dice.choice(
            (200,) * 12 + (201, 302, 400, 400, 401, 403, 404, 410, 500, 500, 502, 503, 504)
        )

    def _changed(self, value: Any) -> Any:
        places = list(_places(value))
        if not places:
            return self._dice.choice(STRANGE)
        change: Callable[[Any, Place, list[Place]], Any] = self._dice.choice(
            (
                self._replace,
                self._replace,
                self._drop,
                self._add,
                self._swap,
                self._repeat,
                self._wrap,
                self._retype,
            )
        )
        return change(value, self._dice.choice(places), places)

    def _replace(self, value: Any, place: Place, _: list[Place]) -> Any:
        holder, key = place
        holder[key] = copy.deepcopy(self._dice.choice(STRANGE))
        return value

    def _drop(self, value: Any, place: Place, _: list[Place]) -> Any:
        holder, key = place
        del holder[key]
        return value

    def _add(self, value: Any, place: Place, _: list[Place]) -> Any:
        holder, _key = place
        if isinstance(holder, dict):
            name = self._dice.choice(
                ("unexpected", "error", "order_id", "prompt", "message", "id", "snapshot")
            )
            holder[name] = copy.deepcopy(self._dice.choice(STRANGE))
        else:
            holder.insert(0, copy.deepcopy(self._dice.choice(STRANGE)))
        return value

    def _swap(self, value: Any, place: Place, places: list[Place]) -> Any:
        one, other = place, self._dice.choice(places)
        kept = copy.deepcopy(one[0][one[1]])
        one[0][one[1]] = copy.deepcopy(other[0][other[1]])
        if _reaches(other):
            other[0][other[1]] = kept
        return value

    def _repeat(self, value: Any, place: Place, _: list[Place]) -> Any:
        holder, key = place
        if isinstance(holder, list):
            holder.append(copy.deepcopy(holder[key]))
        return value

    def _wrap(self, value: Any, place: Place, _: list[Place]) -> Any:
        if self._dice.random() < 0.3:
            return self._dice.choice(
                ([value], {"data": value}, value[0] if isinstance(value, list) else [value])
            )
        holder, key = place
        holder[key] = [holder[key]]
        return value

    def _retype(self, value: Any, place: Place, _: list[Place]) -> Any:
        """The same fact in another type: a number as text, text as a number [F-76]."""
        holder, key = place
        old = holder[key]
        if isinstance(old, bool) or old is None:
            holder[key] = str(old).lower()
        elif isinstance(old, int | float):
            holder[key] = self._dice.choice((str(old), f"{old:,}", float(old), -old, old * 1000))
        elif isinstance(old, str):
            holder[key] = (
                int(old) if old.isdigit() and len(old) < 15 else self._dice.choice((old * 2, [old], len(old)))
            )
        return value

    def _spoiled(self, body: bytes) -> bytes:
        """Now and then damage on the wire: a cut, a flipped byte, a literal no Python writes."""
        roll = self._dice.random()
        if not body or roll < 0.85:
            return body
        at = self._dice.randrange(len(body))
        if roll < 0.90:
            return body[:at]
        if roll < 0.95:
            return body[:at] + bytes([self._dice.randrange(256)]) + body[at + 1 :]
        numbers = [place for place in range(len(body)) if body[place : place + 1].isdigit()]
        if not numbers:
            return body
        first = last = self._dice.choice(numbers)
        while body[first - 1 : first] and body[first - 1] in b"-.0123456789":
            first -= 1
        while last < len(body) and body[last] in b".0123456789":
            last += 1
        return body[:first] + self._dice.choice(LITERALS) + body[last:]


def _places(value: Any) -> list[Place]:
    found: list[Place] = []
    waiting = [value]
    while waiting:
        holder = waiting.pop()
        keys = (
            list(holder)
            if isinstance(holder, dict)
            else range(len(holder))
            if isinstance(holder, list)
            else ()
        )
        for key in keys:
            found.append((holder, key))
            waiting.append(holder[key])
    return found


def _reaches(place: Place) -> bool:
    holder, key = place
    return key in holder if isinstance(holder, dict) else key < len(holder)
