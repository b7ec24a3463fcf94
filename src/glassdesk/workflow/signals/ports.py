"""What the signals step needs from outside."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.signals.calls import (
    CallOutcome,
    CallRecord,
    Capability,
    End,
    ModelCall,
    Prompt,
    Reply,
    Spent,
)
from glassdesk.workflow.signals.model import Question, RawAnswer, SignalRow


class Analyst(Protocol):
    """Answers a question about a chart. Never raises for a model's fault: `RawAnswer.failure` says it."""

    engine: str

    def ask(self, question: Question) -> RawAnswer:
        """One decision's answer within its time budget: 105 s in all."""
        ...


class Model(Protocol):
    """One endpoint that is asked. Never raises for a model's fault: `Reply.failure` says it."""

    engine: str
    """The scheme it was named by: `openai`, `recorded`, …"""
    model: str
    """As it is asked for."""
    endpoint: str
    """Model and door in one name; budgets, breaker and probes go by it."""
    parameters: tuple[tuple[str, str], ...]
    """What beside the prompt decides the answer, e.g. the temperature."""

    def ask(self, prompt: Prompt, seconds: float) -> Reply:
        """One attempt within `seconds` of machine time."""
        ...


class CallStore(Protocol):
    """Calls of models, append-only: a row before a call is sent, another when it has ended."""

    def reserve(self, t: Transaction, call: ModelCall) -> None:
        """Append a call that is about to be sent."""
        ...

    def settle(self, t: Transaction, outcome: CallOutcome) -> None:
        """Append how it ended; one per call."""
        ...

    def spent(self, t: Transaction, since: datetime, strategy: str | None = None) -> Spent:
        """Calls and cost since an instant; a call without an end counts with what was reserved."""
        ...

    def ends(self, t: Transaction, endpoint: str, limit: int) -> Sequence[End]:
        """How the newest calls of an endpoint ended, oldest first."""
        ...

    def open_since(self, t: Transaction, endpoint: str, since: datetime) -> int:
        """Calls of an endpoint sent at or after an instant that have no end yet."""
        ...

    def under_way(self, t: Transaction, since: datetime) -> Sequence[str]:
        """Endpoints of the calls sent at or after an instant that have no end yet, one for each call."""
        ...

    def of_run(self, t: Transaction, run: str) -> Sequence[CallRecord]:
        """Calls of a run, in order."""
        ...

    def recent(self, t: Transaction, limit: int) -> Sequence[CallRecord]:
        """Newest first."""
        ...

    def put_capability(self, t: Transaction, found: Capability) -> None:
        """Append what a probe found."""
        ...

    def capabilities(self, t: Transaction) -> Sequence[Capability]:
        """The newest of every endpoint, by name."""
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
