"""The form of an indicator set: a row per indicator, its kind and its parameters as `length=14`."""

from __future__ import annotations

from collections.abc import Sequence

from glassdesk.kernel.errors import InvalidInput
from glassdesk.web.forms.fields import FormValues
from glassdesk.workflow.indicators.kind import Kind
from glassdesk.workflow.indicators.model import IndicatorSet, IndicatorSpec

EMPTY_ROWS = 8


def read_set(form: FormValues, catalogue: Sequence[Kind]) -> IndicatorSet:
    """The set as typed; a row without a kind is left out. Raises `InvalidInput` naming row and remedy."""
    titles = {kind.kind: kind for kind in catalogue}
    specs = [
        IndicatorSpec(kind=form.text(f"kind{row}"), params=_params(form, row, titles))
        for row in range(EMPTY_ROWS)
        if form.text(f"kind{row}")
    ]
    return IndicatorSet(name=form.text("name"), indicators=tuple(specs))


def _params(form: FormValues, row: int, catalogue: dict[str, Kind]) -> tuple[tuple[str, float], ...]:
    """`14`, `12 26 9` in the catalogue's order, or `length=14`; empty means the defaults."""
    typed = form.text(f"params{row}").replace(",", " ").split()
    kind = catalogue.get(form.text(f"kind{row}"))
    names = [parameter.name for parameter in kind.parameters] if kind else []
    if len(typed) > len(names):
        raise InvalidInput(
            f"row {row + 1} has {len(typed)} numbers", where=f"params{row}", remedy=f"{len(names)} at most"
        )
    return tuple(_pair(name, text, row) for name, text in zip(names, typed, strict=False))


def _pair(name: str, text: str, row: int) -> tuple[str, float]:
    given, equals, number = text.rpartition("=")
    try:
        return (given if equals else name), float(number)
    except ValueError as failure:
        raise InvalidInput(
            f"{text!r} in row {row + 1} is no number", where=f"params{row}", remedy="e.g. 14, or length=14"
        ) from failure
