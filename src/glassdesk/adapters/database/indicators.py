"""Indicators: named sets, kept as they were put."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Column, Table, select

from glassdesk.adapters.database import rows
from glassdesk.adapters.database.schema import append_only, metadata
from glassdesk.adapters.database.transactions import unit
from glassdesk.adapters.database.types import Json, Words
from glassdesk.kernel.errors import Conflict
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.indicators.model import IndicatorSet
from glassdesk.workflow.indicators.ports import IndicatorStore

indicator_sets = append_only(
    Table(
        "indicator_sets",
        metadata,
        Column("name", Words, primary_key=True),
        Column("body", Json(IndicatorSet), nullable=False),
    )
)


class DatabaseIndicatorStore(IndicatorStore):
    """Indicator sets, as rows."""

    def put(self, t: Transaction, indicators: IndicatorSet) -> None:
        row = {"name": indicators.name, "body": indicators}
        if not rows.insert_new(unit(t), indicator_sets, row):
            raise Conflict(f"there is an indicator set {indicators.name!r}", remedy="choose another name")

    def get(self, t: Transaction, name: str) -> IndicatorSet | None:
        statement = select(indicator_sets.c.body).where(indicator_sets.c.name == name)
        found: IndicatorSet | None = unit(t).execute(statement).scalar()
        return found

    def all(self, t: Transaction) -> Sequence[IndicatorSet]:
        return unit(t).execute(select(indicator_sets.c.body).order_by(indicator_sets.c.name)).scalars().all()
