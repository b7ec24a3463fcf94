"""From the outbox to every channel, at least once: claimed in one transaction, sent outside of any, the
outcome noted in another (`reliability.md` §2.11)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from glassdesk.kernel.clock import Clock
from glassdesk.kernel.errors import GlassdeskError
from glassdesk.kernel.unit_of_work import Transaction, Transactions
from glassdesk.workflow.lineage.audit import Audit
from glassdesk.workflow.notifications import messages, retry
from glassdesk.workflow.notifications.model import (
    COLLAPSE,
    SECOND_AFTER,
    Delivery,
    Message,
    Notification,
    Severity,
)
from glassdesk.workflow.notifications.ports import Channel, Outbox
from glassdesk.workflow.notifications.quiet import QuietHours


@dataclass(frozen=True, slots=True, kw_only=True)
class Channels:
    """Where messages go, and when they wait."""

    first: tuple[Channel, ...] = ()
    """Every message, at once."""
    second: tuple[Channel, ...] = ()
    """Alarms that nobody has acknowledged after two minutes."""
    quiet: QuietHours | None = None

    @property
    def all(self) -> tuple[Channel, ...]:
        """Both."""
        return (*self.first, *self.second)


Known = Mapping[tuple[str, str], Delivery]
"""How far messages have come, by key and channel."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Try:
    """One message on one channel, claimed."""

    message: Message
    channel: Channel
    delivery: Delivery
    last: bool
    """A day is over: where this fails too, it is given up."""


class Dispatcher:
    """Any number may run, in several processes: a try is claimed before it is made."""

    def __init__(
        self, transactions: Transactions, outbox: Outbox, channels: Channels, clock: Clock, audit: Audit
    ) -> None:
        self._transactions = transactions
        self._outbox = outbox
        self._channels = channels
        self._clock = clock
        self._audit = audit

    def dispatch(self, *, only: Severity | None = None) -> int:
        """Send what is due and answer how many messages were taken; with `only`, messages of that severity.
        What one channel refuses is tried again on that channel alone."""
        now = self._clock.now()
        with self._transactions.read() as t:
            if not self._something(t, now, only):
                return 0
        with self._transactions.begin() as t:
            tries = self._claim(t, now, only)
            if not tries:
                self._settle(t, only)
        outcomes = [(one, _sent(one)) for one in tries]
        if outcomes:
            with self._transactions.begin() as t:
                for one, problem in outcomes:
                    self._outbox.put_delivery(t, self._noted(one, problem))
                self._settle(t, only)
        return sum(problem is None for _, problem in outcomes)

    def _something(self, t: Transaction, now: datetime, only: Severity | None) -> bool:
        """True where a message is to be made, tried, or closed."""
        if self._ready(t, now, only):
            return True
        leads = _of(only, self._outbox.pending(t))
        known = self._known(t, leads)
        return any(self._due(one, known, now) or self._over(one, known) for one in leads)

    def _ready(self, t: Transaction, now: datetime, only: Severity | None) -> list[list[Notification]]:
        waiting = _of(only, self._outbox.unsent(t))
        told = self._outbox.told_since(t, now - COLLAPSE) if waiting else {}
        return messages.ready(waiting, told, now, self._held)

    def _held(self, severity: Severity, now: datetime) -> bool:
        quiet = self._channels.quiet
        return quiet is not None and quiet.holds(severity, now)

    def _known(self, t: Transaction, leads: Sequence[Notification]) -> Known:
        found = self._outbox.deliveries(t, [lead.key for lead in leads])
        return {(one.key, one.channel): one for one in found}

    def _claim(self, t: Transaction, now: datetime, only: Severity | None) -> list[_Try]:
        for members in self._ready(t, now, only):
            self._outbox.tell_together(t, [one.key for one in members], at=now)
        leads = _of(only, self._outbox.pending(t))
        known = self._known(t, leads)
        seq, digest = self._audit.head(t)
        return [
            self._try(t, message, channel, known.get((lead.key, channel.name)), lead, now)
            for lead in leads
            if (due := self._due(lead, known, now))
            for message in [messages.compose(self._outbox.together(t, lead.key), f"row {seq} {digest[:16]}")]
            for channel in due
        ]

    def _due(self, lead: Notification, known: Known, now: datetime) -> list[Channel]:
        """The channels on which the message is to be tried now."""
        unheard = _second_wanted(lead) and now - lead.created_at >= SECOND_AFTER
        wanting = self._channels.all if unheard else self._channels.first
        rows = [(channel, known.get((lead.key, channel.name))) for channel in wanting]
        return [channel for channel, row in rows if row is None or (not row.over and row.next_at <= now)]

    def _over(self, lead: Notification, known: Known) -> bool:
        """Every channel has the message or has given up, and no second channel waits."""
        needed = self._channels.all if _second_wanted(lead) else self._channels.first
        rows = [known.get((lead.key, channel.name)) for channel in needed]
        return all(row is not None and row.over for row in rows)

    def _settle(self, t: Transaction, only: Severity | None) -> None:
        now, leads = self._clock.now(), _of(only, self._outbox.pending(t))
        known = self._known(t, leads)
        for lead in leads:
            if self._over(lead, known):
                self._outbox.settle(t, lead.key, at=now)

    def _try(
        self,
        t: Transaction,
        message: Message,
        channel: Channel,
        known: Delivery | None,
        lead: Notification,
        now: datetime,
    ) -> _Try:
        attempts = (known.attempts if known else 0) + 1
        claim = Delivery(
            key=message.key,
            channel=channel.name,
            attempts=attempts,
            tried_at=now,
            next_at=retry.next_try(attempts, now),
            problem=known.problem if known else "",
        )
        self._outbox.put_delivery(t, claim)
        last = retry.given_up(lead.told_at or now, now)
        return _Try(message=message, channel=channel, delivery=claim, last=last)

    def _noted(self, one: _Try, problem: str | None) -> Delivery:
        now = self._clock.now()
        if problem is None:
            return replace(one.delivery, delivered_at=now, problem="")
        return replace(one.delivery, problem=problem, gave_up_at=now if one.last else None)


def _of(only: Severity | None, waiting: Sequence[Notification]) -> list[Notification]:
    return [one for one in waiting if only in (None, one.severity)]


def _second_wanted(lead: Notification) -> bool:
    return lead.severity is Severity.ALARM and lead.acknowledged_at is None


def _sent(one: _Try) -> str | None:
    """Nothing where the channel took it, else what is wrong."""
    try:
        one.channel.send(one.message)
    except GlassdeskError as failure:
        return failure.problem
    return None
