"""The few statements that every store is made of."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Insert, Row, Select, Table, and_, select
from sqlalchemy.dialects import postgresql, sqlite

from glassdesk.adapters.database.transactions import Unit

Value = TypeVar("Value")

_LAST = chr(0x10FFFF)


def _names(kind: type[Any]) -> tuple[str, ...]:
    return tuple(field.name for field in dataclasses.fields(kind))


def fields_of(value: Any) -> dict[str, Any]:
    """A flat value as a row."""
    return {name: getattr(value, name) for name in _names(type(value))}


def select_value(table: Table, kind: type[Any]) -> Select[Any]:
    """Exactly the columns that make a value of `kind`."""
    return select(*(table.c[name] for name in _names(kind)))


def value(kind: type[Value], row: Row[Any]) -> Value:
    """A flat value from its row, which may have more columns."""
    return kind(**{name: row._mapping[name] for name in _names(kind)})


def values(kind: type[Value], rows: Iterable[Row[Any]]) -> Sequence[Value]:
    """Flat values from their rows."""
    return [value(kind, row) for row in rows]


def optional(kind: type[Value], row: Row[Any] | None) -> Value | None:
    """A flat value, or `None` where there is no row."""
    return None if row is None else value(kind, row)


def _insert(work: Unit, table: Table) -> Any:
    return postgresql.insert(table) if work.dialect == "postgresql" else sqlite.insert(table)


def insert(work: Unit, table: Table, row: Mapping[str, Any] | Sequence[Mapping[str, Any]]) -> None:
    """Insert one row or several; none is fine."""
    if row:
        statement: Insert = table.insert()
        work.execute(statement, row)


def insert_new(work: Unit, table: Table, row: Mapping[str, Any]) -> bool:
    """Insert unless its primary key is there; answers whether it was new."""
    key = [column.name for column in table.primary_key.columns]
    statement = _insert(work, table).values(**row).on_conflict_do_nothing(index_elements=key)
    # the driver knows how many rows an INSERT made; SQLAlchemy keeps it only when asked
    return work.execute(statement.execution_options(preserve_rowcount=True)).rowcount == 1


def put(work: Unit, table: Table, row: Mapping[str, Any]) -> None:
    """Insert, or replace the row with the same primary key."""
    key = [column.name for column in table.primary_key.columns]
    rest = {name: item for name, item in row.items() if name not in key}
    statement = _insert(work, table).values(**row).on_conflict_do_update(index_elements=key, set_=rest)
    work.execute(statement)


def put_all(work: Unit, table: Table, found: Sequence[Mapping[str, Any]]) -> None:
    """`put` for several rows in one statement; none is fine. No key may stand twice."""
    if not found:
        return
    key = [column.name for column in table.primary_key.columns]
    statement = _insert(work, table).values([dict(row) for row in found])
    rest = {name: statement.excluded[name] for name in found[0] if name not in key}
    work.execute(statement.on_conflict_do_update(index_elements=key, set_=rest))


def put_changed(work: Unit, table: Table, row: Mapping[str, Any], *, changing: Sequence[str]) -> None:
    """Insert, or change only some columns of the row with the same primary key."""
    key = [column.name for column in table.primary_key.columns]
    changes = {name: row[name] for name in changing}
    statement = _insert(work, table).values(**row).on_conflict_do_update(index_elements=key, set_=changes)
    work.execute(statement)


def starts_with(column: ColumnElement[str], prefix: str) -> ColumnElement[bool]:
    """True where the text starts so, byte by byte; an index on the column serves it."""
    return and_(column >= prefix, column <= prefix + _LAST)
