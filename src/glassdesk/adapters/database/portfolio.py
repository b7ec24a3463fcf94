"""Portfolio: balances as stated, marks, and the books at each session's end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from sqlalchemy import BigInteger, Column, Date, Table, select

from glassdesk.adapters.database import rows
from glassdesk.adapters.database.schema import append_only, metadata
from glassdesk.adapters.database.transactions import unit
from glassdesk.adapters.database.types import Instant, Money, Words
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.portfolio.model import BrokerBalances, Snapshot
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


class DatabasePortfolioStore(PortfolioStore):
    """Balances, marks and snapshots, as rows."""

    def put_balances(self, t: Transaction, balances: BrokerBalances, *, seen_at: datetime) -> None:
        row = {**rows.fields_of(balances), "seen_at": seen_at}
        rows.put(unit(t), _balances, row)
        rows.insert_new(unit(t), _opening, row)

    def balances(self, t: Transaction, account: str) -> tuple[BrokerBalances, datetime] | None:
        row = unit(t).execute(select(_balances).where(_balances.c.account == account)).first()
        return None if row is None else (rows.value(BrokerBalances, row), row.seen_at)

    def opening(self, t: Transaction, account: str) -> BrokerBalances | None:
        row = unit(t).execute(select(_opening).where(_opening.c.account == account)).first()
        return rows.optional(BrokerBalances, row)

    def put_marks(self, t: Transaction, marks: Mapping[int, Decimal], *, marked_at: datetime) -> None:
        work = unit(t)
        for conid, price in sorted(marks.items()):
            rows.put(work, _marks, {"conid": conid, "price": price, "marked_at": marked_at})

    def marks(self, t: Transaction) -> Mapping[int, tuple[Decimal, datetime]]:
        found = unit(t).execute(select(_marks).order_by(_marks.c.conid))
        return {row.conid: (row.price, row.marked_at) for row in found}

    def put_snapshot(self, t: Transaction, snapshot: Snapshot) -> None:
        rows.put(unit(t), _snapshots, rows.fields_of(snapshot))

    def snapshots(self, t: Transaction, account: str) -> Sequence[Snapshot]:
        statement = rows.select_value(_snapshots, Snapshot).where(_snapshots.c.account == account)
        return rows.values(Snapshot, unit(t).execute(statement.order_by(_snapshots.c.session)))
