"""Facts about the broker's answers, and how an answer is held against one.

A shape is written with plain values: a word names a type (`text`, `int`, `number`, `flag`, `any`, `null`,
joined by `|`), a dictionary lists keys (`"key?"` may be missing, `"*"` stands for any key), a list holds the
shape of its elements.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Shape = Any
"""A type word, a dictionary of shapes, or a list with one shape."""

_TYPES: Mapping[str, tuple[type, ...]] = {
    "text": (str,),
    "int": (int,),
    "number": (int, float),
    "flag": (bool,),
    "null": (type(None),),
    "object": (dict,),
    "list": (list,),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One answer of the broker.

    Where it comes from, its shape, and the example of the sheet where there is one.
    """

    name: str
    source: str
    method: str
    path: str
    shape: Shape
    example: Any = None
    status: int = 200


def same_shape(fact: Fact | Shape, answer: Any) -> list[str]:
    """What differs in keys, types and nulls; an empty list means that the answer has the shape."""
    return list(_differences(fact.shape if isinstance(fact, Fact) else fact, answer, "answer"))


def _differences(shape: Shape, value: Any, where: str) -> list[str]:
    if isinstance(shape, str):
        return [] if _is_of(shape, value) else [f"{where}: {shape} expected, got {value!r}"]
    if isinstance(shape, list):
        if not isinstance(value, list):
            return [f"{where}: a list expected, got {type(value).__name__}"]
        return [d for i, one in enumerate(value) for d in _differences(shape[0], one, f"{where}[{i}]")]
    if not isinstance(value, dict):
        return [f"{where}: an object expected, got {type(value).__name__}"]
    return _key_differences(shape, value, where)


def _key_differences(shape: Mapping[str, Shape], value: Mapping[str, Any], where: str) -> list[str]:
    known = {key.rstrip("?"): inner for key, inner in shape.items()}
    needed = [key for key in shape if not key.endswith("?") and key != "*"]
    found = [f"{where}.{key}: missing" for key in needed if key not in value]
    for key, one in value.items():
        inner = known.get(key, known.get("*"))
        found += (
            [f"{where}.{key}: not a known key"]
            if inner is None
            else _differences(inner, one, f"{where}.{key}")
        )
    return found


def _is_of(words: str, value: Any) -> bool:
    return any(word == "any" or _is_one(_TYPES[word], value) for word in words.split("|"))


def _is_one(types: tuple[type, ...], value: Any) -> bool:
    # True and false are no numbers.
    return isinstance(value, types) and (not isinstance(value, bool) or bool in types)
