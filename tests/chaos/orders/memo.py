"""The product's own stores in memory, with what they answered remembered until a table of it changes.

Every statement is the product's and runs on its schema; only asking the same again costs nothing. Nobody
writes while somebody reads, so a reading unit of work opens no transaction: it is one picture as it is.
"""

from __future__ import annotations

import re
import sqlite3
import threading
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, fields, replace
from typing import Any, cast

from sqlalchemy import event

from glassdesk.adapters.database import Stores, open_database
from glassdesk.adapters.database.order_tracking import DatabaseTrackingStore
from glassdesk.adapters.database.transactions import unit
from glassdesk.kernel.unit_of_work import Transaction, Transactions
from tests.chaos.orders.quick import Driver, QuickTransactions

_READS = re.compile(r"\b(?:FROM|JOIN)\s+\"?(\w+)\"?(?:\s*,\s*\"?(\w+)\"?)*", re.IGNORECASE)
_WRITES = re.compile(
    r"^\s*(?:INSERT\s+(?:OR\s+\w+\s+)?INTO|UPDATE|DELETE\s+FROM)\s+\"?(\w+)\"?", re.IGNORECASE
)
_BESIDES = {("add_execution", "seen_at"), ("put_owner_orders", "seen_at")}
"""Arguments without meaning where a call changed nothing: only such calls are remembered."""
_BY_ORDER = "facts"
"""What is asked and added by the order: the facts of one change nothing of another's."""


class Memo:
    """Which tables a statement touches, and how often each has changed."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[frozenset[str], str]] = {}
        self.versions: defaultdict[str, int] = defaultdict(int)
        self.touched: set[str] = set()
        self.wrote = False
        self.dirty: set[str] = set()
        self.state = 0
        """Another one after every change."""
        self._changes = 0

    def saw(self, sql: str, changes: int) -> None:
        """A statement ran; `changes` counts the rows that were ever changed."""
        known = self._known.get(sql)
        if known is None:
            known = self._known[sql] = _tables(sql)
        self.touched |= known[0]
        if known[1] and changes != self._changes:
            self.wrote = True
            self.changed(known[1])
        self._changes = changes

    def changed(self, table: str) -> None:
        """It, or a part of it, is not what it was; it is again where the unit of work is undone."""
        self.dirty.add(table)
        self.versions[table] += 1
        self.state += 1

    def undone(self) -> None:
        """What was written since the last commit is gone."""
        for table in self.dirty:
            self.versions[table] += 1
        self.state += 1
        self.dirty.clear()


def _tables(sql: str) -> tuple[frozenset[str], str]:
    reads = {name for found in _READS.findall(sql) for name in found if name}
    wrote = _WRITES.match(sql)
    return frozenset(reads | ({wrote.group(1)} if wrote else set())), wrote.group(1) if wrote else ""


@dataclass(slots=True)
class _Answer:
    """What a call was told, of tables at these versions. It was last found true at a `state` of the memo."""

    stamps: tuple[tuple[str, int], ...]
    told: Any
    state: int


class _Remembering:
    """A store whose answers are kept while the tables they came from stay as they are."""

    def __init__(self, inner: Any, memo: Memo) -> None:
        self._inner = inner
        self._memo = memo
        self._answers: dict[Any, _Answer] = {}

    def forget(self) -> None:
        """Another database begins."""
        self._answers.clear()

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        if not callable(found):
            return found
        without = frozenset(word for method, word in _BESIDES if method == name)

        def call(t: Transaction, *args: Any, **words: Any) -> Any:
            key: Any = (name, args, *words.items())
            try:
                kept = None if without else self._answers.get(key)
            except TypeError:
                kept = None
            if kept is None:
                key = _key(name, args, words, without)
                kept = self._answers.get(key)
            if kept is not None and self._is_true(kept):
                return list(kept.told) if type(kept.told) is list else kept.told
            return self._ask(key, found, t, args, words)

        self.__dict__[name] = call
        return call

    def _is_true(self, kept: _Answer) -> bool:
        memo = self._memo
        if kept.state != memo.state:
            versions = memo.versions
            for table, version in kept.stamps:
                if versions[table] != version:
                    return False
            kept.state = memo.state
        return True

    def _ask(self, key: Any, found: Callable[..., Any], t: Transaction, args: Any, words: Any) -> Any:
        memo = self._memo
        memo.touched, memo.wrote = set(), False
        answer = found(t, *args, **words)
        if found.__name__ == "add_fact":
            memo.changed(f"{_BY_ORDER} of {args[0].order}")
        if not memo.wrote and key is not None:
            if found.__name__ == "facts":
                memo.touched = {f"{_BY_ORDER} of {args[0]}"}
            stamps = tuple((table, memo.versions[table]) for table in memo.touched)
            told = list(answer) if type(answer) is list else answer
            self._answers[key] = _Answer(stamps, told, memo.state)
        return answer


def _key(name: str, args: tuple[Any, ...], words: dict[str, Any], without: Collection[str]) -> Any:
    said = ((w, _hashable(v)) for w, v in words.items() if w not in without)
    key = (name, tuple(_hashable(one) for one in args), *said)
    try:
        hash(key)
    except TypeError:
        return None
    return key


def _hashable(value: Any) -> Any:
    if isinstance(value, set):
        return frozenset(value)
    return tuple(value) if isinstance(value, list) else value


class _Reading(AbstractContextManager[Transaction]):
    """A reading unit of work over a connection that stays open."""

    def __init__(self, pens: _Transactions) -> None:
        self._pens = pens
        self._unit = pens.inner.made(writing=False)

    def __enter__(self) -> Transaction:
        self._pens.enter()
        return self._unit

    def __exit__(self, *_: object) -> None:
        self._pens.leave()


class _Transactions(Transactions):
    def __init__(self, inner: QuickTransactions, memo: Memo) -> None:
        self.inner = inner
        self._memo = memo
        self._here = threading.local()
        self._turn = threading.Lock()

    def begin(self) -> AbstractContextManager[Transaction]:
        return self._begin()

    def read(self) -> AbstractContextManager[Transaction]:
        return _Reading(self)

    @contextmanager
    def _begin(self) -> Iterator[Transaction]:
        rings: list[Callable[[], None]] = []
        self.enter()
        try:
            with self._watched(), self.inner.begin() as t:
                yield t
                # They ring outside of the unit, where they may open another.
                rings += unit(t).rings
                unit(t).rings.clear()
        finally:
            self.leave()
        for ring in rings:
            ring()

    def enter(self) -> None:
        """This thread's unit begins."""
        if getattr(self._here, "open", False):
            raise RuntimeError("a unit of work is open in this thread: it would wait for itself")
        self._turn.acquire()
        self._here.open = True

    def leave(self) -> None:
        """It is over."""
        self._here.open = False
        self._turn.release()

    @contextmanager
    def _watched(self) -> Iterator[None]:
        try:
            yield
        except BaseException:
            self._memo.undone()
            raise
        self._memo.dirty.clear()


