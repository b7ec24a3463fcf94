"""The few statements that every store is made of."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Executable, Row, Select, Table, and_, select
from sqlalchemy.dialects import postgresql, sqlite

from glassdesk.adapters.database.transactions import Unit

Value = TypeVar("Value")

_LAST = chr(0x10FFFF)
_NAMES: dict[type[Any], tuple[str, ...]] = {}


def _names(kind: type[Any]) -> tuple[str, ...]:
    found = _NAMES.get(kind)
    if found is None:
        found = _NAMES[kind] = tuple(field.name for field in dataclasses.fields(kind))
    return found


def fields_of(value: Any) -> dict[str, Any]:
    """A flat value as a row."""
    return {name: getattr(value, name) for name in _names(type(value))}


def select_value(table: Table, kind: type[Any]) -> Select[Any]:
    """Exactly the columns that make a value of `kind`."""
    return select(*(table.c[name] for name in _names(kind)))


def value(kind: type[Value], row: Row[Any]) -> Value:
    """A flat value from its row, which may have more columns."""
    found = row._mapping
    return kind(**{name: found[name] for name in _names(kind)})


def values(kind: type[Value], rows: Iterable[Row[Any]]) -> Sequence[Value]:
    """Flat values from their rows."""
    return [value(kind, row) for row in rows]


def optional(kind: type[Value], row: Row[Any] | None) -> Value | None:
    """A flat value, or `None` where there is no row."""
    return None if row is None else value(kind, row)


def _insert(dialect: str, table: Table) -> Any:
    return postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)


def _key(table: Table) -> list[str]:
    return [column.name for column in table.primary_key.columns]


# A statement is built once for each table: what changes are its parameters. Building it again took longer
# than running it.


@cache
def _plain(table: Table) -> Executable:
    return table.insert()


@cache
def _unless_there(dialect: str, table: Table) -> Executable:
    statement = _insert(dialect, table).on_conflict_do_nothing(index_elements=_key(table))
    # the driver knows how many rows an INSERT made; SQLAlchemy keeps it only when asked
    found: Executable = statement.execution_options(preserve_rowcount=True)
    return found


@cache
def _or_change(dialect: str, table: Table, changing: tuple[str, ...]) -> Executable:
    statement = _insert(dialect, table)
    changes = {name: statement.excluded[name] for name in changing}
    found: Executable = statement.on_conflict_do_update(index_elements=_key(table), set_=changes)
    return found


def insert(work: Unit, table: Table, row: Mapping[str, Any] | Sequence[Mapping[str, Any]]) -> None:
    """Insert one row or several; none is fine."""
    if row:
        work.execute(_plain(table), row)


def insert_new(work: Unit, table: Table, row: Mapping[str, Any]) -> bool:
    """Insert unless its primary key is there; answers whether it was new."""
    return work.execute(_unless_there(work.dialect, table), row).rowcount == 1


def put(work: Unit, table: Table, row: Mapping[str, Any]) -> None:
    """Insert, or replace the row with the same primary key."""
    key = _key(table)
    put_changed(work, table, row, changing=[name for name in row if name not in key])


def put_all(work: Unit, table: Table, found: Sequence[Mapping[str, Any]]) -> None:
    """`put` for several rows at once; none is fine. All name the same columns."""
    if found:
        key = _key(table)
        changing = tuple(name for name in found[0] if name not in key)
        work.execute(_or_change(work.dialect, table, changing), found)


def put_changed(work: Unit, table: Table, row: Mapping[str, Any], *, changing: Sequence[str]) -> None:
    """Insert, or change only some columns of the row with the same primary key."""
    work.execute(_or_change(work.dialect, table, tuple(changing)), row)


def parts(found: Sequence[Value], size: int = 1000) -> Iterator[Sequence[Value]]:
    """The same in pieces that one statement can name."""
    return (found[at : at + size] for at in range(0, len(found), size))


def starts_with(column: ColumnElement[str], prefix: str) -> ColumnElement[bool]:
    """True where the text starts so, byte by byte; an index on the column serves it."""
    return and_(column >= prefix, column <= prefix + _LAST)
