"""Engines: one place that knows how each database is opened."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import StaticPool
from sqlalchemy.util import LRUCache

from glassdesk.kernel.errors import InvalidInput

WAIT_SECONDS = 30
"""How long a transaction waits for its turn to write before it gives up."""

READING = "glassdesk_reading"
"""Execution option of connections that only read."""

_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",  # a commit that was answered survives a power cut
    f"busy_timeout={WAIT_SECONDS * 1000}",
    "foreign_keys=ON",
    "recursive_triggers=ON",  # so that INSERT OR REPLACE does not slip past the append-only triggers
)

_SERVER_OPTIONS = " ".join(
    (
        "-c timezone=UTC",
        f"-c lock_timeout={WAIT_SECONDS * 1000}",
        # a worker that hangs inside a transaction does not hold the pen for ever
        f"-c idle_in_transaction_session_timeout={WAIT_SECONDS * 1000}",
    )
)


class OneSqlite(SQLiteDialect_pysqlite):
    """All SQLite databases of a process speak one language: what was compiled for one serves the next."""

    supports_statement_cache = True

    def __eq__(self, other: object) -> bool:
        return isinstance(other, OneSqlite)

    def __hash__(self) -> int:
        return hash(OneSqlite)


registry.register("sqlite.one", __name__, OneSqlite.__name__)
_COMPILED: LRUCache[Any, Any] = LRUCache(1_000)


def open_engine(url: str) -> Engine:
    """An engine for `memory:`, `sqlite:///PATH` or `postgresql+psycopg://…`. Raises `InvalidInput` else."""
    if url in ("memory:", "sqlite://", "sqlite:///:memory:"):
        return _sqlite("sqlite://", poolclass=StaticPool)
    parsed = _parse(url)
    # the second is what an engine says of itself
    if parsed.drivername in ("sqlite", "sqlite+one"):
        return _sqlite(parsed, pool_size=16, max_overflow=48)
    if parsed.drivername == "postgresql+psycopg":
        return create_engine(
            parsed,
            pool_size=16,
            max_overflow=48,
            pool_pre_ping=True,
            connect_args={"options": _SERVER_OPTIONS, "connect_timeout": 10},
        )
    raise _unknown(parsed.drivername)


def _parse(url: str) -> URL:
    try:
        return make_url(url)
    except ArgumentError as fault:
        raise _unknown(url.partition(":")[0]) from fault


def _unknown(scheme: str) -> InvalidInput:
    return InvalidInput(
        f"{scheme!r} names no database this program speaks",
        where="database_url",
        remedy="use sqlite:///PATH, postgresql+psycopg://… or memory:",
    )


def _sqlite(url: str | URL, **pool: Any) -> Engine:
    # a unit of work stays in one thread; between two of them the pool hands the connection on
    engine = create_engine(
        make_url(url).set(drivername="sqlite+one"),
        connect_args={"check_same_thread": False, "timeout": WAIT_SECONDS},
        execution_options={"compiled_cache": _COMPILED},
        **pool,
    )
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _prepare(connection: Any, _: object) -> None:
    # the driver's own transactions begin at the first write: what was read before is stale [117 of 400 kept]
    connection.isolation_level = None
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    reading = connection.get_execution_options().get(READING, False)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")
