"""Schedules: one row for every instant at which a strategy was due."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    Select,
    Table,
    and_,
    delete,
    or_,
    select,
    update,
)

from glassdesk.adapters.database import rows
from glassdesk.adapters.database.runs import runs
from glassdesk.adapters.database.schema import append_only, metadata
from glassdesk.adapters.database.transactions import unit
from glassdesk.adapters.database.types import Instant, Word, Words
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.runs.model import Run
from glassdesk.workflow.schedules.model import Outcome, Pause, Slot, SlotState
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

paused_schedules = Table(
    "paused_schedules",
    metadata,
    Column("strategy", Words, primary_key=True),
    Column("actor", Words, nullable=False, server_default="owner"),
    Column("reason", Words, nullable=False, server_default=""),
    Column("at", Instant),
)

agenda = Table(
    "agenda",
    metadata,
    Column("strategy", Words, primary_key=True),
    Column("due", Instant),
    Index("ix_agenda_due", "due", "strategy"),
)

resumed_schedules = Table(
    "resumed_schedules",
    metadata,
    Column("strategy", Words, primary_key=True),
    Column("at", Instant, nullable=False),
)

ticks = Table(
    "ticks",
    metadata,
    Column("name", Words, primary_key=True),
    Column("at", Instant, nullable=False),
)
_TICKER = "ticker"


class DatabaseSlotStore(SlotStore):
    """Slots, watermarks and the agenda, as rows."""

    def add(self, t: Transaction, slot: Slot) -> bool:
        return rows.insert_new(unit(t), slots, rows.fields_of(slot))

    def watermark(self, t: Transaction, strategy: str) -> datetime | None:
        return _instant(t, select(watermarks.c.instant).where(watermarks.c.strategy == strategy))

    def set_watermark(self, t: Transaction, strategy: str, instant: datetime) -> None:
        work = unit(t)
        if rows.insert_new(work, watermarks, {"strategy": strategy, "instant": instant}):
            return
        older = (watermarks.c.strategy == strategy, watermarks.c.instant < instant)
        work.execute(update(watermarks).where(*older).values(instant=instant))

    def plan(self, t: Transaction, strategy: str, due: datetime | None) -> None:
        rows.put(unit(t), agenda, {"strategy": strategy, "due": due})

    def due(self, t: Transaction, now: datetime) -> Sequence[str]:
        statement = select(agenda.c.strategy).where(agenda.c.due <= now)
        return unit(t).execute(statement.order_by(agenda.c.due, agenda.c.strategy)).scalars().all()

    def planned(
        self, t: Transaction, *, after: tuple[datetime, str] | None = None, limit: int = 200
    ) -> Sequence[tuple[datetime, str]]:
        statement = select(agenda.c.due, agenda.c.strategy).where(agenda.c.due.is_not(None))
        if after is not None:
            due, strategy = after
            later = and_(agenda.c.due == due, agenda.c.strategy > strategy)
            statement = statement.where(or_(agenda.c.due > due, later))
        found = unit(t).execute(statement.order_by(agenda.c.due, agenda.c.strategy).limit(limit))
        return [(row.due, row.strategy) for row in found]

    def next_due(self, t: Transaction) -> datetime | None:
        planned = select(agenda.c.due).where(agenda.c.due.is_not(None))
        return _instant(t, planned.order_by(agenda.c.due).limit(1))

    def ticked_at(self, t: Transaction) -> datetime | None:
        return _instant(t, select(ticks.c.at).where(ticks.c.name == _TICKER))

    def tick(self, t: Transaction, now: datetime) -> None:
        work = unit(t)
        if not rows.insert_new(work, ticks, {"name": _TICKER, "at": now}):
            work.execute(update(ticks).where(ticks.c.name == _TICKER, ticks.c.at < now).values(at=now))

    def slots(
        self,
        t: Transaction,
        *,
        strategy: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        limit: int = 200,
    ) -> Sequence[Slot]:
        statement = rows.select_value(slots, Slot).order_by(slots.c.instant.desc(), slots.c.strategy)
        if strategy is not None:
            statement = statement.where(slots.c.strategy == strategy)
        if since is not None:
            statement = statement.where(slots.c.instant >= since)
        if until is not None:
            statement = statement.where(slots.c.instant < until)
        return rows.values(Slot, unit(t).execute(statement.limit(limit)))

    def outcomes(
        self,
        t: Transaction,
        *,
        strategy: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        limit: int,
    ) -> Sequence[Outcome]:
        found = self.slots(t, strategy=strategy, since=since, until=until, limit=limit)
        if not found:
            return []
        of_slots = rows.select_value(runs, Run).where(runs.c.slot_strategy.is_not(None))
        of_slots = of_slots.where(runs.c.slot >= found[-1].instant, runs.c.slot <= found[0].instant)
        if strategy is not None:
            of_slots = of_slots.where(runs.c.strategy == strategy)
        batches: defaultdict[tuple[str, datetime], list[Run]] = defaultdict(list)
        for run in rows.values(Run, unit(t).execute(of_slots.order_by(runs.c.conid))):
            batches[(run.strategy, run.slot)].append(run)
        return [Outcome(slot=one, runs=tuple(batches[(one.strategy, one.instant)])) for one in found]

    def paused(self, t: Transaction) -> Mapping[str, Pause]:
        found = rows.values(Pause, unit(t).execute(rows.select_value(paused_schedules, Pause)))
        return {one.strategy: one for one in found}

    def pause(self, t: Transaction, pause: Pause) -> None:
        rows.insert_new(unit(t), paused_schedules, rows.fields_of(pause))

    def resume(self, t: Transaction, strategy: str, at: datetime) -> None:
        work = unit(t)
        work.execute(delete(paused_schedules).where(paused_schedules.c.strategy == strategy))
        rows.put(work, resumed_schedules, {"strategy": strategy, "at": at})

    def resumed_at(self, t: Transaction, strategy: str) -> datetime | None:
        return _instant(t, select(resumed_schedules.c.at).where(resumed_schedules.c.strategy == strategy))


def _instant(t: Transaction, statement: Select[Any]) -> datetime | None:
    found: datetime | None = unit(t).execute(statement).scalar()
    return found
