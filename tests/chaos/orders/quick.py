"""The product's statements straight to the driver. SQLAlchemy builds, compiles, binds and reads them as ever;
what else it does for every single one (contexts, events, cursors) takes longer than SQLite does."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Generator, Mapping, Sequence
from typing import Any, cast

from sqlalchemy import Connection, CursorResult, Engine, Executable, create_engine
from sqlalchemy.engine.result import IteratorResult, SimpleResultMetaData
from sqlalchemy.exc import IntegrityError
from sqlalchemy.pool import StaticPool

from glassdesk.adapters.database.transactions import DatabaseTransactions, Unit
from glassdesk.kernel.unit_of_work import Transaction, Transactions

Ran = Callable[[str], None]
"""Told the text of a statement that ran."""
_NOTHING = SimpleResultMetaData(())


class Told(IteratorResult[Any]):
    """What a statement answered."""

    rowcount = -1


class Statement:
    """One that was compiled."""

    def __init__(self, compiled: Any) -> None:
        self._compiled = compiled
        self._text = str(compiled)
        self._grows = bool(compiled.literal_execute_params or compiled.post_compile_params)
        self._places = tuple(compiled.positiontup or ())
        self._bind = compiled._bind_processors
        names = [one.keyname for one in compiled._result_columns]
        made = compiled.insert_prefetch or compiled.update_prefetch
        self.plain = not made and not (names and compiled.dml_compile_state) and len(names) == len(set(names))
        """Whether text and values are all that there is to it."""
        readers = [
            one.type._cached_result_processor(compiled.dialect, None) for one in compiled._result_columns
        ]
        self.answers = SimpleResultMetaData(names, _processors=readers) if names else _NOTHING

    def bound(self, wanted: Mapping[str, Any] | None, extracted: Any) -> tuple[str, list[Any]]:
        """Its text, and its values in the order of their places."""
        values = self._compiled.construct_params(wanted, extracted_parameters=extracted, escape_names=False)
        text, places, bind = self._text, self._places, self._bind
        if self._grows:
            grown = self._compiled._process_parameters_for_postcompile(values)
            text, places, bind = grown.statement, grown.positiontup, {**bind, **grown.processors}
            values = {**values, **grown.parameters}
        return text, [bind[name](values[name]) if name in bind else values[name] for name in places]


class Driver:
    """A connection to one database whose transactions are the driver's."""

    def __init__(self, engine: Engine, raw: sqlite3.Connection) -> None:
        self.raw = raw
        self.engine = create_engine(
            "sqlite+one://",
            creator=lambda: raw,
            poolclass=StaticPool,
            execution_options=engine.get_execution_options(),
        )
        self._connection = self.engine.connect()
        self.compiled = self._connection.get_execution_options()["compiled_cache"]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    def commit(self) -> None:
        """Durable, or as SQLAlchemy says that it is not."""
        try:
            self.raw.commit()
        except sqlite3.IntegrityError as refused:
            raise IntegrityError("COMMIT", None, refused) from refused


class QuickTransactions(DatabaseTransactions):
    """Opens such units of work."""

    def __init__(self, plain: Transactions, driver: Driver, ran: Ran) -> None:
        assert isinstance(plain, DatabaseTransactions)
        super().__init__(plain._engine, plain._listeners)
        self._driver = driver
        self._ran = ran

    def made(self, *, writing: bool) -> QuickUnit:
        """A unit in no transaction of its own."""
        return QuickUnit(self._driver, self._ran, writing=writing)

    def _work(self, *, writing: bool) -> Generator[Transaction, None, list[Callable[[], None]]]:
        work, raw = self.made(writing=writing), self._driver.raw
        raw.execute("BEGIN IMMEDIATE")
        try:
            yield work
            self._finish(work)
        finally:
            if raw.in_transaction:
                raw.rollback()
        return work.rings


class QuickUnit(Unit):
    """A unit of work whose statements SQLAlchemy executes only where they are not plain or fail."""

    def __init__(self, driver: Driver, ran: Ran, *, writing: bool) -> None:
        super().__init__(cast("Connection", driver), writing=writing)
        self._raw = driver.raw
        self._ran = ran
        self._dialect = driver.dialect
        self._compiled = driver.compiled

    def execute(self, statement: Executable, rows: Any = None) -> CursorResult[Any]:
        wanted = rows if isinstance(rows, Sequence) else (rows,)
        known, extracted = self._statement(statement, wanted)
        writes = getattr(statement, "is_dml", False)
        if not known.plain or self.failed or (writes and not self.writing):
            return super().execute(statement, rows)
        try:
            cursor, text = self._sent(known, wanted, extracted)
        except Exception:  # noqa: BLE001 - it fails once more, with the product's words
            return super().execute(statement, rows)
        self._note(statement)
        self._ran(text)
        told = Told(known.answers, cursor)
        told.rowcount = cursor.rowcount
        return cast("CursorResult[Any]", told)

    def _statement(self, statement: Any, wanted: Sequence[Any]) -> tuple[Statement, Any]:
        compiled, extracted, *_ = statement._compile_w_cache(
            self._dialect,
            compiled_cache=self._compiled,
            column_keys=sorted(wanted[0] or ()),
            for_executemany=len(wanted) > 1,
        )
        known = getattr(compiled, "quick", None)
        if known is None:
            known = compiled.quick = Statement(compiled)
        return known, extracted

    def _sent(self, known: Statement, wanted: Sequence[Any], extracted: Any) -> tuple[sqlite3.Cursor, str]:
        if len(wanted) == 1:
            text, values = known.bound(wanted[0], extracted)
            return self._raw.execute(text, values), text
        bound = [known.bound(one, extracted) for one in wanted]
        return self._raw.executemany(bound[0][0], [values for _, values in bound]), bound[0][0]
