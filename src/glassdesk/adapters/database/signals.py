"""Signals: one per run, for ever."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Table, select

from glassdesk.adapters.database import rows
from glassdesk.adapters.database.schema import append_only, metadata
from glassdesk.adapters.database.transactions import unit
from glassdesk.adapters.database.types import Instant, Json, Word, Words
from glassdesk.kernel.errors import Conflict
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.signals.model import Action, SignalRow
from glassdesk.workflow.signals.ports import SignalStore

signals = append_only(
    Table(
        "signals",
        metadata,
        Column("run", Words, ForeignKey("runs.run"), primary_key=True),
        Column("strategy", Words, nullable=False),
        Column("conid", BigInteger, nullable=False),
        Column("slot", Instant, nullable=False),
        Column("action", Word(Action), nullable=False),
        Column("body", Json(SignalRow), nullable=False),
        Index("ix_signals_slot", "slot"),
        Index("ix_signals_strategy", "strategy", "slot"),
    )
)


class DatabaseSignalStore(SignalStore):
    """Signals, as rows."""

    def add(self, t: Transaction, row: SignalRow) -> None:
        stored = {
            "run": row.signal.run,
            "strategy": row.strategy,
            "conid": row.conid,
            "slot": row.slot,
            "action": row.signal.action,
            "body": row,
        }
        if not rows.insert_new(unit(t), signals, stored):
            raise Conflict(f"run {row.signal.run} has its signal already")

    def of_run(self, t: Transaction, run: str) -> SignalRow | None:
        found: SignalRow | None = unit(t).execute(select(signals.c.body).where(signals.c.run == run)).scalar()
        return found

    def recent(
        self,
        t: Transaction,
        *,
        strategy: str | None = None,
        conid: int | None = None,
        before: datetime | None = None,
        limit: int = 100,
    ) -> Sequence[SignalRow]:
        statement = select(signals.c.body).order_by(
            signals.c.slot.desc(), signals.c.strategy, signals.c.conid
        )
        if strategy is not None:
            statement = statement.where(signals.c.strategy == strategy)
        if conid is not None:
            statement = statement.where(signals.c.conid == conid)
        if before is not None:
            statement = statement.where(signals.c.slot < before)
        return unit(t).execute(statement.limit(limit)).scalars().all()
