"""The form of conditions: for each side how its rows are taken, and a row per statement.

Names of fields: `buy.take`, `buy.need`, and of the third row `buy2.left`, `buy2.relation` … A group inside a
group stands in its row as a file has it, in one line, so that the form loses nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from glassdesk.composition.bundles import group_from, group_line
from glassdesk.kernel.errors import InvalidInput
from glassdesk.web.forms.fields import FormValues
from glassdesk.workflow.signals.conditions.model import (
    Condition,
    Conditions,
    Group,
    GroupKind,
    Relation,
    Statement,
    Timeframe,
)
from glassdesk.workflow.signals.conditions.sentences import operand_text, parse_statement

MOST_ROWS = 12
GROUP = "(group)"
"""What the first select says where the row holds a group as a file has it."""
ONE = "one"
TAKES = (
    (GroupKind.ALL.value, "all of these are true"),
    (GroupKind.ANY.value, "any of these is true"),
    (GroupKind.AT_LEAST.value, "at least so many of these are true"),
    (ONE, "this one is true"),
)
RELATIONS = tuple((one.value, one.value) for one in Relation)
FRAMES = (("", "own bars"), *((one, one) for one in ("daily", "weekly", "monthly")))
SIDES = (("buy", "Ask about buying when"), ("sell", "Ask about selling when"))
_PLACE = re.compile(r"conditions\.(buy|sell)(?:\.(?:all|any|of)\[(\d+)\])?")
_FIELDS = ("not", "frame", "left", "ago", "relation", "right", "upper", "text")


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionRow:
    """One row as it is shown; `number` is its place among the rows of its side."""

    number: int
    values: Mapping[str, str]

    @property
    def filled(self) -> bool:
        return bool(self.values["left"])

    @property
    def relation(self) -> str:
        return self.values["relation"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SideForm:
    """One side as it is shown."""

    name: str
    title: str
    take: str
    need: str
    rows: tuple[ConditionRow, ...]


def read_conditions(form: FormValues) -> tuple[Conditions | None, list[InvalidInput]]:
    """The conditions as typed, and every problem with its place; a row that cannot be read is left out."""
    problems: list[InvalidInput] = []
    buy, sell = (_side(form, name, problems) for name, _ in SIDES)
    return (Conditions(buy=buy, sell=sell) if buy or sell else None), problems


def _side(form: FormValues, side: str, problems: list[InvalidInput]) -> Condition | None:
    parts: list[Condition] = []
    for place, number in enumerate(_sent(form, side)):
        try:
            parts.append(_part(form, f"{side}{number}"))
        except InvalidInput as problem:
            where = f"conditions.{side}.all[{place}]"
            problems.append(InvalidInput(problem.problem, where=where, remedy=problem.remedy))
    take = form.text(f"{side}.take") or GroupKind.ALL.value
    if not parts:
        return None
    if take == ONE and len(parts) == 1:
        return parts[0]
    return _taken(form, side, take, tuple(parts), problems)


def _taken(
    form: FormValues, side: str, take: str, parts: tuple[Condition, ...], problems: list[InvalidInput]
) -> Condition:
    if take != GroupKind.AT_LEAST.value:
        kind = GroupKind.ANY if take == GroupKind.ANY.value else GroupKind.ALL
        return Group(kind=kind, of=parts)
    text = form.text(f"{side}.need")
    need = int(text) if text.isdecimal() and len(text) < 3 else 0
    if not 1 <= need <= len(parts):
        told = f"{text or 'nothing'} of {len(parts)} cannot be"
        problems.append(InvalidInput(told, where=f"{side}.need", remedy=f"1 to {len(parts)}"))
    return Group(kind=GroupKind.AT_LEAST, of=parts, need=max(1, need))


def _sent(form: FormValues, side: str) -> list[int]:
    return [number for number in range(MOST_ROWS + 1) if form.text(f"{side}{number}.left")]


def _part(form: FormValues, row: str) -> Condition:
    negated = form.text(f"{row}.not") == "not"
    if form.text(f"{row}.left") == GROUP:
        part = group_from(form.text(f"{row}.text") or "{}", row)
    else:
        part = parse_statement(_sentence(form, row))
    return Group(kind=GroupKind.NOT, of=(part,)) if negated else part


def _sentence(form: FormValues, row: str) -> str:
    ago = form.text(f"{row}.ago")
    left = [
        form.text(f"{row}.frame"),
        form.text(f"{row}.left"),
        f"{ago} bars ago" if ago not in ("", "0") else "",
    ]
    relation, right = form.text(f"{row}.relation") or Relation.ABOVE.value, form.text(f"{row}.right")
    if relation in (Relation.RISING.value, Relation.FALLING.value):
        right = f"over {right or 0} bars"
    if relation == Relation.BETWEEN.value:
        right = f"{right} and {form.text(f'{row}.upper')}"
    return " ".join(part for part in (*left, relation, right) if part)


def shown_conditions(conditions: Conditions | None) -> dict[str, str]:
    """Conditions as the form shows them."""
    values: dict[str, str] = {}
    for name, _ in SIDES:
        side = getattr(conditions, name) if conditions is not None else None
        take, parts = _laid_out(side)
        values[f"{name}.take"] = take
        values[f"{name}.need"] = str(side.need) if isinstance(side, Group) and side.need else ""
        for number, part in enumerate(parts):
            values |= {f"{name}{number}.{field}": text for field, text in _row(part).items()}
    return values


def _laid_out(side: Condition | None) -> tuple[str, tuple[Condition, ...]]:
    if side is None:
        return GroupKind.ALL.value, ()
    if isinstance(side, Statement) or side.kind is GroupKind.NOT:
        return ONE, (side,)
    return side.kind.value, side.of


def _row(part: Condition) -> dict[str, str]:
    if isinstance(part, Group):
        inner = part.of[0] if part.kind is GroupKind.NOT else part
        negated = "not" if part.kind is GroupKind.NOT else ""
        if isinstance(inner, Statement):
            return _row(inner) | {"not": negated}
        return {"not": negated, "left": GROUP, "text": group_line(inner)}
    left = part.left
    right = str(part.bars) if part.relation.over_bars else operand_text(part.right) if part.right else ""
    return {
        "frame": "" if left.timeframe is Timeframe.DECISION else left.timeframe.value,
        "left": left.name,
        "ago": str(left.ago) if left.ago else "",
        "relation": part.relation.value,
        "right": right,
        "upper": operand_text(part.upper) if part.upper else "",
    }


def sides_of(values: Mapping[str, str]) -> tuple[SideForm, ...]:
    """Both sides with their rows, moved up where one above was removed, and an empty row at the end."""
    return tuple(
        SideForm(
            name=name,
            title=title,
            take=_take(values, name),
            need=values.get(f"{name}.need", ""),
            rows=_rows(values, name),
        )
        for name, title in SIDES
    )


def _take(values: Mapping[str, str], side: str) -> str:
    """How its rows are taken; several are never one."""
    take = values.get(f"{side}.take") or GroupKind.ALL.value
    return GroupKind.ALL.value if take == ONE and len(_filled(values, side)) > 1 else take


def _filled(values: Mapping[str, str], side: str) -> list[str]:
    return [f"{side}{number}" for number in range(MOST_ROWS + 1) if values.get(f"{side}{number}.left")]


def _rows(values: Mapping[str, str], side: str) -> tuple[ConditionRow, ...]:
    filled = [{field: values.get(f"{row}.{field}", "") for field in _FIELDS} for row in _filled(values, side)]
    empty = [dict.fromkeys(_FIELDS, "")] if len(filled) < MOST_ROWS else []
    return tuple(ConditionRow(number=at, values=row) for at, row in enumerate([*filled, *empty]))


def is_condition_field(name: str) -> bool:
    """Is it a field of this form?"""
    return re.fullmatch(rf"(buy|sell)\d*\.({'|'.join((*_FIELDS, 'take', 'need'))})", name) is not None


def field_of(where: str) -> str:
    """The field beside which a problem is told: `conditions.buy.all[1]` is the second row's first select."""
    found = _PLACE.match(where)
    return f"{found[1]}{found[2] or 0}.left" if found else where
