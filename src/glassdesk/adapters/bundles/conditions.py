"""Conditions in a strategy file: sentences, and groups of them.

conditions:
  buy:
    all:
    - close above sma_200
    - {at_least: 2, of: [rsi_2 below 10, close crosses above sma_5, {not: volume falling over 3 bars}]}
  sell: rsi_2 above 70
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, ValidationError

from glassdesk.adapters.bundles import text as yaml_text
from glassdesk.adapters.bundles.problems import as_input
from glassdesk.kernel.errors import InvalidInput
from glassdesk.workflow.signals.conditions.model import (
    Condition,
    Conditions,
    Group,
    GroupKind,
    Statement,
    place,
)
from glassdesk.workflow.signals.conditions.sentences import parse_statement, statement_text

MOST_PARTS = 12
MOST_LEVELS = 6
GROUPS = "all, any, not, or at_least with of"

Sentence = Annotated[str, Field(max_length=200)]


def _branch(given: object) -> str | None:
    """Which form a part has; the names hold a `-`, so that no error names them."""
    if isinstance(given, str):
        return "a-sentence"
    return "a-group" if isinstance(given, Mapping | BaseModel) else None


def _side(given: object) -> str | None:
    return "a-list" if isinstance(given, list | tuple) else _branch(given)


Part = Annotated[
    Annotated[Sentence, Tag("a-sentence")] | Annotated["GroupForm", Tag("a-group")],
    Discriminator(_branch, custom_error_type="part", custom_error_message="a statement or a group"),
]
Parts = Annotated[tuple[Part, ...], Field(min_length=1, max_length=MOST_PARTS)]


class GroupForm(BaseModel):
    """One of `all`, `any`, `not`, or `at_least` with `of`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    all: Parts | None = Field(default=None, description="a list of statements, all of which must be true")
    any: Parts | None = Field(default=None, description="a list of statements, one of which must be true")
    not_: Part | None = Field(default=None, alias="not", description="one statement that must be false")
    at_least: int | None = Field(default=None, ge=1, le=MOST_PARTS, description="how many of `of`, e.g. 3")
    of: Parts | None = Field(default=None, description="the list that `at_least` counts")


Side = Annotated[
    Annotated[Sentence, Tag("a-sentence")]
    | Annotated[Parts, Tag("a-list")]
    | Annotated[GroupForm, Tag("a-group")],
    Discriminator(_side, custom_error_type="side", custom_error_message="a statement, a list or a group"),
]
"""A list alone means all of it."""


class ConditionsForm(BaseModel):
    """What must be true before the analyst is asked."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    buy: Side | None = Field(default=None, description="a statement, e.g. `rsi_14 below 30`, or a group")
    sell: Side | None = Field(default=None, description="a statement, e.g. `rsi_14 above 70`, or a group")


def conditions_of(form: ConditionsForm | None, file: str) -> Conditions | None:
    """The conditions of a file. Raises `InvalidInput` naming the place."""
    if form is None or (form.buy is None and form.sell is None):
        return None
    return Conditions(
        buy=None if form.buy is None else condition_of(form.buy, "conditions.buy", file),
        sell=None if form.sell is None else condition_of(form.sell, "conditions.sell", file),
    )


def condition_of(part: Any, where: str, file: str) -> Condition:
    """One condition as a file has it: a sentence, a list (all of it), or a group."""
    if where.count(".") > MOST_LEVELS:
        raise InvalidInput(
            "nested too deeply", where=f"{file}: {where}", remedy=f"at most {MOST_LEVELS} groups"
        )
    if isinstance(part, str):
        return _statement(part, where, file)
    if isinstance(part, tuple):
        return _group(Group(kind=GroupKind.ALL, of=()), part, where, file)
    kind, parts, need = _kind(part, where, file)
    return _group(Group(kind=kind, of=(), need=need), parts, where, file)


def _statement(text: str, where: str, file: str) -> Statement:
    try:
        return parse_statement(text)
    except InvalidInput as problem:
        raise InvalidInput(problem.problem, where=f"{file}: {where}", remedy=problem.remedy) from problem


def _group(empty: Group, parts: tuple[Any, ...], where: str, file: str) -> Group:
    of = tuple(condition_of(part, place(empty, where, at), file) for at, part in enumerate(parts))
    return Group(kind=empty.kind, of=of, need=empty.need)


def _kind(form: GroupForm, where: str, file: str) -> tuple[GroupKind, tuple[Any, ...], int]:
    given = form.model_fields_set - {"of"}
    if len(given) != 1 or ("of" in form.model_fields_set) != (given == {"at_least"}):
        raise InvalidInput("this is no group", where=f"{file}: {where}", remedy=f"one of {GROUPS}")
    if form.at_least is not None and form.of is not None:
        if form.at_least > len(form.of):
            problem = f"{form.at_least} of {len(form.of)} can never be true"
            raise InvalidInput(problem, where=f"{file}: {where}.at_least", remedy=f"1 to {len(form.of)}")
        return GroupKind.AT_LEAST, form.of, form.at_least
    if form.not_ is not None:
        return GroupKind.NOT, (form.not_,), 0
    if form.all is not None:
        return GroupKind.ALL, form.all, 0
    if form.any is not None:
        return GroupKind.ANY, form.any, 0
    raise InvalidInput("this is no group", where=f"{file}: {where}", remedy=f"one of {GROUPS}")


def conditions_to(conditions: Conditions) -> dict[str, Any]:
    """The plain data of conditions, as a file has them."""
    return {name: condition_to(side) for name, side in conditions.sides}


def condition_to(condition: Condition) -> Any:
    """A sentence, or a mapping for a group."""
    if isinstance(condition, Statement):
        return statement_text(condition)
    parts = [condition_to(part) for part in condition.of]
    if condition.kind is GroupKind.AT_LEAST:
        return {"at_least": condition.need, "of": parts}
    return {condition.kind.value: parts[0] if condition.kind is GroupKind.NOT else parts}


def group_from(text: str, where: str) -> Condition:
    """A group written in one line, `{any: [rsi_2 below 10, close above 5]}`. Raises `InvalidInput`."""
    try:
        form = GroupForm.model_validate(yaml_text.read(text, where))
    except ValidationError as failure:
        raise as_input(failure, GroupForm, where) from failure
    return condition_of(form, "group", where)


def group_line(group: Group) -> str:
    """A group in one line; `group_from` gives the same group back."""
    return yaml_text.write_line(condition_to(group))
