"""A form's complaint as one line of ours: which field, what is wrong, what would be right."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from difflib import get_close_matches
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from glassdesk.kernel.errors import InvalidInput

_WORDS = {
    "tuple_type": "a list",
    "model_type": "fields with values",
    "dict_type": "names with numbers",
    "string_type": "a text",
    "int_from_float": "a whole number",
    "int_parsing": "a whole number",
    "int_type": "a whole number",
    "float_parsing": "a number",
    "float_type": "a number",
    "finite_number": "a finite number",
    "decimal_parsing": "a number",
    "decimal_type": "a number",
    "decimal_max_digits": "a number of at most 20 digits",
    "decimal_whole_digits": "a number of at most 20 digits",
    "decimal_max_places": "a number with at most 8 decimals",
    "bool_parsing": "true or false",
    "bool_type": "true or false",
}

Place = Sequence[str | int]


def as_input(failure: ValidationError, form: type[BaseModel], file: str) -> InvalidInput:
    """The first complaint, a misspelt field before the one it leaves missing; `where` is `file: field`."""
    first = min(failure.errors(include_url=False), key=lambda error: error["type"] != "extra_forbidden")
    place = [part for part in first["loc"] if not _is_branch(part)]
    owner, field = _find(form, place)
    if first["type"] == "extra_forbidden":
        problem, remedy = f"there is no field {place[-1]!r}", _instead(owner, str(place[-1]))
    elif first["type"] == "missing":
        problem, remedy = "is missing", _right(owner, field)
    else:
        problem, remedy = (
            f"{_shown(first['input'])} does not fit: it must be {_said(first['type'], first['msg'])}",
            _right(owner, field),
        )
    return InvalidInput(problem, where=f"{file}: {_dotted(place)}", remedy=remedy)


def _is_branch(part: str | int) -> bool:
    """Unions name the branch they tried (`constrained-int`, `decimal`): no field of a person's file."""
    return isinstance(part, str) and ("[" in part or "-" in part)


def _find(form: type[BaseModel], place: Place) -> tuple[type[BaseModel], str]:
    owner, field = form, ""
    for part in place:
        if not isinstance(part, str):
            continue
        inner = _form_of(owner, field) if field else None
        owner, field = inner or owner, part
    return owner, field


def _form_of(owner: type[BaseModel], field: str) -> type[BaseModel] | None:
    if field not in owner.model_fields:
        return None
    return next(_forms(owner.model_fields[field].annotation), None)


def _forms(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _forms(inner)


def _right(owner: type[BaseModel], field: str) -> str:
    return (owner.model_fields[field].description or "") if field in owner.model_fields else "a number"


def _instead(owner: type[BaseModel], given: str) -> str:
    close = get_close_matches(given, owner.model_fields, n=1)
    return f"did you mean {close[0]}?" if close else f"it has {', '.join(owner.model_fields)}"


def _dotted(place: Place) -> str:
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place)
    return text.lstrip(".") or "the whole file"


def _shown(value: object) -> str:
    text = str(value) if isinstance(value, Decimal) else " ".join(repr(value).split())
    return text if len(text) <= 40 else f"{text[:37]}…"


def _said(kind: str, message: str) -> str:
    return _WORDS.get(kind) or message.removeprefix("Input should be ").removeprefix("Value error, ")
