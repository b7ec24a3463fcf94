"""The unit of work on a database.

A writing transaction holds the pen from its first statement: SQLite by BEGIN IMMEDIATE, PostgreSQL by locking
the one row of `audit_head`. So writers stand in one line on both databases: what one reads no other changes
before it commits, no two can deadlock, and a limit checked in a transaction still holds when it commits.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, cast

from sqlalchemy import Connection, CursorResult, Engine, Executable
from sqlalchemy.exc import DBAPIError, IntegrityError, StatementError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.pool import StaticPool

from glassdesk.adapters.database.changes import Listeners, counted
from glassdesk.adapters.database.engine import READING, WAIT_SECONDS
from glassdesk.adapters.database.faults import missing_rows, translate
from glassdesk.kernel.errors import GlassdeskError, IntegrityViolation, InvalidInput, Unavailable
from glassdesk.kernel.unit_of_work import Transaction, Transactions


class Unit:
    """What is inside the handle: one connection in one transaction."""

    def __init__(self, connection: Connection, *, writing: bool) -> None:
        self.connection = connection
        self.writing = writing
        self.failed = False
        self.rings: list[Callable[[], None]] = []
        self.changed: set[str] = set()

    def after_commit(self, ring: Callable[[], None]) -> None:
        """Call `ring` once the transaction is durable."""
        self.rings.append(ring)

    @property
    def dialect(self) -> str:
        return self.connection.dialect.name

    def execute(self, statement: Executable, rows: Any = None) -> CursorResult[Any]:
        """Run one statement. Raises our errors; after one the unit can only be rolled back."""
        if self.failed:
            raise IntegrityViolation("this unit of work already failed", remedy="open a new one")
        if not self.writing and getattr(statement, "is_dml", False):
            raise RuntimeError("a reading unit of work does not write: open one with begin()")
        self._note(statement)
        try:
            return cast("CursorResult[Any]", self.connection.execute(statement, rows))
        except DBAPIError as fault:
            self.failed = True
            raise translate(fault) from fault
        except StatementError as fault:
            # a value that fits no column; nothing was sent
            raise InvalidInput(str(fault.orig), where="database") from fault

    def _note(self, statement: Executable) -> None:
        if getattr(statement, "is_dml", False):
            self.changed.add(statement.table.name)  # type: ignore[attr-defined]


def unit(t: Transaction) -> Unit:
    """The inside of a handle. Raises TypeError for another store's handle."""
    if not isinstance(t, Unit):
        raise TypeError(f"{type(t).__name__} is not a unit of work of this database")
    return t


class DatabaseTransactions(Transactions):
    """Opens units of work; one at a time per thread."""

    def __init__(self, engine: Engine, listeners: Listeners | None = None) -> None:
        self._engine = engine
        self._listeners = listeners or Listeners()
        self._here = threading.local()
        # one shared connection can serve one unit of work at a time
        self._turn = threading.Lock() if isinstance(engine.pool, StaticPool) else None

    def begin(self) -> AbstractContextManager[Transaction]:
        """A writing unit of work."""
        return self._open(writing=True)

    def read(self) -> AbstractContextManager[Transaction]:
        """A reading unit of work: one consistent picture."""
        return self._open(writing=False)

    @contextmanager
    def _open(self, *, writing: bool) -> Iterator[Transaction]:
        with self._alone_in_this_thread(), self._my_turn():
            rings = yield from self._work(writing=writing)
        for ring in rings:
            ring()

    def _work(self, *, writing: bool) -> Generator[Transaction, None, list[Callable[[], None]]]:
        try:
            with self._connect(writing=writing) as connection:
                work = Unit(connection, writing=writing)
                transaction = connection.begin()
                try:
                    self._take_pen(work)
                    yield work
                    self._finish(work)
                finally:
                    if transaction.is_active:
                        transaction.rollback()
        except DBAPIError as fault:
            raise translate(fault) from fault
        except PoolTimeout as fault:
            raise Unavailable("too many units of work at once", where="database") from fault
        return work.rings

    def _connect(self, *, writing: bool) -> Connection:
        connection = self._engine.connect()
        if writing:
            return connection
        if self._engine.dialect.name == "sqlite":
            return connection.execution_options(**{READING: True})
        return connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)

    def _take_pen(self, work: Unit) -> None:
        if work.writing and work.dialect == "postgresql":
            work.connection.exec_driver_sql("SELECT seq FROM audit_head FOR UPDATE")

    def _finish(self, work: Unit) -> None:
        if work.failed:
            raise IntegrityViolation("a failed unit of work cannot be committed", remedy="let its error pass")
        if (statement := counted(work.changed)) is not None:
            work.execute(statement)
            work.after_commit(self._listeners.ring)
        try:
            work.connection.commit()
        except DBAPIError as fault:
            raise _refused_commit(work, fault) from fault

    @contextmanager
    def _alone_in_this_thread(self) -> Iterator[None]:
        if getattr(self._here, "open", False):
            raise RuntimeError("a unit of work is open in this thread: it would wait for itself")
        self._here.open = True
        try:
            yield
        finally:
            self._here.open = False

    @contextmanager
    def _my_turn(self) -> Iterator[None]:
        if self._turn is None:
            yield
            return
        if not self._turn.acquire(timeout=WAIT_SECONDS):
            raise Unavailable("the database is busy", where="database")
        try:
            yield
        finally:
            self._turn.release()


def _refused_commit(work: Unit, fault: DBAPIError) -> GlassdeskError:
    """Our error for a refused commit. SQLite leaves the transaction open, past what SQLAlchemy believes."""
    if work.dialect != "sqlite":
        return translate(fault)
    missing = missing_rows(work.connection) if isinstance(fault, IntegrityError) else ""
    work.connection.connection.rollback()
    if not missing:
        return translate(fault)
    return IntegrityViolation(f"a row refers to something that is not stored: {missing}", where="database")
