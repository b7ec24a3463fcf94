"""Prompts: versions for ever, labels that move."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import Column, ForeignKeyConstraint, Integer, Table, select

from glassdesk.adapters.database import rows
from glassdesk.adapters.database.schema import append_only, metadata
from glassdesk.adapters.database.transactions import unit
from glassdesk.adapters.database.types import Instant, Words
from glassdesk.kernel.errors import Conflict
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.prompts.model import PromptVersion
from glassdesk.workflow.prompts.ports import PromptStore

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
    )
)

prompt_labels = Table(
    "prompt_labels",
    metadata,
    Column("name", Words, primary_key=True),
    Column("label", Words, primary_key=True),
    Column("number", Integer, nullable=False),
    ForeignKeyConstraint(["name", "number"], ["prompt_versions.name", "prompt_versions.number"]),
)

_VERSION = rows.select_value(prompt_versions, PromptVersion)


class DatabasePromptStore(PromptStore):
    """Versions and labels, as rows."""

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

    def names(self, t: Transaction) -> Sequence[str]:
        name = prompt_versions.c.name
        return unit(t).execute(select(name).distinct().order_by(name)).scalars().all()

    def put_label(self, t: Transaction, name: str, label: str, number: int) -> None:
        rows.put(unit(t), prompt_labels, {"name": name, "label": label, "number": number})

    def labels(self, t: Transaction, name: str) -> Mapping[str, int]:
        statement = (
            select(prompt_labels.c.label, prompt_labels.c.number)
            .where(prompt_labels.c.name == name)
            .order_by(prompt_labels.c.label)
        )
        return {row.label: row.number for row in unit(t).execute(statement)}
