"""Closed bars by contract and size, and what the broker changed of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import BigInteger, Column, Date, Index, Table, delete, select

from glassdesk.adapters.database import rows
from glassdesk.adapters.database.schema import append_only, metadata
from glassdesk.adapters.database.transactions import unit
from glassdesk.adapters.database.types import Counter, Exact, Instant, Json, Word, Words
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.market_data.model import Bar, BarSize, Correction
from glassdesk.workflow.market_data.ports import BarStore

bars = Table(
    "bars",
    metadata,
    Column("conid", BigInteger, primary_key=True, autoincrement=False),
    Column("size", Word(BarSize), primary_key=True),
    Column("start", Instant, primary_key=True),
    Column("session", Date, nullable=False),
    Column("open", Exact, nullable=False),
    Column("high", Exact, nullable=False),
    Column("low", Exact, nullable=False),
    Column("close", Exact, nullable=False),
    Column("volume", Exact, nullable=False),
)

bar_beginnings = Table(
    "bar_beginnings",
    metadata,
    Column("conid", BigInteger, primary_key=True, autoincrement=False),
    Column("size", Word(BarSize), primary_key=True),
    Column("start", Instant, nullable=False),
)

bar_corrections = append_only(
    Table(
        "bar_corrections",
        metadata,
        Column("seq", Counter, primary_key=True),
        Column("conid", BigInteger, nullable=False),
        Column("size", Words, nullable=False),
        Column("start", Instant, nullable=False),
        Column("body", Json(Correction), nullable=False),
        Index("ix_bar_corrections_series", "conid", "size", "start"),
    )
)

_BAR = rows.select_value(bars, Bar)


class DatabaseBarStore(BarStore):
    """Bars, as rows."""

    def bars(
        self, t: Transaction, conid: int, size: BarSize, *, until: datetime, limit: int
    ) -> Sequence[Bar]:
        mine = (bars.c.conid == conid) & (bars.c.size == size) & (bars.c.start < until)
        newest = unit(t).execute(_BAR.where(mine).order_by(bars.c.start.desc()).limit(limit))
        return rows.values(Bar, newest)[::-1]

    def keep(self, t: Transaction, conid: int, size: BarSize, bars: Sequence[Bar]) -> None:
        found = [{"conid": conid, "size": size, **rows.fields_of(bar)} for bar in bars]
        rows.put_all(unit(t), _TABLE, found)

    def drop(self, t: Transaction, conid: int, size: BarSize) -> None:
        unit(t).execute(delete(bars).where(bars.c.conid == conid, bars.c.size == size))

    def beginning(self, t: Transaction, conid: int, size: BarSize) -> datetime | None:
        mine = (bar_beginnings.c.conid == conid) & (bar_beginnings.c.size == size)
        found: datetime | None = unit(t).execute(select(bar_beginnings.c.start).where(mine)).scalar()
        return found

    def begins(self, t: Transaction, conid: int, size: BarSize, at: datetime) -> None:
        rows.put(unit(t), bar_beginnings, {"conid": conid, "size": size, "start": at})

    def correct(self, t: Transaction, corrections: Sequence[Correction]) -> None:
        found = [
            {"conid": one.conid, "size": one.size.value, "start": one.became.start, "body": one}
            for one in corrections
        ]
        rows.insert(unit(t), bar_corrections, found)

    def corrections(
        self, t: Transaction, conid: int, size: BarSize, *, since: datetime
    ) -> Sequence[Correction]:
        mine = (bar_corrections.c.conid == conid) & (bar_corrections.c.size == size.value)
        statement = select(bar_corrections.c.body).where(mine & (bar_corrections.c.start >= since))
        return list(unit(t).execute(statement.order_by(bar_corrections.c.seq)).scalars())


_TABLE = bars
