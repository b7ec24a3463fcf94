"""Notifications: the outbox, and how far each message has come on each channel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import (
    Column,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Select,
    Table,
    func,
    literal,
    or_,
    select,
    tuple_,
    update,
)

from glassdesk.adapters.database import rows
from glassdesk.adapters.database.schema import metadata
from glassdesk.adapters.database.transactions import unit
from glassdesk.adapters.database.types import Instant, Word, Words
from glassdesk.kernel.errors import NotFound
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.notifications.model import Delivery, Notification, Severity
from glassdesk.workflow.notifications.ports import Outbox

outbox = Table(
    "notifications",
    metadata,
    Column("key", Words, primary_key=True),
    Column("severity", Word(Severity), nullable=False),
    Column("title", Words, nullable=False),
    Column("body", Words, nullable=False),
    Column("ref", Words, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("kind", Words, nullable=False),
    Column("strategy", Words, nullable=False),
    Column("told_at", Instant),
    Column("told_with", Words, nullable=False),
    Column("sent_at", Instant),
    Column("attempts", Integer, nullable=False),
    Column("acknowledged_at", Instant),
    Index("ix_notifications_sent_at", "sent_at", "created_at"),
    Index("ix_notifications_created_at", "created_at"),
    Index("ix_notifications_told_at", "told_at"),
    Index("ix_notifications_told_with", "told_with"),
    Index("ix_notifications_acknowledged_at", "acknowledged_at", "severity"),
)

_deliveries = Table(
    "deliveries",
    metadata,
    Column("key", Words, ForeignKey("notifications.key"), nullable=False),
    Column("channel", Words, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("tried_at", Instant, nullable=False),
    Column("next_at", Instant, nullable=False),
    Column("delivered_at", Instant),
    Column("gave_up_at", Instant),
    Column("problem", Words, nullable=False),
    PrimaryKeyConstraint("key", "channel"),
    Index("ix_deliveries_channel", "channel", "tried_at"),
)

_ROW = rows.select_value(outbox, Notification)
_DELIVERY = rows.select_value(_deliveries, Delivery)


class DatabaseOutbox(Outbox):
    """Notifications, as rows."""

    def put(self, t: Transaction, notification: Notification) -> None:
        rows.insert_new(unit(t), outbox, rows.fields_of(notification))

    def get(self, t: Transaction, key: str) -> Notification | None:
        found = _found(t, _ROW.where(outbox.c.key == key))
        return found[0] if found else None

    def unsent(self, t: Transaction, *, limit: int = 1000) -> Sequence[Notification]:
        return _found(t, _urgent(_ROW.where(outbox.c.sent_at.is_(None), outbox.c.told_at.is_(None)), limit))

    def pending(self, t: Transaction, *, limit: int = 1000) -> Sequence[Notification]:
        told = _ROW.where(outbox.c.sent_at.is_(None), outbox.c.told_with == outbox.c.key)
        return _found(t, _urgent(told, limit))

    def together(self, t: Transaction, key: str) -> Sequence[Notification]:
        # the one that gave the message its key comes first, whatever the instants say
        own = (outbox.c.key != key, outbox.c.created_at, outbox.c.key)
        return _found(t, _ROW.where(outbox.c.told_with == key).order_by(*own))

    def told_since(self, t: Transaction, since: datetime) -> Mapping[tuple[str, str], datetime]:
        columns = (outbox.c.strategy, outbox.c.kind)
        statement = select(*columns, func.max(outbox.c.told_at).label("at")).group_by(*columns)
        found = unit(t).execute(statement.where(outbox.c.told_at > since))
        return {(row.strategy, row.kind): row.at for row in found}

    def tell_together(self, t: Transaction, keys: Sequence[str], *, at: datetime) -> None:
        change = update(outbox).where(outbox.c.key.in_(keys), outbox.c.told_at.is_(None))
        unit(t).execute(change.values(told_at=at, told_with=keys[0]))

    def settle(self, t: Transaction, key: str, *, at: datetime) -> None:
        unit(t).execute(update(outbox).where(outbox.c.told_with == key).values(sent_at=at))

    def deliveries(self, t: Transaction, keys: Sequence[str]) -> Sequence[Delivery]:
        statement = _DELIVERY.where(_deliveries.c.key.in_(keys))
        found = unit(t).execute(statement.order_by(_deliveries.c.key, _deliveries.c.channel))
        return rows.values(Delivery, found)

    def put_delivery(self, t: Transaction, delivery: Delivery) -> None:
        rows.put(unit(t), _deliveries, rows.fields_of(delivery))
        change = update(outbox).where(outbox.c.key == delivery.key, outbox.c.attempts < delivery.attempts)
        unit(t).execute(change.values(attempts=delivery.attempts))

    def newest_deliveries(self, t: Transaction) -> Sequence[Delivery]:
        channel = _deliveries.c.channel
        newest = [
            tuple_(channel, column).in_(select(channel, func.max(column)).group_by(channel))
            for column in (_deliveries.c.tried_at, _deliveries.c.delivered_at)
        ]
        return rows.values(Delivery, unit(t).execute(_DELIVERY.where(or_(*newest))))

    def acknowledge(self, t: Transaction, key: str, *, at: datetime) -> None:
        # what was seen once stays seen then
        seen = func.coalesce(outbox.c.acknowledged_at, literal(at, Instant()))
        change = update(outbox).where(outbox.c.key == key).values(acknowledged_at=seen)
        if unit(t).execute(change).rowcount == 0:
            raise NotFound(f"there is no notification {key!r}")

    def unseen(self, t: Transaction, begins: str) -> Sequence[Notification]:
        waiting = _ROW.where(rows.starts_with(outbox.c.key, begins), outbox.c.acknowledged_at.is_(None))
        return _found(t, _newest(waiting))

    def unseen_count(self, t: Transaction, severity: Severity) -> int:
        waiting = select(func.count()).where(outbox.c.acknowledged_at.is_(None))
        return int(unit(t).execute(waiting.where(outbox.c.severity == severity)).scalar_one())

    def recent(
        self,
        t: Transaction,
        *,
        limit: int = 200,
        severity: Severity | None = None,
        seen: bool | None = None,
        strategy: str | None = None,
    ) -> Sequence[Notification]:
        statement = _ROW
        if severity is not None:
            statement = statement.where(outbox.c.severity == severity)
        if seen is not None:
            at = outbox.c.acknowledged_at
            statement = statement.where(at.is_not(None) if seen else at.is_(None))
        if strategy is not None:
            statement = statement.where(outbox.c.strategy == strategy)
        return _found(t, _newest(statement).limit(limit))


def _found(t: Transaction, statement: Select[tuple[object, ...]]) -> Sequence[Notification]:
    return rows.values(Notification, unit(t).execute(statement))


def _newest(statement: Select[tuple[object, ...]]) -> Select[tuple[object, ...]]:
    return statement.order_by(outbox.c.created_at.desc(), outbox.c.key)


def _urgent(statement: Select[tuple[object, ...]], limit: int) -> Select[tuple[object, ...]]:
    calm = outbox.c.severity != Severity.ALARM
    return statement.order_by(calm, outbox.c.created_at, outbox.c.key).limit(limit)
