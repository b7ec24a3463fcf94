"""What the risk step needs from outside; `portfolio` implements `ExposureReader`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.risk.model import Denial, Exposure, Halt, Verdict
from glassdesk.workflow.risk.unlocks import LiveMove


class ExposureReader(Protocol):
    """The books as risk sees them."""

    def exposure(self, t: Transaction, account: str, strategy: str, *, now: datetime) -> Exposure:
        """Holdings, working orders and capital at `now`, from the desk's own executions and marks."""
        ...


class HaltStore(Protocol):
    """The halt row and the sentinel file; the effective level is the higher, unreadable means HALT."""

    def halt(self, t: Transaction) -> Halt:
        """What is in force."""
        ...

    def put_halt(self, t: Transaction, halt: Halt) -> None:
        """Set row and file."""
        ...


class VerdictStore(Protocol):
    """Verdicts, append-only."""

    def add(
        self, t: Transaction, run: str, moment: str, verdicts: Sequence[Verdict], *, at: datetime
    ) -> None:
        """Append all verdicts of one assessment; `moment` is `reserve` or `send`."""
        ...

    def of_run(self, t: Transaction, run: str) -> Sequence[tuple[str, Verdict]]:
        """(moment, verdict) of a run, in order."""
        ...

    def denials(self, t: Transaction, *, since: datetime, limit: int) -> Sequence[Denial]:
        """What was denied at `since` or later, newest first."""
        ...


class LiveStore(Protocol):
    """Unlocks and locks of live accounts, append-only."""

    def add_move(self, t: Transaction, move: LiveMove) -> None:
        """Append one. Raises `Conflict` where somebody else was faster."""
        ...

    def moves(self, t: Transaction, account: str) -> Sequence[LiveMove]:
        """Of the account, oldest first."""
        ...

    def other_accounts(self, t: Transaction, account: str) -> Sequence[str]:
        """Accounts but this one that have orders in the database."""
        ...


class EntryCount(Protocol):
    """How many opening orders the broker took; `orders` implements it."""

    def entries_accepted(self, t: Transaction, account: str, since: datetime) -> int:
        """Entries of strategies that were reserved at `since` or later and have an id of the broker."""
        ...
