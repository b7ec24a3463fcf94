"""What the database says, in words a person understands."""

from __future__ import annotations

from functools import cache

from sqlalchemy import Connection, Index, Table, UniqueConstraint
from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, InternalError, OperationalError

from glassdesk.adapters.database.schema import metadata
from glassdesk.kernel.errors import Conflict, GlassdeskError, IntegrityViolation, Unavailable

WORDS = "words"
"""Key in the `info` of a unique key or index: what a person reads when it is broken."""


def translate(fault: DBAPIError) -> GlassdeskError:
    """Our error for the driver's."""
    text = str(fault.orig).strip()
    if isinstance(fault, IntegrityError):
        return _refused(fault, text)
    if isinstance(fault, OperationalError | InterfaceError | InternalError) or fault.connection_invalidated:
        return _absent(text)
    return IntegrityViolation(f"the database refused: {_first_line(text)}", where="database")


def _first_line(text: str) -> str:
    return text.splitlines()[0] if text else "no reason given"


def _absent(text: str) -> Unavailable:
    if "locked" in text or "lock timeout" in text:
        remedy = "another process has been writing for 30 s; try again"
        return Unavailable("the database is busy", where="database", remedy=remedy)
    return Unavailable(f"the database does not answer: {_first_line(text)}", where="database")


def _refused(fault: IntegrityError, text: str) -> GlassdeskError:
    line = _first_line(text)
    kind, _, words = line.partition(": ")
    if kind == "conflict":
        return Conflict(words, where="database")
    if kind == "integrity":
        return IntegrityViolation(words, where="database")
    broken = _unique_words(line, _constraint(fault))
    if broken:
        return Conflict(broken, where="database")
    return IntegrityViolation(_other_words(line), where="database")


def _other_words(line: str) -> str:
    if "foreign key" in line.lower():
        return f"a row refers to something that is not stored ({line})"
    return f"the row breaks a rule of its table ({line})"


def _constraint(fault: IntegrityError) -> str | None:
    diagnosis = getattr(fault.orig, "diag", None)
    return getattr(diagnosis, "constraint_name", None)


def _unique_words(line: str, constraint: str | None) -> str | None:
    known = _unique_keys()
    if constraint is not None:
        return known.get(constraint)
    marker = "UNIQUE constraint failed: "
    if not line.startswith(marker):
        return None
    return known.get(line.removeprefix(marker), f"there is one already ({line.removeprefix(marker)})")


@cache
def _unique_keys() -> dict[str, str]:
    """Words by the constraint's name (PostgreSQL) and by its columns (SQLite)."""
    found: dict[str, str] = {}
    for table in metadata.tables.values():
        for key in _keys_of(table):
            columns = ", ".join(f"{table.name}.{column.name}" for column in key.columns)
            words = str(key.info.get(WORDS, f"there is one already ({columns})"))
            found[columns] = words
            found[str(key.name)] = words
    for table in metadata.tables.values():
        columns = ", ".join(f"{table.name}.{column.name}" for column in table.primary_key.columns)
        words = f"{table.name} has this row already"
        found.setdefault(columns, words)
        found[f"pk_{table.name}"] = words
    return found


def _keys_of(table: Table) -> list[UniqueConstraint | Index]:
    constraints = [c for c in table.constraints if isinstance(c, UniqueConstraint)]
    return [*constraints, *(index for index in table.indexes if index.unique)]


def missing_rows(connection: Connection) -> str:
    """Which rows refer to nothing, asked of SQLite after it refused a commit without naming them."""
    # past SQLAlchemy, which believes that the transaction is over
    rows = connection.connection.cursor().execute("PRAGMA foreign_key_check").fetchall()
    found = sorted({f"{table} → {parent}" for table, _, parent, _ in rows})
    return "; ".join(found)
