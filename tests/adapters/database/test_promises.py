"""What the database itself refuses, whoever asks: behind the back of every store."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from itertools import product

import pytest
from sqlalchemy import Engine, Table, delete, text, update
from sqlalchemy.exc import DBAPIError

from glassdesk.adapters.database import Stores
from glassdesk.adapters.database.engine import open_engine
from glassdesk.adapters.database.faults import translate
from glassdesk.adapters.database.order_rows import intents, orders
from glassdesk.adapters.database.schema import metadata
from glassdesk.kernel.errors import Conflict, GlassdeskError, IntegrityViolation
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.lineage.model import AuditEntry
from glassdesk.workflow.orders.model import OrderState, Outcome, OutcomeKind
from glassdesk.workflow.orders.transitions import LEGAL
from glassdesk.workflow.risk.model import Verdict
from tests.adapters.laws.makers import (
    HOUR,
    NOON,
    a_run,
    an_execution,
    store_order,
    store_run,
    write,
)

KEPT_FOR_EVER = (
    "approvals",
    "audit",
    "commissions",
    "execution_orders",
    "executions",
    "facts",
    "nodes",
    "prompt_versions",
    "send_outcomes",
    "sends",
    "signals",
    "slots",
    "strategy_versions",
    "verdicts",
    "what_ifs",
)


@pytest.fixture
def engine(database_url: str, stores: Stores) -> Iterator[Engine]:
    """A second door to the same database; memory has only one."""
    if database_url == "memory:":
        yield stores.transactions._engine  # type: ignore[attr-defined]  # the only way in
        return
    opened = open_engine(database_url)
    yield opened
    opened.dispose()


def refused(engine: Engine, statement: object) -> GlassdeskError:
    with pytest.raises(DBAPIError) as caught, engine.begin() as connection:
        connection.execute(statement)  # type: ignore[call-overload]  # any statement
    return translate(caught.value)


def fill(stores: Stores) -> None:
    """At least one row in most of the tables that are kept for ever."""
    order = store_order(stores, a_run())

    def more(t: Transaction) -> None:
        stores.orders.add_send(
            t,
            order.order,
            1,
            verb="place",
            payload_sha256="",
            fence=1,
            epoch=1,
            started_at=NOON,
            not_after=NOON,
        )
        stores.orders.add_outcome(t, order.order, 1, Outcome(kind=OutcomeKind.UNKNOWN), at=NOON)
        stores.tracking.add_execution(t, an_execution(), order=order.order, seen_at=NOON)
        verdict = Verdict(rule="R", passed=True, denies=True, observed="", limit="", explanation="")
        stores.verdicts.add(t, order.run, "send", [verdict], at=NOON)
        stores.audit.append(
            t,
            AuditEntry(
                seq=1, previous="0" * 64, hash="1" * 64, at=NOON, actor="owner", kind="k", ref="r", body="{}"
            ),
        )

    write(stores, more)


@pytest.mark.parametrize(
    "name", ["audit", "executions", "nodes", "sends", "send_outcomes", "signals", "verdicts"]
)
def test_rows_kept_for_ever_are_neither_changed_nor_deleted(
    stores: Stores, engine: Engine, name: str
) -> None:
    fill(stores)
    table = metadata.tables[name]
    column = next(column for column in table.columns if not column.primary_key)
    for statement in (update(table).values({column.name: column}), delete(table)):
        told = refused(engine, statement)
        assert isinstance(told, IntegrityViolation)
        assert "append-only" in told.problem


def test_every_table_that_must_be_append_only_has_its_triggers(engine: Engine) -> None:
    catalogue = {
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
        "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal",
    }
    with engine.begin() as connection:
        found = set(connection.execute(text(catalogue[engine.dialect.name])).scalars())
    assert {f"{name}_{event}" for name in KEPT_FOR_EVER for event in ("no_update", "no_delete")} <= found


def _force(engine: Engine, table: Table, **values: object) -> GlassdeskError | None:
    statement = update(table).values(**values)
    try:
        with engine.begin() as connection:
            connection.execute(statement)
    except DBAPIError as fault:
        return translate(fault)
    return None


def test_every_change_of_an_orders_state_is_judged_by_the_table_of_transitions(
    stores: Stores, engine: Engine
) -> None:
    """All pairs, tried by hand: the database lets pass exactly what the code lets pass."""
    store_order(stores, a_run())
    wrong = []
    for before, after in product(OrderState, OrderState):
        _drop_in(engine, before)
        told = _force(engine, orders, state=after, version=orders.c.version + 1)
        legal = before is after or (before, after) in LEGAL
        if legal != (told is None) or not (told is None or isinstance(told, Conflict)):
            wrong.append((before, after, told))
    assert wrong == []


def _drop_in(engine: Engine, state: OrderState) -> None:
    """Put the row into a state without being asked: the trigger is taken away for a moment."""
    on_table = " ON orders" if engine.dialect.name == "postgresql" else ""
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SET LOCAL session_replication_role = replica"))
            connection.execute(update(orders).values(state=state))
            return
        found = connection.execute(
            text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'orders'")
        ).all()
        for name, _ in found:
            connection.execute(text(f"DROP TRIGGER {name}{on_table}"))
        connection.execute(update(orders).values(state=state))
        for _, sql in found:
            connection.exec_driver_sql(sql)


def test_an_order_row_changes_by_one_version_at_a_time(stores: Stores, engine: Engine) -> None:
    store_order(stores, a_run())
    assert isinstance(_force(engine, orders, note="behind your back"), Conflict)
    assert isinstance(_force(engine, orders, note="x", version=orders.c.version + 2), Conflict)
    assert _force(engine, orders, note="x", version=orders.c.version + 1) is None


@pytest.mark.parametrize(
    ("table", "column", "value"),
    [
        (orders, "conid", 7),
        (orders, "coid", "other"),
        (intents, "quantity", Decimal(99)),
        (intents, "side", "SELL"),
    ],
)
def test_what_was_reserved_never_changes(
    stores: Stores, engine: Engine, table: Table, column: str, value: object
) -> None:
    store_order(stores, a_run())
    forced = {column: value} | ({"version": orders.c.version + 1} if table is orders else {})
    told = _force(engine, table, **forced)
    assert isinstance(told, IntegrityViolation)
    assert "never changes" in told.problem


def test_an_order_is_never_deleted(stores: Stores, engine: Engine) -> None:
    store_order(stores, a_run())
    assert "never deleted" in refused(engine, delete(orders)).problem


def test_an_order_begins_reserved(stores: Stores, engine: Engine) -> None:
    order = store_order(stores, a_run())
    with engine.begin() as connection:
        row = connection.execute(orders.select()).mappings().one()
    born_working = {**row, "order": "x", "intent": "x", "coid": "x", "state": OrderState.WORKING}
    assert "begins as reserved" in refused(engine, orders.insert().values(born_working)).problem
    assert order.state is OrderState.RESERVED


def test_T_20_the_database_holds_one_open_decision_even_against_the_store(
    stores: Stores, engine: Engine
) -> None:
    store_order(stores, a_run())
    later = write(stores, lambda t: store_run(stores, t, a_run(slot=NOON + HOUR)))
    with engine.begin() as connection:
        row = connection.execute(intents.select()).mappings().one()
    second = {**row, "intent": "x", "node": "intent:x", "run": later.run, "signal": later.run}
    told = refused(engine, intents.insert().values(second))
    assert isinstance(told, Conflict)
    assert "T-20" in told.problem


def test_the_head_of_the_audit_moves_by_one_and_forward(stores: Stores, engine: Engine) -> None:
    fill(stores)
    for seq in (0, 1, 3):
        told = _force(engine, metadata.tables["audit_head"], seq=seq)
        assert isinstance(told, IntegrityViolation)


@pytest.mark.services
def test_postgresql_does_not_truncate_what_is_kept(stores: Stores, engine: Engine) -> None:
    if engine.dialect.name == "postgresql":
        fill(stores)
        for name in KEPT_FOR_EVER:
            assert isinstance(refused(engine, text(f"TRUNCATE {name} CASCADE")), IntegrityViolation)
