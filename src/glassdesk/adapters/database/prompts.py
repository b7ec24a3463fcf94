"""Prompts: versions for ever, the moves of labels, and what may change beside them."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Boolean, Column, ForeignKeyConstraint, Integer, Table, func, select, update

from glassdesk.adapters.database import rows
from glassdesk.adapters.database.schema import append_only, metadata
from glassdesk.adapters.database.transactions import unit
from glassdesk.adapters.database.types import Instant, Json, Word, Words
from glassdesk.kernel.errors import Conflict
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.prompts.model import Kind, Move, Prompt, PromptTest, PromptVersion
from glassdesk.workflow.prompts.ports import PromptStore

prompts = Table(
    "prompts",
    metadata,
    Column("name", Words, primary_key=True),
    Column("kind", Word(Kind), nullable=False),
    Column("tags", Json(tuple[str, ...]), nullable=False),
    Column("notes", Words, nullable=False),
    Column("translation_of", Words, nullable=False),
    Column("archived_at", Instant, nullable=True),
    Column("edition", Integer, nullable=False),
)

prompt_versions = append_only(
    Table(
        "prompt_versions",
        metadata,
        Column("name", Words, primary_key=True),
        Column("number", Integer, primary_key=True, autoincrement=False),
        Column("language", Words, nullable=False),
        Column("system", Words, nullable=False),
        Column("body", Words, nullable=False),
        Column("sha256", Words, nullable=False),
        Column("message", Words, nullable=False),
        Column("author", Words, nullable=False),
        Column("created_at", Instant, nullable=False),
        Column("system_prompt", Words, nullable=False),
        Column("translates", Words, nullable=False),
        Column("answer_schema", Words, nullable=False),
    )
)

prompt_moves = append_only(
    Table(
        "prompt_moves",
        metadata,
        Column("name", Words, primary_key=True),
        Column("label", Words, primary_key=True),
        Column("scope", Words, primary_key=True),
        Column("move", Integer, primary_key=True, autoincrement=False),
        Column("number", Integer, nullable=True),
        Column("before", Integer, nullable=True),
        Column("undoes", Boolean, nullable=False),
        Column("reason", Words, nullable=False),
        Column("actor", Words, nullable=False),
        Column("at", Instant, nullable=False),
        ForeignKeyConstraint(["name", "number"], ["prompt_versions.name", "prompt_versions.number"]),
    )
)

prompt_tests = append_only(
    Table(
        "prompt_tests",
        metadata,
        Column("name", Words, primary_key=True),
        Column("number", Integer, primary_key=True, autoincrement=False),
        Column("test", Integer, primary_key=True, autoincrement=False),
        Column("run", Words, nullable=False),
        Column("engine", Words, nullable=False),
        Column("model", Words, nullable=False),
        Column("problem", Words, nullable=False),
        Column("answer", Words, nullable=False),
        Column("actor", Words, nullable=False),
        Column("at", Instant, nullable=False),
        ForeignKeyConstraint(["name", "number"], ["prompt_versions.name", "prompt_versions.number"]),
    )
)

_PROMPT = rows.select_value(prompts, Prompt)
_VERSION = rows.select_value(prompt_versions, PromptVersion)
_MOVE = rows.select_value(prompt_moves, Move)
_TEST = rows.select_value(prompt_tests, PromptTest)


class DatabasePromptStore(PromptStore):
    """Prompts, versions, moves and tests, as rows."""

    def add_prompt(self, t: Transaction, prompt: Prompt) -> None:
        if not rows.insert_new(unit(t), prompts, rows.fields_of(prompt)):
            raise Conflict(f"the prompt {prompt.name!r} exists", where="name", remedy="take another name")

    def change_prompt(self, t: Transaction, prompt: Prompt) -> None:
        at = (prompts.c.name == prompt.name, prompts.c.edition == prompt.edition - 1)
        statement = update(prompts).where(*at).values(rows.fields_of(prompt))
        if unit(t).execute(statement.execution_options(preserve_rowcount=True)).rowcount != 1:
            problem = f"{prompt.name} was changed after you opened it"
            raise Conflict(problem, where="edition", remedy="look at it again and repeat your change")

    def prompt(self, t: Transaction, name: str) -> Prompt | None:
        return rows.optional(Prompt, unit(t).execute(_PROMPT.where(prompts.c.name == name)).first())

    def prompts(self, t: Transaction) -> Sequence[Prompt]:
        return rows.values(Prompt, unit(t).execute(_PROMPT.order_by(prompts.c.name)))

    def add_version(self, t: Transaction, version: PromptVersion) -> None:
        if not rows.insert_new(unit(t), prompt_versions, rows.fields_of(version)):
            problem = f"prompt {version.name} has a version {version.number} already"
            raise Conflict(problem, remedy="a version is never edited: add the next one")

    def version(self, t: Transaction, name: str, number: int) -> PromptVersion | None:
        at = (prompt_versions.c.name == name, prompt_versions.c.number == number)
        return rows.optional(PromptVersion, unit(t).execute(_VERSION.where(*at)).first())

    def versions(self, t: Transaction, name: str) -> Sequence[PromptVersion]:
        statement = _VERSION.where(prompt_versions.c.name == name).order_by(prompt_versions.c.number)
        return rows.values(PromptVersion, unit(t).execute(statement))

    def newest(self, t: Transaction) -> Sequence[PromptVersion]:
        columns = prompt_versions.c
        last = select(columns.name, func.max(columns.number).label("number")).group_by(columns.name)
        found = last.subquery()
        same = (columns.name == found.c.name) & (columns.number == found.c.number)
        return rows.values(PromptVersion, unit(t).execute(_VERSION.join(found, same).order_by(columns.name)))

    def add_move(self, t: Transaction, move: Move) -> None:
        if not rows.insert_new(unit(t), prompt_moves, rows.fields_of(move)):
            problem = f"the label {move.label!r} of {move.name!r} was moved meanwhile"
            raise Conflict(problem, where="label", remedy="look where it points now")

    def moves(self, t: Transaction, name: str | None = None) -> Sequence[Move]:
        columns = prompt_moves.c
        statement = _MOVE.order_by(columns.name, columns.scope, columns.label, columns.move)
        wanted = statement if name is None else statement.where(columns.name == name)
        return rows.values(Move, unit(t).execute(wanted))

    def add_test(self, t: Transaction, test: PromptTest) -> None:
        if not rows.insert_new(unit(t), prompt_tests, rows.fields_of(test)):
            raise Conflict(f"{test.name}@{test.number} was tested meanwhile", where="test")

    def tests(self, t: Transaction, name: str) -> Sequence[PromptTest]:
        columns = prompt_tests.c
        statement = _TEST.where(columns.name == name).order_by(columns.number, columns.test)
        return rows.values(PromptTest, unit(t).execute(statement))
