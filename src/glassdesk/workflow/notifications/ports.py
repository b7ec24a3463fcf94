"""What the notifications step needs from outside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.notifications.model import Delivery, Message, Notification, Severity


class Outbox(Protocol):
    """Notifications, written in the transaction of the change they tell of."""

    def put(self, t: Transaction, notification: Notification) -> None:
        """Insert unless the key is known."""
        ...

    def get(self, t: Transaction, key: str) -> Notification | None:
        """By key."""
        ...

    def unsent(self, t: Transaction, *, limit: int = 1000) -> Sequence[Notification]:
        """Those in no message yet: alarms first, then the oldest."""
        ...

    def pending(self, t: Transaction, *, limit: int = 1000) -> Sequence[Notification]:
        """Those whose message some channel does not have yet, by the notification that gave it its key:
        alarms first, then the oldest."""
        ...

    def together(self, t: Transaction, key: str) -> Sequence[Notification]:
        """All that the message of this key carries, oldest first."""
        ...

    def told_since(self, t: Transaction, since: datetime) -> Mapping[tuple[str, str], datetime]:
        """When a message of a strategy and kind last went out, of those since then."""
        ...

    def tell_together(self, t: Transaction, keys: Sequence[str], *, at: datetime) -> None:
        """From now on these are one message, under the first one's key."""
        ...

    def settle(self, t: Transaction, key: str, *, at: datetime) -> None:
        """Every channel has the message of this key, or has given up."""
        ...

    def deliveries(self, t: Transaction, keys: Sequence[str]) -> Sequence[Delivery]:
        """Of these messages, by key and channel."""
        ...

    def put_delivery(self, t: Transaction, delivery: Delivery) -> None:
        """Insert, or replace the row of the same message and channel."""
        ...

    def newest_deliveries(self, t: Transaction) -> Sequence[Delivery]:
        """Of each channel the delivery that was tried last, and the last that arrived."""
        ...

    def acknowledge(self, t: Transaction, key: str, *, at: datetime) -> None:
        """A person has seen it; the first time counts. Raises `NotFound`."""
        ...

    def unseen(self, t: Transaction, begins: str) -> Sequence[Notification]:
        """Not acknowledged, with a key that begins so, newest first."""
        ...

    def unseen_count(self, t: Transaction, severity: Severity) -> int:
        """How many of this severity nobody has acknowledged."""
        ...

    def recent(
        self,
        t: Transaction,
        *,
        limit: int = 200,
        severity: Severity | None = None,
        seen: bool | None = None,
        strategy: str | None = None,
    ) -> Sequence[Notification]:
        """Newest first; of those that fit."""
        ...


class Channel(Protocol):
    """One way to reach a person."""

    name: str

    def check(self) -> None:
        """Raise `InvalidInput` where it can never deliver: its address is wrong. Sends nothing."""
        ...

    def send(self, message: Message) -> None:
        """Deliver within ten seconds. Raises `Unavailable`, with no secret in its words."""
        ...
