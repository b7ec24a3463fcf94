"""What the dealing step needs from outside."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.dealing.model import Command


class CommandStore(Protocol):
    """Commands to the dealer."""

    def put(self, t: Transaction, command: Command) -> None:
        """Insert unless known."""
        ...

    def pending(self, t: Transaction) -> Sequence[Command]:
        """Not done yet, oldest first."""
        ...

    def done(self, t: Transaction, command: str, *, at: datetime, result: str) -> None:
        """Close it with a result a person can read."""
        ...

    def recent(self, t: Transaction, *, limit: int = 50) -> Sequence[Command]:
        """Newest first."""
        ...


class ManualRuns(Protocol):
    """Runs of kind `manual`: acts of a person, which the dealer carries out. The runs step is a sibling: the
    composition implements this over the run store."""

    def begin(
        self,
        t: Transaction,
        *,
        run: str,
        account: str,
        strategy: str,
        version: int,
        conid: int,
        symbol: str,
        at: datetime,
        reason: str,
    ) -> None:
        """Insert the run, reserved already; the same again is harmless."""
        ...
