"""What the signals step needs from outside."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.signals.model import Question, RawAnswer, SignalRow


class Analyst(Protocol):
    """Answers a question about a chart. Never raises for a model's fault: `RawAnswer.failure` says it."""

    engine: str

    def ask(self, question: Question) -> RawAnswer:
        """One decision's answer within its time budget (60 s and one retry of 45 s)."""
        ...


class SignalStore(Protocol):
    """Signals, append-only."""

    def add(self, t: Transaction, row: SignalRow) -> None:
        """Append; one per run."""
        ...

    def of_run(self, t: Transaction, run: str) -> SignalRow | None:
        """The signal of a run."""
        ...

    def recent(
        self,
        t: Transaction,
        *,
        strategy: str | None = None,
        conid: int | None = None,
        before: datetime | None = None,
        limit: int = 100,
    ) -> Sequence[SignalRow]:
        """Newest slot first."""
        ...
