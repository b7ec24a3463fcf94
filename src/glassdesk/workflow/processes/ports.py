"""What this step needs from outside."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.processes.model import Process


class ProcessStore(Protocol):
    """Rows of processes, and the schema they all share."""

    def put(self, t: Transaction, process: Process) -> None:
        """Insert or replace."""
        ...

    def process(self, t: Transaction, name: str) -> Process | None:
        """By name."""
        ...

    def all(self, t: Transaction) -> Sequence[Process]:
        """By role and start, the oldest first."""
        ...

    def drop(self, t: Transaction, *, before: datetime) -> int:
        """Delete rows last seen before an instant; answers how many."""
        ...

    def schema(self, t: Transaction) -> str:
        """The revision that the database is at."""
        ...

    def now(self, t: Transaction, machine: datetime) -> datetime:
        """The instant by which rows are written and compared: the database server's where there is one, since
        machines disagree, else the `machine` time given."""
        ...
