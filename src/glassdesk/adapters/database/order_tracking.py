"""Order tracking: the ledger of executions and the facts that states are folded from; nothing ever changes.

What comes later has a table of its own: a commission, and which order of ours an execution belongs to.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeAlias, TypeVar

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    Row,
    Select,
    Table,
    and_,
    bindparam,
    delete,
    func,
    select,
)

from glassdesk.adapters.database import rows
from glassdesk.adapters.database.order_rows import orders
from glassdesk.adapters.database.schema import append_only, metadata
from glassdesk.adapters.database.transactions import unit
from glassdesk.adapters.database.types import Counter, Instant, Money, Word, Words
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.order_tracking.model import Execution, Fact, Fill, OrderRow
from glassdesk.workflow.order_tracking.ports import TrackingStore
from glassdesk.workflow.orders.model import Side

executions = append_only(
    Table(
        "executions",
        metadata,
        Column("account", Words, primary_key=True),
        Column("execution", Words, primary_key=True),
        Column("revision", Integer, primary_key=True, autoincrement=False),
        Column("order_ref", Words),
        Column("broker_order_id", Words),
        Column("conid", BigInteger, nullable=False),
        Column("symbol", Words, nullable=False),
        Column("side", Word(Side), nullable=False),
        Column("quantity", Money, nullable=False),
        Column("price", Money, nullable=False),
        Column("commission", Money),
        Column("executed_at", Instant, nullable=False),
        Column("seen_at", Instant, nullable=False),
        Index("ix_executions_conid", "conid", "executed_at"),
    )
)

owner_orders = Table(
    "owner_orders",
    metadata,
    Column("account", Words, primary_key=True),
    Column("broker_order_id", Words, primary_key=True),
    Column("order_ref", Words),
    Column("parent_id", Words),
    Column("conid", BigInteger, nullable=False),
    Column("symbol", Words, nullable=False),
    Column("side", Word(Side), nullable=False),
    Column("status", Words, nullable=False),
    Column("order_type", Words, nullable=False),
    Column("price", Money),
    Column("tif", Words, nullable=False),
    Column("total", Money, nullable=False),
    Column("filled", Money, nullable=False),
    Column("remaining", Money, nullable=False),
    Column("average_price", Money),
    Column("reason", Words, nullable=False),
    Column("seen_at", Instant, nullable=False),
)

commissions = append_only(
    Table(
        "commissions",
        metadata,
        Column("account", Words, primary_key=True),
        Column("execution", Words, primary_key=True),
        Column("revision", Integer, primary_key=True, autoincrement=False),
        Column("commission", Money, nullable=False),
        Column("seen_at", Instant, nullable=False),
        ForeignKeyConstraint(
            ["account", "execution", "revision"],
            ["executions.account", "executions.execution", "executions.revision"],
        ),
    )
)

execution_orders = append_only(
    Table(
        "execution_orders",
        metadata,
        Column("account", Words, primary_key=True),
        Column("execution", Words, primary_key=True),
        Column("order", Words, ForeignKey("orders.order"), nullable=False, index=True),
        Column("seen_at", Instant, nullable=False),
    )
)

facts = append_only(
    Table(
        "facts",
        metadata,
        Column("seq", Counter, primary_key=True),
        Column("order", Words, ForeignKey("orders.order"), nullable=False),
        Column("kind", Words, nullable=False),
        Column("status", Words, nullable=False),
        Column("filled", Money, nullable=False),
        Column("remaining", Money, nullable=False),
        Column("epoch", Integer, nullable=False),
        Column("observed_at", Instant, nullable=False),
        Column("detail", Words, nullable=False),
        Index("ix_facts_order", "order", "seq"),
    )
)

sightings = Table(
    "sightings",
    metadata,
    Column("order", Words, ForeignKey("orders.order"), primary_key=True),
    Column("seen_at", Instant, nullable=False),
)

_newer = executions.alias("newer")
_any_revision = executions.alias("any_revision")
_BELONGS = and_(
    execution_orders.c.account == executions.c.account,
    execution_orders.c.execution == executions.c.execution,
)


def _revisions() -> Select[Any]:
    """Every execution, with the commission whenever it came, at the instant of its first revision."""
    plain = [
        column
        for column in rows.select_value(executions, Execution).selected_columns
        if column.name not in ("commission", "executed_at")
    ]
    traded = (
        select(func.min(_any_revision.c.executed_at))
        .where(
            _any_revision.c.account == executions.c.account,
            _any_revision.c.execution == executions.c.execution,
        )
        .scalar_subquery()
        .label("executed_at")
    )
    stated = func.coalesce(executions.c.commission, commissions.c.commission)
    return (
        select(*plain, stated.label("commission"), traded)
        .select_from(executions.outerjoin(commissions).outerjoin(execution_orders, _BELONGS))
        .order_by(traded, executions.c.execution, executions.c.account)
    )


def _effective() -> Select[Any]:
    """The highest revision of each execution."""
    newer = select(_newer.c.revision).where(
        _newer.c.account == executions.c.account,
        _newer.c.execution == executions.c.execution,
        _newer.c.revision > executions.c.revision,
    )
    return _revisions().where(~newer.exists())


_EFFECTIVE = _effective()
_OF_ORDER = _revisions().order_by(executions.c.revision)
_OURS = _EFFECTIVE.join(orders, orders.c.order == execution_orders.c.order).add_columns(
    orders.c.order, orders.c.run, orders.c.strategy, orders.c.role
)
_WHOLE = (
    select(
        executions.c.account,
        executions.c.execution,
        executions.c.revision,
        func.coalesce(executions.c.commission, commissions.c.commission).label("commission"),
    )
    .select_from(executions.outerjoin(commissions).join(execution_orders, _BELONGS))
    .where(executions.c.execution.in_(bindparam("names", expanding=True)))
)
"""Revisions whose order is known, with their commission where it came."""
_EXTERNAL = _EFFECTIVE.where(execution_orders.c.order.is_(None))
_REVISIONS = _OF_ORDER.where(execution_orders.c.order == bindparam("wanted"))
_FACTS = rows.select_value(facts, Fact).where(facts.c.order == bindparam("wanted")).order_by(facts.c.seq)
_SIGHTED = select(sightings.c.seen_at).where(sightings.c.order == bindparam("wanted"))
_LENGTHS = select(
    *(
        select(func.count()).select_from(table).scalar_subquery()
        for table in (executions, commissions, execution_orders)
    )
)
"""How long the append-only tables are that fills are read from: equal lengths are equal rows."""
Value = TypeVar("Value")
_Kept: TypeAlias = tuple[tuple[int, ...], tuple[Value, ...]]


def _fill(row: Row[Any]) -> Fill:
    execution = rows.value(Execution, row)
    return Fill(execution=execution, order=row.order, run=row.run, strategy=row.strategy, role=row.role)


_OWNERS = rows.select_value(owner_orders, OrderRow).add_columns(owner_orders.c.seen_at)
_OF_OWNER = _OWNERS.where(owner_orders.c.account == bindparam("wanted")).order_by(
    owner_orders.c.conid, owner_orders.c.broker_order_id
)


def _brings(one: Execution, told: Mapping[tuple[str, str, int], bool]) -> bool:
    """It is not known, or states a commission that was missing."""
    known = told.get((one.account, one.execution, one.revision))
    return known is None or (one.commission is not None and not known)


def _kept(
    t: Transaction, known: dict[str, _Kept[Value]], name: str, read: Callable[[], tuple[Value, ...]]
) -> tuple[Value, ...]:
    """The very rows of the last reading where nothing came since, else a new one."""
    lengths = tuple(unit(t).execute(_LENGTHS).one())
    kept = known.get(name)
    if kept is not None and kept[0] == lengths:
        return kept[1]
    found = read()
    if not unit(t).writing:
        # what a writing unit sees may still be undone
        known[name] = (lengths, found)
    return found


class DatabaseTrackingStore(TrackingStore):
    """Executions and facts, as rows. Fills and strangers' executions are kept between two readings: a desk
    asks for them many times a minute, and they only ever grow."""

    def __init__(self) -> None:
        self._fills: dict[str, _Kept[Fill]] = {}
        self._external: dict[str, _Kept[Execution]] = {}

    def forget(self) -> None:
        """Another database stands behind the same engine: what was kept is void."""
        self._fills.clear()
        self._external.clear()

    def news(self, t: Transaction, executions: Sequence[Execution]) -> Sequence[Execution]:
        told: dict[tuple[str, str, int], bool] = {}
        for some in rows.parts(sorted({one.execution for one in executions})):
            for row in unit(t).execute(_WHOLE, {"names": list(some)}):
                told[(row.account, row.execution, row.revision)] = row.commission is not None
        return [one for one in executions if _brings(one, told)]

    def add_execution(
        self, t: Transaction, execution: Execution, *, order: str | None, seen_at: datetime
    ) -> bool:
        work = unit(t)
        key = {"account": execution.account, "execution": execution.execution}
        revision = {**key, "revision": execution.revision}
        known = not rows.insert_new(work, executions, {**rows.fields_of(execution), "seen_at": seen_at})
        changed = not known
        if known and execution.commission is not None and self._lacks_commission(t, execution):
            late = {**revision, "commission": execution.commission, "seen_at": seen_at}
            changed |= rows.insert_new(work, commissions, late)
        if order is not None:
            changed |= rows.insert_new(work, execution_orders, {**key, "order": order, "seen_at": seen_at})
        return changed

    def _lacks_commission(self, t: Transaction, execution: Execution) -> bool:
        at = (
            executions.c.account == execution.account,
            executions.c.execution == execution.execution,
            executions.c.revision == execution.revision,
        )
        return unit(t).execute(select(executions.c.commission).where(*at)).scalar() is None

    def executions(
        self, t: Transaction, *, order: str | None = None, conid: int | None = None
    ) -> Sequence[Execution]:
        statement = _EFFECTIVE
        if order is not None:
            statement = statement.where(execution_orders.c.order == order)
        return self._of_conid(t, statement, conid)

    def revisions(self, t: Transaction, order: str) -> Sequence[Execution]:
        return rows.values(Execution, unit(t).execute(_REVISIONS, {"wanted": order}))

    def fills(self, t: Transaction, account: str, *, conid: int | None = None) -> Sequence[Fill]:
        statement = _OURS.where(executions.c.account == account)
        if conid is not None:
            return self._of(t, statement.where(executions.c.conid == conid))
        return _kept(t, self._fills, account, lambda: self._of(t, statement))

    @staticmethod
    def _of(t: Transaction, statement: Select[Any]) -> tuple[Fill, ...]:
        return tuple(_fill(row) for row in unit(t).execute(statement))

    def external_executions(self, t: Transaction, *, conid: int | None = None) -> Sequence[Execution]:
        if conid is not None:
            return self._of_conid(t, _EXTERNAL, conid)
        return _kept(t, self._external, "", lambda: tuple(self._of_conid(t, _EXTERNAL, None)))

    def _of_conid(self, t: Transaction, statement: Select[Any], conid: int | None) -> Sequence[Execution]:
        if conid is not None:
            statement = statement.where(executions.c.conid == conid)
        return rows.values(Execution, unit(t).execute(statement))

    def execution_order(self, t: Transaction, account: str, execution: str) -> str | None:
        at: tuple[ColumnElement[bool], ...] = (
            execution_orders.c.account == account,
            execution_orders.c.execution == execution,
        )
        order: str | None = unit(t).execute(select(execution_orders.c.order).where(*at)).scalar()
        return order

    def add_fact(self, t: Transaction, fact: Fact) -> None:
        rows.insert(unit(t), facts, rows.fields_of(fact))

    def facts(self, t: Transaction, order: str) -> Sequence[Fact]:
        return rows.values(Fact, unit(t).execute(_FACTS, {"wanted": order}))

    def sighted(self, t: Transaction, orders: Sequence[str], *, seen_at: datetime) -> None:
        rows.put_all(unit(t), sightings, [{"order": order, "seen_at": seen_at} for order in orders])

    def sighting(self, t: Transaction, order: str) -> datetime | None:
        found: datetime | None = unit(t).execute(_SIGHTED, {"wanted": order}).scalar()
        return found

    def put_owner_orders(
        self, t: Transaction, account: str, found: Sequence[OrderRow], *, seen_at: datetime
    ) -> None:
        known = {row.broker_order_id: (row, since) for row, since in self.owner_orders(t, account)}
        fresh = {row.broker_order_id: row for row in found}
        if {name: row for name, (row, _) in known.items()} == fresh:
            return
        work = unit(t)
        work.execute(delete(owner_orders).where(owner_orders.c.account == account))
        kept = [
            {**rows.fields_of(row), "seen_at": since if row == old else seen_at}
            for row in fresh.values()
            for old, since in [known.get(row.broker_order_id, (None, seen_at))]
        ]
        rows.insert(work, owner_orders, kept)

    def owner_orders(self, t: Transaction, account: str) -> Sequence[tuple[OrderRow, datetime]]:
        told = unit(t).execute(_OF_OWNER, {"wanted": account})
        return [(rows.value(OrderRow, row), row.seen_at) for row in told]