class Database:
    """One database in memory for many worlds: each begins with the same image."""

    def __init__(self, furnish: Callable[[Stores], None]) -> None:
        plain = open_database("memory:")
        furnish(plain)
        with plain.transactions.read() as t:
            connection = unit(t).connection
            self._raw = cast("sqlite3.Connection", connection.connection.driver_connection)
            writing = connection.engine
        self._image = sqlite3.connect(":memory:", check_same_thread=False)
        self._raw.backup(self._image)
        self._memo = Memo()
        self.driver = Driver(writing, self._raw)
        event.listen(self.driver.engine, "after_cursor_execute", self._saw)
        self._remembering: list[_Remembering] = []
        self._tracking = plain.tracking
        self.stores = self._remembered(plain)

    def reset(self) -> Stores:
        """As it was furnished."""
        self._image.backup(self._raw)
        for one in self._remembering:
            one.forget()
        if isinstance(self._tracking, DatabaseTrackingStore):
            self._tracking.forget()
        return self.stores

    def _remembered(self, plain: Stores) -> Stores:
        quick = QuickTransactions(plain.transactions, self.driver, self._ran)
        pens = _Transactions(quick, self._memo)
        parts: dict[str, Any] = {"transactions": pens}
        for field in fields(plain):
            if field.name not in ("transactions", "close"):
                one = _Remembering(getattr(plain, field.name), self._memo)
                self._remembering.append(one)
                parts[field.name] = one
        return replace(plain, **parts)

    def _saw(self, _c: Any, _k: Any, statement: str, _p: Any, _x: Any, _m: Any) -> None:
        self._ran(statement)

    def _ran(self, text: str) -> None:
        self._memo.saw(text, self._raw.total_changes)
