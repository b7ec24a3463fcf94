"""What the notifications step needs from outside."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.notifications.model import Notification


class Outbox(Protocol):
    """Notifications, written in the transaction of the change they tell of."""

    def put(self, t: Transaction, notification: Notification) -> None:
        """Insert unless the key is known."""
        ...

    def unsent(self, t: Transaction, *, limit: int = 50) -> Sequence[Notification]:
        """Oldest first."""
        ...

    def mark(self, t: Transaction, key: str, *, sent_at: datetime | None) -> None:
        """Count an attempt; with `sent_at` it is done."""
        ...

    def acknowledge(self, t: Transaction, key: str, *, at: datetime) -> None:
        """A person has seen it. Raises `NotFound`."""
        ...

    def unseen(self, t: Transaction, begins: str) -> Sequence[Notification]:
        """Not acknowledged, with a key that begins so, newest first."""
        ...

    def recent(self, t: Transaction, *, limit: int = 200) -> Sequence[Notification]:
        """Newest first."""
        ...


class Channel(Protocol):
    """One way to reach a person."""

    name: str

    def send(self, notification: Notification) -> None:
        """Deliver. Raises `Unavailable`."""
        ...
