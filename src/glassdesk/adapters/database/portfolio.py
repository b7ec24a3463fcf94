"""Portfolio: balances as stated, marks, cash with its evidence, and the books at each session's end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, Column, Date, Index, Table, and_, bindparam, select, text, update

from glassdesk.adapters.database import rows
from glassdesk.adapters.database.faults import WORDS
from glassdesk.adapters.database.schema import append_only, metadata
from glassdesk.adapters.database.transactions import unit
from glassdesk.adapters.database.types import Counter, Instant, Money, Word, Words
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.portfolio.model import (
    BrokerBalances,
    CashBreak,
    CashRow,
    Lane,
    Snapshot,
    Whose,
)
from glassdesk.workflow.portfolio.ports import PortfolioStore


def _balance_columns() -> list[Column[object]]:
    return [
        Column("account", Words, primary_key=True),
        Column("net_liquidation", Money, nullable=False),
        Column("cash", Money, nullable=False),
        Column("settled_cash", Money),
        Column("available_funds", Money),
        Column("currency", Words, nullable=False),
        Column("seen_at", Instant, nullable=False),
    ]


_balances = Table("balances", metadata, *_balance_columns())
_opening = append_only(Table("opening_balances", metadata, *_balance_columns()))

_marks = Table(
    "marks",
    metadata,
    Column("conid", BigInteger, primary_key=True, autoincrement=False),
    Column("price", Money, nullable=False),
    Column("marked_at", Instant, nullable=False),
)

_snapshots = Table(
    "snapshots",
    metadata,
    Column("account", Words, primary_key=True),
    Column("session", Date, primary_key=True),
    Column("equity", Money, nullable=False),
    Column("cash", Money, nullable=False),
    Column("market_value", Money, nullable=False),
    Column("realised", Money, nullable=False),
    Column("unrealised", Money, nullable=False),
    Column("broker_equity", Money),
    Column("taken_at", Instant, nullable=False),
)


_accruals = Table(
    "accruals",
    metadata,
    Column("account", Words, primary_key=True),
    Column("accrued_interest", Money),
    Column("accrued_dividends", Money),
    Column("realised", Money),
)

_snapshot_cash = Table(
    "snapshot_cash",
    metadata,
    Column("account", Words, primary_key=True),
    Column("session", Date, primary_key=True),
    Column("deposits", Money, nullable=False),
    Column("dividends", Money, nullable=False),
    Column("unexplained", Money),
    Column("accrued_interest", Money),
)

_cash = append_only(
    Table(
        "cash_rows",
        metadata,
        Column("id", Counter, primary_key=True),
        Column("account", Words, nullable=False),
        Column("row", Words, nullable=False),
        Column("lane", Word(Lane), nullable=False),
        Column("whose", Word(Whose), nullable=False),
        Column("amount", Money, nullable=False),
        Column("day", Date, nullable=False),
        Column("conid", BigInteger),
        Column("evidence", Words, nullable=False),
        Column("booked_at", Instant, nullable=False),
        Index("one_cash_row", "account", "row", unique=True, info={WORDS: "this evidence is booked already"}),
    )
)

_OPEN = text("closed_at IS NULL")

_cash_breaks = Table(
    "cash_breaks",
    metadata,
    Column("id", Counter, primary_key=True),
    Column("account", Words, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("amount", Money, nullable=False),
    Column("tolerance", Money, nullable=False),
    Column("closed_at", Instant),
    Index(
        "one_open_cash_break",
        "account",
        unique=True,
        sqlite_where=_OPEN,
        postgresql_where=_OPEN,
        info={WORDS: "a cash break on this account is open already"},
    ),
)

_ACCRUED = ("accrued_interest", "accrued_dividends", "realised")
_BALANCES = (
    select(*_balances.c, *(_accruals.c[name] for name in _ACCRUED))
    .select_from(_balances.outerjoin(_accruals, _accruals.c.account == _balances.c.account))
    .where(_balances.c.account == bindparam("wanted"))
)
_CASH_OF_DAY = ("deposits", "dividends", "unexplained", "accrued_interest")


class DatabasePortfolioStore(PortfolioStore):
    """Balances, marks and snapshots, as rows."""

    def put_balances(self, t: Transaction, balances: BrokerBalances, *, seen_at: datetime) -> None:
        row = {**rows.fields_of(balances), "seen_at": seen_at}
        accrued = {name: row.pop(name) for name in _ACCRUED}
        rows.put(unit(t), _balances, row)
        rows.put(unit(t), _accruals, {"account": balances.account, **accrued})
        rows.insert_new(unit(t), _opening, row)

    def balances(self, t: Transaction, account: str) -> tuple[BrokerBalances, datetime] | None:
        row = unit(t).execute(_BALANCES, {"wanted": account}).first()
        return None if row is None else (rows.value(BrokerBalances, row), row.seen_at)

    def opening(self, t: Transaction, account: str) -> tuple[BrokerBalances, datetime] | None:
        row = unit(t).execute(select(_opening).where(_opening.c.account == account)).first()
        if row is None:
            return None
        stated = {name: value for name, value in row._mapping.items() if name != "seen_at"}
        return BrokerBalances(**stated), row.seen_at

    def put_marks(self, t: Transaction, marks: Mapping[int, Decimal], *, marked_at: datetime) -> None:
        work = unit(t)
        for conid, price in sorted(marks.items()):
            rows.put(work, _marks, {"conid": conid, "price": price, "marked_at": marked_at})

    def marks(self, t: Transaction) -> Mapping[int, tuple[Decimal, datetime]]:
        found = unit(t).execute(select(_marks).order_by(_marks.c.conid))
        return {row.conid: (row.price, row.marked_at) for row in found}

    def put_snapshot(self, t: Transaction, snapshot: Snapshot) -> None:
        row = rows.fields_of(snapshot)
        cash = {name: row.pop(name) for name in _CASH_OF_DAY}
        rows.put(unit(t), _snapshots, row)
        rows.put(unit(t), _snapshot_cash, {"account": snapshot.account, "session": snapshot.session, **cash})

    def snapshots(self, t: Transaction, account: str) -> Sequence[Snapshot]:
        same = and_(
            _snapshot_cash.c.account == _snapshots.c.account, _snapshot_cash.c.session == _snapshots.c.session
        )
        columns = (*_snapshots.c, *(_snapshot_cash.c[name] for name in _CASH_OF_DAY))
        statement = select(*columns).select_from(_snapshots.outerjoin(_snapshot_cash, same))
        ordered = statement.where(_snapshots.c.account == account).order_by(_snapshots.c.session)
        return [_snapshot(row._asdict()) for row in unit(t).execute(ordered)]

    def add_cash(self, t: Transaction, row: CashRow) -> None:
        rows.insert(unit(t), _cash, rows.fields_of(row))

    def cash(self, t: Transaction, account: str) -> Sequence[CashRow]:
        statement = rows.select_value(_cash, CashRow).where(_cash.c.account == account)
        return rows.values(CashRow, unit(t).execute(statement.order_by(_cash.c.id)))

    def put_cash_break(self, t: Transaction, found: CashBreak) -> None:
        work, row = unit(t), rows.fields_of(found)
        is_open = and_(_cash_breaks.c.account == found.account, _cash_breaks.c.closed_at.is_(None))
        if work.execute(update(_cash_breaks).where(is_open).values(row)).rowcount == 0:
            rows.insert(work, _cash_breaks, row)

    def close_cash_break(self, t: Transaction, account: str, *, closed_at: datetime) -> None:
        is_open = and_(_cash_breaks.c.account == account, _cash_breaks.c.closed_at.is_(None))
        unit(t).execute(update(_cash_breaks).where(is_open).values(closed_at=closed_at))

    def cash_break(self, t: Transaction, account: str) -> CashBreak | None:
        is_open = and_(_cash_breaks.c.account == account, _cash_breaks.c.closed_at.is_(None))
        found = unit(t).execute(rows.select_value(_cash_breaks, CashBreak).where(is_open)).first()
        return rows.optional(CashBreak, found)


def _snapshot(row: Mapping[str, Any]) -> Snapshot:
    """One of before its cash was kept has none."""
    sums = {name: row[name] or Decimal(0) for name in ("deposits", "dividends")}
    return Snapshot(**{**row, **sums})
