"""Indicators: versions of named sets, kept as they were put."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Column, Integer, Table, func, select

from glassdesk.adapters.database import rows
from glassdesk.adapters.database.schema import append_only, metadata
from glassdesk.adapters.database.transactions import unit
from glassdesk.adapters.database.types import Instant, Json, Words
from glassdesk.kernel.errors import Conflict
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.indicators.model import IndicatorSet, IndicatorSetVersion
from glassdesk.workflow.indicators.ports import IndicatorStore

set_versions = append_only(
    Table(
        "indicator_set_versions",
        metadata,
        Column("name", Words, primary_key=True),
        Column("version", Integer, primary_key=True, autoincrement=False),
        Column("indicators", Json(IndicatorSet), nullable=False),
        Column("author", Words, nullable=False),
        Column("created_at", Instant, nullable=True),
        Column("message", Words, nullable=False),
    )
)

archived_sets = append_only(
    Table(
        "archived_sets",
        metadata,
        Column("name", Words, primary_key=True),
        Column("author", Words, nullable=False),
        Column("archived_at", Instant, nullable=False),
    )
)

_VERSION = rows.select_value(set_versions, IndicatorSetVersion)
_COLUMNS = set_versions.c


class DatabaseIndicatorStore(IndicatorStore):
    """Versions of indicator sets, as rows."""

    def put(self, t: Transaction, version: IndicatorSetVersion) -> None:
        row = rows.fields_of(version) | {"name": version.name}
        if not rows.insert_new(unit(t), set_versions, row):
            raise Conflict(
                f"the set {version.name!r} has a version {version.version} already",
                where="name",
                remedy="look at it, and change the newest one",
            )

    def versions(self, t: Transaction, name: str) -> Sequence[IndicatorSetVersion]:
        statement = _VERSION.where(_COLUMNS.name == name).order_by(_COLUMNS.version)
        return rows.values(IndicatorSetVersion, unit(t).execute(statement))

    def newest(self, t: Transaction) -> Sequence[IndicatorSetVersion]:
        last = select(_COLUMNS.name, func.max(_COLUMNS.version).label("version")).group_by(_COLUMNS.name)
        found = last.subquery()
        statement = _VERSION.join(
            found, (_COLUMNS.name == found.c.name) & (_COLUMNS.version == found.c.version)
        ).order_by(_COLUMNS.name)
        return rows.values(IndicatorSetVersion, unit(t).execute(statement))

    def archive(self, t: Transaction, name: str, author: str, at: datetime) -> None:
        row = {"name": name, "author": author, "archived_at": at}
        rows.insert_new(unit(t), archived_sets, row)

    def archived(self, t: Transaction) -> frozenset[str]:
        return frozenset(unit(t).execute(select(archived_sets.c.name)).scalars())
