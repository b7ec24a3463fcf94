"""Dealing: what the outside wants of the dealer, as rows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Column, Index, Table, select, update

from glassdesk.adapters.database import rows
from glassdesk.adapters.database.schema import metadata
from glassdesk.adapters.database.transactions import unit
from glassdesk.adapters.database.types import Instant, Word, Words
from glassdesk.kernel.errors import Conflict, NotFound
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.dealing.model import Command, CommandKind
from glassdesk.workflow.dealing.ports import CommandStore

_commands = Table(
    "commands",
    metadata,
    Column("command", Words, primary_key=True),
    Column("kind", Word(CommandKind), nullable=False),
    Column("argument", Words, nullable=False),
    Column("actor", Words, nullable=False),
    Column("requested_at", Instant, nullable=False),
    Column("done_at", Instant),
    Column("result", Words, nullable=False),
    Index("ix_commands_done_at", "done_at", "requested_at"),
)

_ROW = rows.select_value(_commands, Command)


class DatabaseCommandStore(CommandStore):
    """Commands, as rows."""

    def put(self, t: Transaction, command: Command) -> None:
        rows.insert_new(unit(t), _commands, rows.fields_of(command))

    def pending(self, t: Transaction) -> Sequence[Command]:
        waiting = _ROW.where(_commands.c.done_at.is_(None))
        oldest = waiting.order_by(_commands.c.requested_at, _commands.c.command)
        return rows.values(Command, unit(t).execute(oldest))

    def done(self, t: Transaction, command: str, *, at: datetime, result: str) -> None:
        work = unit(t)
        waiting = (_commands.c.command == command, _commands.c.done_at.is_(None))
        if work.execute(update(_commands).where(*waiting).values(done_at=at, result=result)).rowcount == 1:
            return
        known = work.execute(select(_commands.c.command).where(_commands.c.command == command)).first()
        if known is None:
            raise NotFound(f"there is no command {command}")
        raise Conflict(f"command {command} is done already")

    def get(self, t: Transaction, command: str) -> Command | None:
        return rows.optional(Command, unit(t).execute(_ROW.where(_commands.c.command == command)).first())

    def recent(self, t: Transaction, *, limit: int = 50) -> Sequence[Command]:
        newest = _ROW.order_by(_commands.c.requested_at.desc(), _commands.c.command).limit(limit)
        return rows.values(Command, unit(t).execute(newest))
