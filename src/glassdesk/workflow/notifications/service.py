"""Verbs of the notifications step."""

from __future__ import annotations

from collections.abc import Sequence

from glassdesk.kernel.clock import Clock, format_instant
from glassdesk.kernel.errors import Unavailable
from glassdesk.kernel.unit_of_work import Transaction, Transactions
from glassdesk.workflow.lineage.audit import Audit
from glassdesk.workflow.notifications import messages
from glassdesk.workflow.notifications.dispatching import Channels, Dispatcher
from glassdesk.workflow.notifications.model import (
    ChannelState,
    Delivery,
    Notification,
    Severity,
    kind_of,
)
from glassdesk.workflow.notifications.ports import Channel, Outbox


class Notifications:
    """Tells a person, at least once, through every channel (`T-76`)."""

    def __init__(
        self, transactions: Transactions, outbox: Outbox, channels: Channels, clock: Clock, audit: Audit
    ) -> None:
        self._transactions = transactions
        self._outbox = outbox
        self._channels = channels
        self._clock = clock
        self._audit = audit
        self._dispatcher = Dispatcher(transactions, outbox, channels, clock, audit)
        self.dispatch = self._dispatcher.dispatch

    def tell(
        self,
        t: Transaction,
        key: str,
        severity: Severity,
        title: str,
        body: str,
        ref: str,
        *,
        strategy: str = "",
    ) -> None:
        """Write to the outbox in the caller's transaction; the same key is told once. A strategy that `ref`
        names need not be given."""
        known, _, name = ref.partition(":")
        self._outbox.put(
            t,
            Notification(
                key=key,
                severity=severity,
                title=title,
                body=body,
                ref=ref,
                created_at=self._clock.now(),
                kind=kind_of(key),
                strategy=strategy or (name if known == "strategy" else ""),
            ),
        )

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
        return self._outbox.recent(t, limit=limit, severity=severity, seen=seen, strategy=strategy)

    def told(self, t: Transaction, key: str) -> Notification | None:
        """The notification of this key, if it was told."""
        return self._outbox.get(t, key)

    def unseen(self, t: Transaction, begins: str) -> Sequence[Notification]:
        """Those whose key begins so and that no person has looked at, newest first."""
        return self._outbox.unseen(t, begins)

    def alarms(self, t: Transaction) -> int:
        """How many alarms nobody has acknowledged."""
        return self._outbox.unseen_count(t, Severity.ALARM)

    def acknowledge(self, t: Transaction, key: str, actor: str) -> None:
        """A person has seen it. Raises `NotFound`."""
        now, before = self._clock.now(), self._outbox.get(t, key)
        self._outbox.acknowledge(t, key, at=now)
        seen = before.acknowledged_at if before is not None else None
        self._audit.append(t, actor, "notification.acknowledge", key, {"before": seen, "after": seen or now})

    def acknowledge_all(self, t: Transaction, actor: str) -> int:
        """A person has seen all of them; answers how many nobody had."""
        now, waiting = self._clock.now(), [one.key for one in self._outbox.unseen(t, "")]
        for key in waiting:
            self._outbox.acknowledge(t, key, at=now)
        body = {"keys": waiting}
        self._audit.append(t, actor, "notification.acknowledge", "all", body, before=None, after=now)
        return len(waiting)

    def deliveries(self, t: Transaction, shown: Sequence[Notification]) -> dict[str, Sequence[Delivery]]:
        """How far the messages of these notifications have come, by the notification's key."""
        found: dict[str, list[Delivery]] = {}
        for one in self._outbox.deliveries(t, sorted({n.told_with for n in shown if n.told_with})):
            found.setdefault(one.key, []).append(one)
        return {one.key: found.get(one.told_with, []) for one in shown}

    def channels(self, t: Transaction) -> Sequence[ChannelState]:
        """How each channel does."""
        newest = self._outbox.newest_deliveries(t)
        pending = [one.key for one in self._outbox.pending(t)]
        waiting = [one.channel for one in self._outbox.deliveries(t, pending) if not one.over]
        return [self._state(channel, newest, waiting) for channel in self._channels.all]

    def _state(self, channel: Channel, newest: Sequence[Delivery], waiting: Sequence[str]) -> ChannelState:
        own = [one for one in newest if one.channel == channel.name]
        arrived = [one.delivered_at for one in own if one.delivered_at is not None]
        tried = max(own, key=lambda one: one.tried_at, default=None)
        return ChannelState(
            name=channel.name,
            second=channel in self._channels.second,
            delivered_at=max(arrived, default=None),
            waiting=waiting.count(channel.name),
            problem=tried.problem if tried is not None else "",
        )

    def check(self) -> None:
        """Raise `InvalidInput` for a channel that can never deliver."""
        for channel in self._channels.all:
            channel.check()

    def test(self, actor: str) -> dict[str, str]:
        """Send a message that says it is a test through every channel, quiet hours or not; answers what is
        wrong with each, nothing where it was taken. An audit row tells of it."""
        with self._transactions.read() as t:
            seq, digest = self._audit.head(t)
        key = f"test:{format_instant(self._clock.now())}"
        trial = Notification(
            key=key,
            severity=Severity.INFO,
            title="Glassdesk: a test",
            body=f"Asked for by {actor}. If you read this, the channel works.",
            ref="notifications",
            created_at=self._clock.now(),
        )
        message = messages.compose([trial], f"row {seq} {digest[:16]}")
        found: dict[str, str] = {}
        for channel in self._channels.all:
            try:
                channel.send(message)
                found[channel.name] = ""
            except Unavailable as failure:
                found[channel.name] = failure.problem
        with self._transactions.begin() as t:
            self._audit.append(
                t, actor, "notification.test", key, {"channels": found}, before=None, after=found
            )
        return found
