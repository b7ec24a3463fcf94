"""The one metadata of all tables, and what a table cannot say by itself: triggers and first rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from sqlalchemy import URL, Connection, MetaData, Table
from sqlalchemy.schema import CreateIndex, CreateTable

HEAD = "0024"
"""The revision that this program reads and writes."""

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)

_DRIVERS = {"sqlite": "pysqlite", "postgresql": "psycopg"}
DIALECTS = tuple(_DRIVERS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trigger:
    """Refuses a change. `when` is an SQL condition over OLD and NEW; `words` is what a person reads."""

    name: str
    table: str
    event: str
    """`INSERT`, `UPDATE`, `UPDATE OF a, b` or `DELETE`."""
    words: str
    conflict: bool = False
    """True where the reader may simply have been late; false where the change is wrong in itself."""
    when: str = ""


_triggers: list[Trigger] = []
_first_rows: list[str] = []


def refuse(
    table: Table, name: str, event: str, words: str, *, when: str = "", conflict: bool = False
) -> None:
    """Let the database refuse `event` on `table` (where `when` holds), on both databases."""
    full = f"{table.name}_{name}"
    trigger = Trigger(name=full, table=table.name, event=event, words=words, when=when, conflict=conflict)
    _triggers.append(trigger)


def append_only(table: Table) -> Table:
    """Rows of `table` are never changed and never deleted."""
    for event in ("UPDATE", "DELETE"):
        refuse(table, f"no_{event.lower()}", event, f"{table.name} is append-only")
    return table


def keep_columns(table: Table, columns: Iterable[str]) -> None:
    """These columns keep what was inserted; rows are never deleted."""
    listed = ", ".join(f'"{column}"' for column in columns)
    refuse(table, "keep", f"UPDATE OF {listed}", f"{table.name}: what a row is about never changes")
    refuse(table, "no_delete", "DELETE", f"{table.name}: rows are never deleted")


def first_row(table: Table, **row: object) -> None:
    """A row that is there from the beginning."""
    statement = table.insert().values(**row).compile(compile_kwargs={"literal_binds": True})
    _first_rows.append(str(statement))


def _condition(trigger: Trigger) -> str:
    return f" WHEN ({trigger.when})" if trigger.when else ""


def _message(trigger: Trigger) -> str:
    return ("conflict: " if trigger.conflict else "integrity: ") + trigger.words


def _sqlite(trigger: Trigger) -> str:
    return (
        f"CREATE TRIGGER {trigger.name} BEFORE {trigger.event} ON {trigger.table} FOR EACH ROW"
        f"{_condition(trigger)} BEGIN SELECT RAISE(ABORT, '{_message(trigger)}'); END"
    )


def _postgresql(trigger: Trigger) -> str:
    return (
        f"CREATE TRIGGER {trigger.name} BEFORE {trigger.event} ON {trigger.table} FOR EACH ROW"
        f"{_condition(trigger)} EXECUTE FUNCTION glassdesk_refuse('{_message(trigger)}')"
    )


_FUNCTION = (
    "CREATE FUNCTION glassdesk_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
    "RAISE EXCEPTION USING MESSAGE = TG_ARGV[0], ERRCODE = 'integrity_constraint_violation'; END $$"
)


def _truncates() -> list[str]:
    guarded = sorted({trigger.table for trigger in _triggers if trigger.event == "DELETE"})
    return [
        f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT "
        f"EXECUTE FUNCTION glassdesk_refuse('integrity: {table}: rows are never deleted')"
        for table in guarded
    ]


def _trigger_statements(dialect: str) -> list[str]:
    triggers = sorted(_triggers, key=lambda trigger: trigger.name)
    if dialect == "sqlite":
        return [_sqlite(trigger) for trigger in triggers]
    return [_FUNCTION, *(_postgresql(trigger) for trigger in triggers), *_truncates()]


def _table_statements(dialect: str) -> list[str]:
    spoken = URL.create(f"{dialect}+{_DRIVERS[dialect]}").get_dialect()()
    elements = [element for table in metadata.sorted_tables for element in _elements(table)]
    return [str(element.compile(dialect=spoken)).strip() for element in elements]


def _elements(table: Table) -> list[CreateTable | CreateIndex]:
    indexes = sorted(table.indexes, key=lambda index: str(index.name))
    return [CreateTable(table), *(CreateIndex(index) for index in indexes)]


@cache
def statements(dialect: str) -> Sequence[str]:
    """Everything that makes an empty database ours, in order; all table modules are imported by then."""
    return (*_table_statements(dialect), *_trigger_statements(dialect), *_first_rows)


def create(connection: Connection) -> None:
    """Make an empty database ours, inside the caller's transaction."""
    for statement in statements(connection.dialect.name):
        connection.exec_driver_sql(statement)
