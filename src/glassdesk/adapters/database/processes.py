"""Processes of the desk: a row each, forgotten some days after its last word."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Column, Integer, Table, delete, func, select

from glassdesk.adapters.database import rows
from glassdesk.adapters.database.schema import metadata
from glassdesk.adapters.database.transactions import unit
from glassdesk.adapters.database.types import Instant, Word, Words
from glassdesk.adapters.database.upgrade import STAMP
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.processes.model import Process, Role
from glassdesk.workflow.processes.ports import ProcessStore

processes = Table(
    "processes",
    metadata,
    Column("process", Words, primary_key=True),
    Column("role", Word(Role), nullable=False),
    Column("host", Words, nullable=False),
    Column("pid", Integer, nullable=False),
    Column("version", Words, nullable=False),
    Column("code", Words, nullable=False),
    Column("schema", Words, nullable=False),
    Column("threads", Integer, nullable=False),
    Column("queue", Words, nullable=False),
    Column("queue_problem", Words, nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Column("turned_at", Instant),
    Column("ended_at", Instant),
)

_PROCESS = rows.select_value(processes, Process)


class DatabaseProcessStore(ProcessStore):
    """Processes, as rows."""

    def put(self, t: Transaction, process: Process) -> None:
        rows.put(unit(t), processes, rows.fields_of(process))

    def process(self, t: Transaction, name: str) -> Process | None:
        return rows.optional(Process, unit(t).execute(_PROCESS.where(processes.c.process == name)).first())

    def all(self, t: Transaction) -> Sequence[Process]:
        ordered = _PROCESS.order_by(processes.c.role, processes.c.started_at, processes.c.process)
        return rows.values(Process, unit(t).execute(ordered))

    def drop(self, t: Transaction, *, before: datetime) -> int:
        return unit(t).execute(delete(processes).where(processes.c.seen_at < before)).rowcount

    def schema(self, t: Transaction) -> str:
        return str(unit(t).execute(select(STAMP.c.version_num)).scalar_one())

    def now(self, t: Transaction, machine: datetime) -> datetime:
        work = unit(t)
        if work.dialect == "sqlite":
            return machine
        instant: datetime = work.execute(select(func.now())).scalar_one()
        return instant
