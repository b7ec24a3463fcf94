"""What the strategies step needs from outside."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.strategies.model import StrategyRow, StrategyState


class StrategyStore(Protocol):
    """Versions (append-only) and the state of each name. Unique: (name, version)."""

    def add_version(self, t: Transaction, row: StrategyRow) -> None:
        """Append; the state of a new name is the row's."""
        ...

    def latest(self, t: Transaction, name: str) -> StrategyRow | None:
        """Newest version with the current state of the name."""
        ...

    def version(self, t: Transaction, name: str, version: int) -> StrategyRow | None:
        """One version with the current state of the name."""
        ...

    def versions(self, t: Transaction, name: str) -> Sequence[StrategyRow]:
        """All of a name, oldest first."""
        ...

    def all_latest(self, t: Transaction) -> Sequence[StrategyRow]:
        """Newest version of every name, by name."""
        ...

    def set_state(self, t: Transaction, name: str, state: StrategyState, *, at: datetime) -> None:
        """Change the state of a name. Raises `NotFound`."""
        ...

    def owner_of(self, t: Transaction, account: str, conid: int) -> str | None:
        """Name of the enabled or closing strategy that owns the contract (`T-13`), by its own symbols or by
        what it claimed of a watchlist."""
        ...

    def claim(
        self, t: Transaction, account: str, strategy: str, conids: Collection[int]
    ) -> Mapping[int, str]:
        """Own exactly these by a watchlist, what is no longer among them is let go; answers those that belong
        to another strategy, with its name."""
        ...


class Agenda(Protocol):
    """Who has to know of every change of what a strategy is due at."""

    def settle(self, t: Transaction, name: str) -> None:
        """What was due up to now is decided as things stood."""
        ...

    def plan(self, t: Transaction, name: str) -> None:
        """Things have changed: what is next is found anew."""
        ...
