"""The form of an indicator set: a row per indicator, its kind, and a field for each of the kind's parameters.

Names of fields: `kind3`, and `p3.length` for a parameter of that row. The form is built from the catalogue,
so an indicator that is new there is new here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from glassdesk.kernel.errors import InvalidInput
from glassdesk.web.forms.fields import FormValues, say
from glassdesk.workflow.indicators.catalogue import MOST, complete, kind_of, value_of
from glassdesk.workflow.indicators.kind import Kind, Parameter
from glassdesk.workflow.indicators.model import IndicatorSet, IndicatorSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class ParameterField:
    """One input: a number with its range, or a choice of words."""

    name: str
    parameter: Parameter
    value: str

    @property
    def step(self) -> str:
        """How far the browser's arrows go."""
        return "1" if self.parameter.whole else "0.01"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One indicator of the form; `kind` is `None` in the empty row at the end."""

    number: int
    kind: Kind | None
    fields: tuple[ParameterField, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SetForm:
    """The form as it was read: what can be shown again, what can be computed, what is wrong."""

    rows: tuple[Row, ...]
    wanted: IndicatorSet
    errors: Mapping[str, str]


def rows_of(specs: Sequence[IndicatorSpec]) -> tuple[Row, ...]:
    """Rows of complete indicators, and an empty one where there is room."""
    return _with_room([_filled(at, spec) for at, spec in enumerate(specs)])


def _filled(at: int, spec: IndicatorSpec) -> Row:
    kind, chosen = kind_of(spec.kind), dict(spec.params)
    fields = (_field(at, p, p.word(chosen.get(p.name, p.default))) for p in kind.parameters)
    return Row(number=at, kind=kind, fields=tuple(fields))


def _field(row: int, parameter: Parameter, value: str) -> ParameterField:
    return ParameterField(name=f"p{row}.{parameter.name}", parameter=parameter, value=value)


def _with_room(filled: Sequence[Row]) -> tuple[Row, ...]:
    empty = [Row(number=len(filled), kind=None)] if len(filled) < MOST else []
    return (*filled, *empty)


def read_set(form: FormValues) -> SetForm:
    """What was typed: a row without a kind is left out, a parameter not asked for yet is the usual one."""
    sent = [number for number in range(MOST) if form.text(f"kind{number}")]
    errors: dict[str, str] = {}
    rows: list[Row] = []
    specs: list[IndicatorSpec | None] = []
    for number in sent:
        try:
            row = _typed(form, number, len(rows))
        except InvalidInput as problem:
            errors["rows"] = say(problem)
            continue
        rows.append(row)
        specs.append(_spec(row, errors))
    wanted = IndicatorSet(name=form.text("name"), indicators=tuple(spec for spec in specs if spec))
    return SetForm(rows=_with_room(rows), wanted=wanted, errors=errors)


def _typed(form: FormValues, sent: int, number: int) -> Row:
    """The row as it was sent; rows move up where one above was removed."""
    kind = kind_of(form.text(f"kind{sent}"))
    fields = (_field(number, p, form.text(f"p{sent}.{p.name}") or p.word(p.default)) for p in kind.parameters)
    return Row(number=number, kind=kind, fields=tuple(fields))


def _spec(row: Row, errors: dict[str, str]) -> IndicatorSpec | None:
    """The row's indicator, complete; what is wrong is noted at its field."""
    kind = row.kind
    if kind is None:
        return None
    problems = dict(_problems(kind, row.fields))
    errors |= problems
    if problems:
        return None
    params = tuple((f.parameter.name, value_of(kind, f.parameter, f.value)) for f in row.fields)
    try:
        return complete(IndicatorSpec(kind=kind.kind, params=params))
    except InvalidInput as problem:
        errors[f"kind{row.number}"] = say(problem)
        return None


def _problems(kind: Kind, fields: Sequence[ParameterField]) -> Iterator[tuple[str, str]]:
    for field in fields:
        try:
            check = field.parameter.name, value_of(kind, field.parameter, field.value)
            complete(IndicatorSpec(kind=kind.kind, params=(check,)))
        except InvalidInput as problem:
            # One number alone may not fit to the others' usual values; all together are looked at afterwards.
            if problem.where != kind.kind:
                yield field.name, say(problem)
