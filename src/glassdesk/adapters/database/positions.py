"""Positions: what the broker said last, what was there before the desk, and every break."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, Table, and_, delete, text, update

from glassdesk.adapters.database import rows
from glassdesk.adapters.database.faults import WORDS
from glassdesk.adapters.database.schema import append_only, metadata
from glassdesk.adapters.database.transactions import unit
from glassdesk.adapters.database.types import Counter, Instant, Money, Word, Words
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.positions.model import (
    Adjustment,
    AdjustmentKind,
    AppliedExits,
    Break,
    BreakKind,
    BrokerPosition,
)
from glassdesk.workflow.positions.ports import PositionStore

_stated = Table(
    "broker_positions",
    metadata,
    Column("account", Words, primary_key=True),
    Column("conid", BigInteger, primary_key=True, autoincrement=False),
    Column("symbol", Words, nullable=False),
    Column("quantity", Money, nullable=False),
    Column("average_cost", Money, nullable=False),
    Column("market_price", Money),
    Column("seen_at", Instant, nullable=False),
)

_openings = append_only(
    Table(
        "openings",
        metadata,
        Column("account", Words, primary_key=True),
        Column("conid", BigInteger, primary_key=True, autoincrement=False),
        Column("symbol", Words, nullable=False),
        Column("quantity", Money, nullable=False),
        Column("average_cost", Money, nullable=False),
        Column("market_price", Money),
        Column("seen_at", Instant, nullable=False),
    )
)

_OPEN = text("closed_at IS NULL")

_breaks = Table(
    "breaks",
    metadata,
    Column("id", Counter, primary_key=True),
    Column("account", Words, nullable=False),
    Column("conid", BigInteger, nullable=False),
    Column("symbol", Words, nullable=False),
    Column("broker_quantity", Money, nullable=False),
    Column("derived_quantity", Money, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("cause", Words, nullable=False),
    Column("closed_at", Instant),
    Column("kind", Word(BreakKind), nullable=False, server_default=BreakKind.UNEXPLAINED.value),
    Column("split_new", Integer, nullable=False, server_default="1"),
    Column("split_old", Integer, nullable=False, server_default="1"),
    Index(
        "one_open_break",
        "account",
        "conid",
        unique=True,
        sqlite_where=_OPEN,
        postgresql_where=_OPEN,
        info={WORDS: "a break on this contract is open already"},
    ),
)


_adjustments = append_only(
    Table(
        "adjustments",
        metadata,
        Column("adjustment", Words, primary_key=True),
        Column("account", Words, nullable=False),
        Column("conid", BigInteger, nullable=False),
        Column("symbol", Words, nullable=False),
        Column("lane", Words, nullable=False),
        Column("kind", Word(AdjustmentKind), nullable=False),
        Column("quantity", Money, nullable=False),
        Column("price", Money),
        Column("at", Instant, nullable=False),
        Column("actor", Words, nullable=False),
        Column("reason", Words, nullable=False),
        Column("cash", Boolean, nullable=False),
        Column("order", Words),
        Column("split_new", Integer, nullable=False),
        Column("split_old", Integer, nullable=False),
        Index("ix_adjustments_account", "account", "at"),
    )
)


_exit_rules = append_only(
    Table(
        "exit_rules",
        metadata,
        Column("applied", Words, primary_key=True),
        Column("account", Words, nullable=False),
        Column("conid", BigInteger, nullable=False),
        Column("strategy", Words, nullable=False),
        Column("opened_at", Instant, nullable=False),
        Column("before", Integer, nullable=False),
        Column("version", Integer, nullable=False),
        Column("at", Instant, nullable=False),
        Column("actor", Words, nullable=False),
        Column("reason", Words, nullable=False),
        Index("ix_exit_rules_account", "account", "at"),
    )
)


class DatabasePositionStore(PositionStore):
    """Readings, openings and breaks, as rows."""

    def put_broker_positions(
        self, t: Transaction, account: str, positions: Sequence[BrokerPosition], *, seen_at: datetime
    ) -> None:
        work = unit(t)
        work.execute(delete(_stated).where(_stated.c.account == account))
        rows.insert(work, _stated, [{**rows.fields_of(held), "seen_at": seen_at} for held in positions])

    def broker_positions(self, t: Transaction, account: str) -> Sequence[BrokerPosition]:
        return self._of_account(t, _stated, account)

    def put_opening(self, t: Transaction, position: BrokerPosition, *, seen_at: datetime) -> None:
        rows.insert_new(unit(t), _openings, {**rows.fields_of(position), "seen_at": seen_at})

    def openings(self, t: Transaction, account: str) -> Sequence[BrokerPosition]:
        return self._of_account(t, _openings, account)

    def _of_account(self, t: Transaction, table: Table, account: str) -> Sequence[BrokerPosition]:
        statement = rows.select_value(table, BrokerPosition).where(table.c.account == account)
        return rows.values(BrokerPosition, unit(t).execute(statement.order_by(table.c.conid)))

    def add_adjustment(self, t: Transaction, one: Adjustment) -> None:
        rows.insert_new(unit(t), _adjustments, rows.fields_of(one))

    def adjustments(self, t: Transaction, account: str) -> Sequence[Adjustment]:
        statement = rows.select_value(_adjustments, Adjustment).where(_adjustments.c.account == account)
        ordered = statement.order_by(_adjustments.c.at, _adjustments.c.adjustment)
        return rows.values(Adjustment, unit(t).execute(ordered))

    def add_exit_rules(self, t: Transaction, one: AppliedExits) -> None:
        rows.insert_new(unit(t), _exit_rules, rows.fields_of(one))

    def exit_rules(self, t: Transaction, account: str) -> Sequence[AppliedExits]:
        statement = rows.select_value(_exit_rules, AppliedExits).where(_exit_rules.c.account == account)
        ordered = statement.order_by(_exit_rules.c.at, _exit_rules.c.applied)
        return rows.values(AppliedExits, unit(t).execute(ordered))

    def put_break(self, t: Transaction, found: Break) -> None:
        work, row = unit(t), rows.fields_of(found)
        is_open = and_(
            _breaks.c.account == found.account, _breaks.c.conid == found.conid, _breaks.c.closed_at.is_(None)
        )
        if work.execute(update(_breaks).where(is_open).values(row)).rowcount == 0:
            rows.insert(work, _breaks, row)

    def close_break(self, t: Transaction, account: str, conid: int, *, closed_at: datetime) -> None:
        is_open = and_(_breaks.c.account == account, _breaks.c.conid == conid, _breaks.c.closed_at.is_(None))
        unit(t).execute(update(_breaks).where(is_open).values(closed_at=closed_at))

    def open_breaks(self, t: Transaction) -> Sequence[Break]:
        statement = rows.select_value(_breaks, Break).where(_breaks.c.closed_at.is_(None))
        ordered = statement.order_by(_breaks.c.opened_at, _breaks.c.account, _breaks.c.conid)
        return rows.values(Break, unit(t).execute(ordered))
