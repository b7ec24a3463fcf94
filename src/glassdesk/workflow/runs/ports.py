"""What the runs step needs from outside."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.runs.model import Run, RunState, StepRow


class RunStore(Protocol):
    """Runs and their steps. Unique: run; (run, step). Writes of a claimed run carry its fence."""

    def add(self, t: Transaction, run: Run) -> bool:
        """Insert; False when the run exists."""
        ...

    def run(self, t: Transaction, run: str) -> Run | None:
        """By identity."""
        ...

    def by_prefix(self, t: Transaction, prefix: str) -> Sequence[Run]:
        """Runs whose identity starts so (at least eight characters)."""
        ...

    def claim(self, t: Transaction, run: str, owner: str, *, now: datetime, ttl: timedelta) -> Run | None:
        """Take a DUE run, or a RUNNING one whose lease ended (then `losses` grows); the answer carries the
        new fence.
        `None` when it is not to be had."""
        ...

    def renew(self, t: Transaction, run: Run, *, until: datetime) -> Run:
        """Extend an own claim. Raises `LeaseLost`."""
        ...

    def set_state(self, t: Transaction, run: Run, state: RunState, reason: str, *, at: datetime) -> Run:
        """Change the state of a claimed run (fence checked), or of an unclaimed one. Raises `LeaseLost`."""
        ...

    def put_step(self, t: Transaction, run: Run, step: StepRow) -> None:
        """Append the step's output (fence checked). Raises `LeaseLost`; `Conflict` when the step is there."""
        ...

    def step(self, t: Transaction, run: str, name: str) -> StepRow | None:
        """One step's committed output."""
        ...

    def steps(self, t: Transaction, run: str) -> Sequence[StepRow]:
        """All, by number."""
        ...

    def batch(self, t: Transaction, strategy: str, slot: datetime) -> Sequence[Run]:
        """All runs of a slot, by conid."""
        ...

    def unfinished(self, t: Transaction) -> Sequence[Run]:
        """Runs that are not final, oldest slot first."""
        ...

    def failed_since(self, t: Transaction, since: datetime) -> Sequence[Run]:
        """Failed and quarantined ones that ended at `since` or later, oldest first."""
        ...

    def next_run(self, t: Transaction, run: Run) -> Run | None:
        """Its strategy's next run of the same contract; `None` where it is the newest."""
        ...

    def runs(
        self,
        t: Transaction,
        *,
        strategy: str | None = None,
        conid: int | None = None,
        states: Collection[RunState] | None = None,
        before: datetime | None = None,
        limit: int = 100,
    ) -> Sequence[Run]:
        """Newest slot first."""
        ...
