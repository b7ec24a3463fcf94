"""Stores that ring after a change which a waiting role should notice at once, where time itself would not
tell it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from datetime import datetime

from glassdesk.kernel.errors import Unavailable
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.dealing.model import Command
from glassdesk.workflow.dealing.ports import CommandStore
from glassdesk.workflow.risk.model import Halt
from glassdesk.workflow.risk.ports import HaltStore
from glassdesk.workflow.strategies.model import StrategyRow, StrategyState
from glassdesk.workflow.strategies.ports import Agenda, StrategyStore

Ring = Callable[[], None]


class RingingCommands:
    """A `CommandStore` that rings for the dealer."""

    def __init__(self, store: CommandStore, ring: Ring) -> None:
        self._store = store
        self._ring = ring

    def put(self, t: Transaction, command: Command) -> None:
        """Insert unless known, and ring."""
        self._store.put(t, command)
        t.after_commit(self._ring)

    def pending(self, t: Transaction) -> Sequence[Command]:
        """Not done yet, oldest first."""
        return self._store.pending(t)

    def done(self, t: Transaction, command: str, *, at: datetime, result: str) -> None:
        """Close it."""
        self._store.done(t, command, at=at, result=result)

    def get(self, t: Transaction, command: str) -> Command | None:
        """By identity."""
        return self._store.get(t, command)

    def recent(self, t: Transaction, *, limit: int = 50) -> Sequence[Command]:
        """Newest first."""
        return self._store.recent(t, limit=limit)


class RingingHalts:
    """A `HaltStore` that rings for the dealer. A level holds also where nobody can be rung: it is read at the
    next turn at the latest (`T-50`)."""

    def __init__(self, store: HaltStore, ring: Ring) -> None:
        self._store = store
        self._ring = ring

    def halt(self, t: Transaction) -> Halt:
        """What is in force."""
        return self._store.halt(t)

    def put_halt(self, t: Transaction, halt: Halt) -> None:
        """Set row and file, and ring."""
        self._store.put_halt(t, halt)
        t.after_commit(self._rung)

    def _rung(self) -> None:
        with suppress(Unavailable):
            self._ring()


class LateAgenda:
    """An `Agenda` that is told later who it is: schedules are built over strategies."""

    def __init__(self) -> None:
        self.behind: Agenda | None = None

    def settle(self, t: Transaction, name: str) -> None:
        """As things stood."""
        if self.behind is not None:
            self.behind.settle(t, name)

    def plan(self, t: Transaction, name: str) -> None:
        """As things are now."""
        if self.behind is not None:
            self.behind.plan(t, name)


class RingingStrategies:
    """A `StrategyStore` that rings for the tickers: what is due next may be something else now."""

    def __init__(self, store: StrategyStore, ring: Ring) -> None:
        self._store = store
        self._ring = ring

    def add_version(self, t: Transaction, row: StrategyRow) -> None:
        """Append, and ring."""
        self._store.add_version(t, row)
        t.after_commit(self._ring)

    def latest(self, t: Transaction, name: str) -> StrategyRow | None:
        """Newest version with the current state of the name."""
        return self._store.latest(t, name)

    def version(self, t: Transaction, name: str, version: int) -> StrategyRow | None:
        """One version."""
        return self._store.version(t, name, version)

    def versions(self, t: Transaction, name: str) -> Sequence[StrategyRow]:
        """All of a name."""
        return self._store.versions(t, name)

    def all_latest(self, t: Transaction) -> Sequence[StrategyRow]:
        """Newest version of every name."""
        return self._store.all_latest(t)

    def set_state(self, t: Transaction, name: str, state: StrategyState, *, at: datetime) -> None:
        """Change the state, and ring."""
        self._store.set_state(t, name, state, at=at)
        t.after_commit(self._ring)

    def owner_of(self, t: Transaction, account: str, conid: int) -> str | None:
        """Who owns the contract."""
        return self._store.owner_of(t, account, conid)

    def claim(
        self, t: Transaction, account: str, strategy: str, conids: Collection[int]
    ) -> Mapping[int, str]:
        """Own exactly these by a watchlist."""
        return self._store.claim(t, account, strategy, conids)
