"""What the evaluation step needs from outside."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.evaluation.model import Cell, Known, Outcome, Subject, Wanted


class EvaluationStore(Protocol):
    """Subjects and their outcomes, append-only. Unique: run; (run, revision)."""

    def unseen(self, t: Transaction, after: str, limit: int) -> Sequence[str]:
        """Runs after `after` that have a signal or were kept back, and are no subject yet, by their id."""
        ...

    def add_subject(self, t: Transaction, subject: Subject) -> bool:
        """Append; False where the run has one."""
        ...

    def subject(self, t: Transaction, run: str) -> Subject | None:
        """Of a run."""
        ...

    def open(self, t: Transaction, after: str, limit: int) -> Sequence[Subject]:
        """Those without an outcome that the desk computed and a run's id after `after`, by it."""
        ...

    def closed(self, t: Transaction, after: str, limit: int) -> Sequence[Subject]:
        """Those with one, likewise."""
        ...

    def add_outcome(self, t: Transaction, outcome: Outcome) -> bool:
        """Append; False where the run has this revision."""
        ...

    def outcomes(self, t: Transaction, run: str) -> Sequence[Outcome]:
        """Of a run, by revision."""
        ...

    def known(self, t: Transaction, wanted: Wanted) -> Sequence[Known]:
        """Subjects with where their runs stand, newest slot first; the kind of a prompt is not looked at."""
        ...

    def revisions(self, t: Transaction, wanted: Wanted) -> Sequence[Outcome]:
        """Outcomes of the same subjects, by run and revision."""
        ...

    def cells(self, t: Transaction) -> Sequence[Cell]:
        """Each that has a subject."""
        ...
