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
