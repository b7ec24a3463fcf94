"""What was changed last, read from the counters and heard from this process's own commits."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sqlalchemy import select

from glassdesk.adapters.database.changes import Listeners, changes
from glassdesk.adapters.database.transactions import unit
from glassdesk.kernel.changes import Changes
from glassdesk.kernel.unit_of_work import Transaction


class DatabaseChanges(Changes):
    """The counters, as rows."""

    def __init__(self, listeners: Listeners) -> None:
        self._listeners = listeners

    def versions(self, t: Transaction) -> Mapping[str, int]:
        found = unit(t).execute(select(changes.c.topic, changes.c.version))
        return {row.topic: row.version for row in found}

    def listen(self, ring: Callable[[], None]) -> Callable[[], None]:
        return self._listeners.add(ring)
