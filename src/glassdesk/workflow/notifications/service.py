"""Verbs of the notifications step."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from glassdesk.kernel.clock import Clock
from glassdesk.kernel.errors import Unavailable
from glassdesk.kernel.unit_of_work import Transaction, Transactions
from glassdesk.workflow.notifications.model import Notification, Severity
from glassdesk.workflow.notifications.ports import Channel, Outbox


class Notifications:
    """Tells a person, at least once, through every channel."""

    def __init__(
        self, transactions: Transactions, outbox: Outbox, channels: Sequence[Channel], clock: Clock
    ) -> None:
        self._transactions = transactions
        self._outbox = outbox
        self._channels = channels
        self._clock = clock

    def tell(self, t: Transaction, key: str, severity: Severity, title: str, body: str, ref: str) -> None:
        """Write to the outbox in the caller's transaction; the same key is told once."""
        self._outbox.put(
            t,
            Notification(
                key=key, severity=severity, title=title, body=body, ref=ref, created_at=self._clock.now()
            ),
        )

    def recent(self, t: Transaction, *, limit: int = 200) -> Sequence[Notification]:
        """Newest first."""
        return self._outbox.recent(t, limit=limit)

    def unseen(self, t: Transaction, begins: str) -> Sequence[Notification]:
        """Those whose key begins so and that no person has looked at, newest first."""
        return self._outbox.unseen(t, begins)

    def acknowledge(self, t: Transaction, key: str) -> None:
        """A person has seen it. Raises `NotFound`."""
        self._outbox.acknowledge(t, key, at=self._clock.now())

    def dispatch(self) -> int:
        """Send what is unsent and answer how many went out; a channel that fails leaves it for the next
        round."""
        with self._transactions.read() as t:
            waiting = self._outbox.unsent(t)
        return sum(self._send(notification) for notification in waiting)

    def _send(self, notification: Notification) -> bool:
        delivered = [self._deliver(channel, notification) for channel in self._channels]
        sent_at: datetime | None = self._clock.now() if all(delivered) else None
        with self._transactions.begin() as t:
            self._outbox.mark(t, notification.key, sent_at=sent_at)
        return sent_at is not None

    @staticmethod
    def _deliver(channel: Channel, notification: Notification) -> bool:
        try:
            channel.send(notification)
        except Unavailable:
            return False
        return True
