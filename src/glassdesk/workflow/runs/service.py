"""Verbs of the runs step for doors: look at runs, their steps and their story."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from glassdesk.kernel.canonical import decode_text
from glassdesk.kernel.errors import InvalidInput, NotFound
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.runs.model import Run, RunState, StepRow
from glassdesk.workflow.runs.outputs import OUTPUTS, Story
from glassdesk.workflow.runs.ports import RunStore


class Runs:
    """Runs as people look at them."""

    def __init__(self, store: RunStore) -> None:
        self._store = store

    def run(self, t: Transaction, identity: str) -> Run:
        """By identity or at least eight characters of it. Raises `NotFound` or `InvalidInput`."""
        exact = self._store.run(t, identity)
        if exact is not None:
            return exact
        found = self._store.by_prefix(t, identity) if len(identity) >= 8 else ()
        if not found:
            raise NotFound(f"no run is called {identity!r}", where="run", remedy="runs list shows them")
        if len(found) > 1:
            raise InvalidInput(f"{identity!r} names {len(found)} runs", where="run", remedy="give more of it")
        return found[0]

    def next_run(self, t: Transaction, run: Run) -> Run | None:
        """Its strategy's next run of the same contract; `None` where it is the newest."""
        return self._store.next_run(t, run)

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
        return self._store.runs(t, strategy=strategy, conid=conid, states=states, before=before, limit=limit)

    def steps(self, t: Transaction, run: str) -> Sequence[StepRow]:
        """Committed outputs, in order."""
        return self._store.steps(t, run)

    def story(self, t: Transaction, run: str) -> Story:
        """Everything the run committed, decoded."""
        rows = self._store.steps(t, run)
        return Story(**{row.name: decode_text(OUTPUTS[row.name], row.output) for row in rows})

    def unfinished(self, t: Transaction) -> Sequence[Run]:
        """Runs that are not final, oldest slot first."""
        return self._store.unfinished(t)
