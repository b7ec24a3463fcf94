"""What the operations step needs from outside."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from glassdesk.kernel.unit_of_work import Transaction


class SignsOfLife(Protocol):
    """When somebody last did something, by name; and which schema the database has."""

    schema: str
    """The schema that this program reads and writes."""

    def schema_now(self, t: Transaction) -> str:
        """The schema that the database has at this moment: a newer program may have upgraded it."""
        ...

    def seen(self, t: Transaction, name: str) -> datetime | None:
        """When, `None` for never."""
        ...

    def see(self, t: Transaction, name: str, at: datetime) -> None:
        """Say so; it replaces what was said before."""
        ...
