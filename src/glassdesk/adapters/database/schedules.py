"""Schedules: one row for every instant at which a strategy was due."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Column, ForeignKeyConstraint, Index, Integer, Table, delete, select, update

from glassdesk.adapters.database import rows
from glassdesk.adapters.database.schema import append_only, metadata
from glassdesk.adapters.database.transactions import unit
from glassdesk.adapters.database.types import Instant, Word, Words
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.schedules.model import Slot, SlotState
from glassdesk.workflow.schedules.ports import SlotStore

slots = append_only(
    Table(
        "slots",
        metadata,
        Column("strategy", Words, primary_key=True),
        Column("instant", Instant, primary_key=True),
        Column("version", Integer, nullable=False),
        Column("state", Word(SlotState), nullable=False),
        Column("reason", Words, nullable=False),
        Column("created_at", Instant, nullable=False),
        ForeignKeyConstraint(
            ["strategy", "version"],
            ["strategy_versions.name", "strategy_versions.version"],
            deferrable=True,
            initially="DEFERRED",
        ),
        Index("ix_slots_instant", "instant"),
    )
)

watermarks = Table(
    "watermarks",
    metadata,
    Column("strategy", Words, primary_key=True),
    Column("instant", Instant, nullable=False),
)

paused_schedules = Table("paused_schedules", metadata, Column("strategy", Words, primary_key=True))


class DatabaseSlotStore(SlotStore):
    """Slots and watermarks, as rows."""

    def add(self, t: Transaction, slot: Slot) -> bool:
        return rows.insert_new(unit(t), slots, rows.fields_of(slot))

    def watermark(self, t: Transaction, strategy: str) -> datetime | None:
        statement = select(watermarks.c.instant).where(watermarks.c.strategy == strategy)
        instant: datetime | None = unit(t).execute(statement).scalar()
        return instant

    def set_watermark(self, t: Transaction, strategy: str, instant: datetime) -> None:
        work = unit(t)
        if rows.insert_new(work, watermarks, {"strategy": strategy, "instant": instant}):
            return
        older = (watermarks.c.strategy == strategy, watermarks.c.instant < instant)
        work.execute(update(watermarks).where(*older).values(instant=instant))

    def slots(
        self, t: Transaction, *, strategy: str | None = None, since: datetime | None = None, limit: int = 200
    ) -> Sequence[Slot]:
        statement = rows.select_value(slots, Slot).order_by(slots.c.instant.desc(), slots.c.strategy)
        if strategy is not None:
            statement = statement.where(slots.c.strategy == strategy)
        if since is not None:
            statement = statement.where(slots.c.instant >= since)
        return rows.values(Slot, unit(t).execute(statement.limit(limit)))

    def paused(self, t: Transaction) -> frozenset[str]:
        return frozenset(unit(t).execute(select(paused_schedules.c.strategy)).scalars())

    def set_paused(self, t: Transaction, strategy: str, *, paused: bool) -> None:
        work = unit(t)
        if paused:
            rows.insert_new(work, paused_schedules, {"strategy": strategy})
        else:
            work.execute(delete(paused_schedules).where(paused_schedules.c.strategy == strategy))
