"""What the risk step needs from outside; `portfolio` implements `ExposureReader`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.risk.model import Denial, Exposure, Halt, Verdict


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
