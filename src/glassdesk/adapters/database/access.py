"""Access: the owner, links that sign in once, and failed attempts."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, Column, Integer, Table, func, select, update

from glassdesk.adapters.database import rows
from glassdesk.adapters.database.schema import metadata
from glassdesk.adapters.database.transactions import unit
from glassdesk.adapters.database.types import Counter, Instant, Words
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.access.model import OneTimeLink, Owner
from glassdesk.workflow.access.ports import AccessStore

_owner = Table(
    "owner",
    metadata,
    Column("one", Integer, CheckConstraint("one = 1", name="only"), primary_key=True, autoincrement=False),
    Column("password_hash", Words),
    Column("session_generation", Integer, nullable=False),
)

_links = Table(
    "one_time_links",
    metadata,
    Column("token_sha256", Words, primary_key=True),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("used_at", Instant),
)

_failures = Table(
    "sign_in_failures",
    metadata,
    Column("id", Counter, primary_key=True),
    Column("at", Instant, nullable=False, index=True),
)


class DatabaseAccessStore(AccessStore):
    """Owner, links and failures, as rows."""

    def owner(self, t: Transaction) -> Owner:
        row = unit(t).execute(rows.select_value(_owner, Owner)).first()
        return rows.optional(Owner, row) or Owner(password_hash=None)

    def put_owner(self, t: Transaction, owner: Owner) -> None:
        rows.put(unit(t), _owner, {"one": 1, **rows.fields_of(owner)})

    def put_link(self, t: Transaction, link: OneTimeLink) -> None:
        rows.insert(unit(t), _links, rows.fields_of(link))

    def use_link(self, t: Transaction, token_sha256: str, *, now: datetime) -> bool:
        usable = (
            _links.c.token_sha256 == token_sha256,
            _links.c.used_at.is_(None),
            _links.c.expires_at > now,
        )
        return unit(t).execute(update(_links).where(*usable).values(used_at=now)).rowcount == 1

    def failures_since(self, t: Transaction, since: datetime) -> int:
        statement = select(func.count()).select_from(_failures).where(_failures.c.at >= since)
        failures: int = unit(t).execute(statement).scalar_one()
        return failures

    def add_failure(self, t: Transaction, *, at: datetime) -> None:
        rows.insert(unit(t), _failures, {"at": at})
