"""Notifications: the outbox."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Column, Index, Integer, Table, update

from glassdesk.adapters.database import rows
from glassdesk.adapters.database.schema import metadata
from glassdesk.adapters.database.transactions import unit
from glassdesk.adapters.database.types import Instant, Word, Words
from glassdesk.kernel.errors import NotFound
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.notifications.model import Notification, Severity
from glassdesk.workflow.notifications.ports import Outbox

_outbox = Table(
    "notifications",
    metadata,
    Column("key", Words, primary_key=True),
    Column("severity", Word(Severity), nullable=False),
    Column("title", Words, nullable=False),
    Column("body", Words, nullable=False),
    Column("ref", Words, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("sent_at", Instant),
    Column("attempts", Integer, nullable=False),
    Column("acknowledged_at", Instant),
    Index("ix_notifications_sent_at", "sent_at", "created_at"),
    Index("ix_notifications_created_at", "created_at"),
)

_ROW = rows.select_value(_outbox, Notification)


class DatabaseOutbox(Outbox):
    """Notifications, as rows."""

    def put(self, t: Transaction, notification: Notification) -> None:
        rows.insert_new(unit(t), _outbox, rows.fields_of(notification))

    def unsent(self, t: Transaction, *, limit: int = 50) -> Sequence[Notification]:
        oldest = _ROW.where(_outbox.c.sent_at.is_(None)).order_by(_outbox.c.created_at, _outbox.c.key)
        return rows.values(Notification, unit(t).execute(oldest.limit(limit)))

    def mark(self, t: Transaction, key: str, *, sent_at: datetime | None) -> None:
        change = {"attempts": _outbox.c.attempts + 1, "sent_at": sent_at}
        unit(t).execute(update(_outbox).where(_outbox.c.key == key).values(change))

    def acknowledge(self, t: Transaction, key: str, *, at: datetime) -> None:
        change = update(_outbox).where(_outbox.c.key == key).values(acknowledged_at=at)
        if unit(t).execute(change).rowcount == 0:
            raise NotFound(f"there is no notification {key!r}")

    def unseen(self, t: Transaction, begins: str) -> Sequence[Notification]:
        waiting = _ROW.where(rows.starts_with(_outbox.c.key, begins), _outbox.c.acknowledged_at.is_(None))
        newest = waiting.order_by(_outbox.c.created_at.desc(), _outbox.c.key)
        return rows.values(Notification, unit(t).execute(newest))

    def recent(self, t: Transaction, *, limit: int = 200) -> Sequence[Notification]:
        newest = _ROW.order_by(_outbox.c.created_at.desc(), _outbox.c.key).limit(limit)
        return rows.values(Notification, unit(t).execute(newest))
