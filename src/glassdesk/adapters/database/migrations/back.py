"""Back to an older schema. Only a database in which nobody wrote anything goes back: whatever a desk wrote it
keeps, and an older program could not read it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from sqlalchemy import Connection, inspect, text

SCRIPTS = Path(__file__).parent / "versions"
STAMP = "alembic_version"
BEGINNINGS = {"changes": "version <> 0", "audit_head": "seq <> 0"}
"""Tables that are never empty, and what tells that somebody wrote since."""


def rebuild_before(connection: Connection, revision: str) -> None:
    """Make the schema that was in force before `revision`, by the migrations that led there. Raises
    `NotImplementedError` where a row would be lost."""
    tables = [name for name in inspect(connection).get_table_names() if name != STAMP]
    for table in tables:
        if _written(connection, table):
            raise NotImplementedError(f"{table} holds what would be lost: restore a backup instead")
    _drop(connection, tables)
    for script in _scripts(connection.dialect.name, revision):
        for statement in script.read_text(encoding="utf-8").split("\n;\n"):
            if statement.strip():
                connection.exec_driver_sql(statement.strip())


def _written(connection: Connection, table: str) -> bool:
    condition = BEGINNINGS.get(table, "true")
    # names of our own tables, which the database itself has just told
    statement = text(f'SELECT 1 FROM "{table}" WHERE {condition} LIMIT 1')  # noqa: S608 - see above
    return connection.execute(statement).first() is not None


def _drop(connection: Connection, tables: Iterable[str]) -> None:
    postgresql = connection.dialect.name == "postgresql"
    for table in tables:
        connection.exec_driver_sql(f'DROP TABLE "{table}"' + (" CASCADE" if postgresql else ""))
    if postgresql:
        connection.exec_driver_sql("DROP FUNCTION IF EXISTS glassdesk_refuse() CASCADE")


def _scripts(dialect: str, revision: str) -> list[Path]:
    return sorted(path for path in SCRIPTS.glob(f"*.{dialect}.sql") if path.name[:4] < revision)
