"""A desk with a long past: one bracket that was really played, many times over, a day older each time, and
each a small win, so that no limit and no guard is in the way of what is done now."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Engine, event, insert, select, text

from glassdesk.adapters.database.schema import metadata
from glassdesk.adapters.database.transactions import unit
from glassdesk.workflow.orders.model import Side
from tests.faults.stage import MINUTE, SECOND, Stage

Row = dict[str, Any]
WRITING = "BEGIN IMMEDIATE"
"""How a unit of work begins that writes."""
_KEYS = {
    "runs": ("run",),
    "signals": ("run",),
    "nodes": ("node", "run", "entity"),
    "intents": ("intent", "run", "parent", "node", "signal"),
    "orders": ("order", "intent", "run", "coid", "parent", "broker_order_id"),
    "executions": ("execution", "order_ref", "broker_order_id"),
    "execution_orders": ("execution", "order"),
    "sends": ("order",),
    "send_outcomes": ("order",),
    "facts": ("order",),
}
"""Columns of each table that name something of the bracket: in a copy they end in its number."""
DAY = timedelta(days=1)
_NARROWED = ("executions.conid = ", "executions.execution IN ", 'execution_orders."order" = ')
_SHARED = ("slot",)
"""Instants that name a row of their own."""
EARNED = Decimal(2)
"""So much better than it was is the price at which a copy sold: commissions are earned."""
_NOT_MADE_SO = ("orders_begins",)
"""Triggers that refuse rows which have had their life already."""


@dataclass(slots=True)
class Counted:
    """What went to the database; a commit is one of a unit of work that wrote."""

    statements: int = 0
    commits: int = 0
    folds: int = 0
    """Readings of all executions of the account."""


def with_a_past(stage: Stage, brackets: int, facts: int) -> None:
    """Play one bracket to its end, then write it down so many times more, each order with so many facts. It
    is a day later when that is done."""
    stage.run(10 * SECOND)
    stage.a_position()
    stage.ask_control("POST", "/person/modify", {"order_id": _stop(stage), "stop": str(stage.price() + 1)})
    stage.run(2 * MINUTE)
    assert stage.held() == 0
    stage.write(lambda t: _written(unit(t).connection, brackets, facts))
    stage.travel(stage.now + DAY)


def _stop(stage: Stage) -> int:
    [stop] = [one for one in stage.truth() if one.live and one.kind == "STP"]
    return stop.order_id


def _written(work: Connection, brackets: int, facts: int) -> None:
    triggers = {name: _trigger(work, name) for name in _NOT_MADE_SO}
    for name in triggers:
        work.execute(text(f"DROP TRIGGER {name}"))
    for table in _KEYS:
        rows = [dict(row) for row in work.execute(select(metadata.tables[table])).mappings()]
        kept = [row for row in rows if table != "nodes" or row["kind"] in ("intent", "order")]
        copies = _facts(kept, brackets, facts) if table == "facts" else _copies(table, kept, brackets)
        for part in copies:
            work.execute(insert(metadata.tables[table]), part)
    for made in triggers.values():
        work.execute(text(made))


def _trigger(work: Connection, name: str) -> str:
    return str(
        work.execute(text("SELECT sql FROM sqlite_master WHERE name = :name"), {"name": name}).scalar()
    )


def _copies(table: str, rows: list[Row], brackets: int) -> Iterator[list[Row]]:
    for number in range(brackets):
        yield [_named(table, row, number) for row in rows]


def _facts(rows: list[Row], brackets: int, facts: int) -> Iterator[list[Row]]:
    """The facts of each order as often as is asked for: the first ones again and again, the last one last."""
    orders = {row["order"]: [one for one in rows if one["order"] == row["order"]] for row in rows}
    for number in range(brackets):
        for known in orders.values():
            many = [known[0]] * max(0, facts - len(known)) + known
            yield [{**_named("facts", row, number), "seq": None} for row in many]


def _named(table: str, row: Row, number: int) -> Row:
    """The row under another name, so many days older."""
    named = {name: f"{row[name]}.{number}" for name in _KEYS[table] if row[name] is not None}
    older = (number + 1) * DAY
    instants = {name: value for name, value in row.items() if isinstance(value, datetime)}
    passed = {name: value - older for name, value in instants.items() if name not in _SHARED}
    sold = {"price": row["price"] + EARNED} if table == "executions" and row["side"] is Side.SELL else {}
    return {**row, **passed, **sold, **named}


@contextmanager
def counted(engine: Engine) -> Iterator[Counted]:
    """Statements and commits of an engine inside the block."""
    found = Counted()

    def statement(_: object, __: object, sql: str, *___: object) -> None:
        found.statements += 1
        found.commits += sql == WRITING
        found.folds += "FROM executions LEFT OUTER JOIN" in sql and not any(one in sql for one in _NARROWED)

    event.listen(engine, "before_cursor_execute", statement)
    try:
        yield found
    finally:
        event.remove(engine, "before_cursor_execute", statement)


def engine_of(stage: Stage) -> Engine:
    """The database of a stage."""
    return stage.read(lambda t: unit(t).connection.engine)


def may_send(stage: Stage) -> bool:
    """The newest dealer reigns and has compared its books with the broker's."""
    reign = stage.dealers[-1]._reign
    return reign is not None and reign.may_send


def until_it_may_send(stage: Stage) -> timedelta:
    """Let the newest dealer work; the market time that passed."""
    began = stage.now
    while not may_send(stage):
        due = stage.turn()
        if not may_send(stage):
            stage.travel(due or stage.now + SECOND)
    return stage.now - began
