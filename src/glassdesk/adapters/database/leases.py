"""Leases: who may act, with a fence that only grows."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import BigInteger, Column, ColumnElement, Table, exists, func, or_, select, update

from glassdesk.adapters.database import rows
from glassdesk.adapters.database.runs import void_claims
from glassdesk.adapters.database.schema import metadata
from glassdesk.adapters.database.transactions import Unit, unit
from glassdesk.adapters.database.types import Instant, Words
from glassdesk.kernel.leases import Lease, LeaseStore
from glassdesk.kernel.unit_of_work import Transaction

leases = Table(
    "leases",
    metadata,
    Column("name", Words, primary_key=True),
    Column("owner", Words),
    Column("fence", BigInteger, nullable=False),
    Column("until", Instant, nullable=False),
)


def held(lease: Lease) -> ColumnElement[bool]:
    """True, inside any statement, while the lease is its holder's."""
    mine = (leases.c.name == lease.name, leases.c.owner == lease.owner, leases.c.fence == lease.fence)
    return exists(select(leases.c.name).where(*mine))


class DatabaseLeaseStore(LeaseStore):
    """Leases, as rows. With `database_clock` the database's time decides: hosts disagree."""

    def __init__(self, *, database_clock: bool = False) -> None:
        self._database_clock = database_clock

    def acquire(
        self, t: Transaction, name: str, owner: str, *, now: datetime, ttl: timedelta
    ) -> Lease | None:
        work = unit(t)
        instant = self._now(work, now)
        until = instant + ttl
        rows.insert_new(work, leases, {"name": name, "owner": None, "fence": 0, "until": instant})
        renewed = update(leases).where(leases.c.name == name, leases.c.owner == owner).values(until=until)
        if work.execute(renewed).rowcount == 0:
            free = or_(leases.c.owner.is_(None), leases.c.until <= instant)
            taken = {"owner": owner, "until": until, "fence": leases.c.fence + 1}
            if work.execute(update(leases).where(leases.c.name == name, free).values(taken)).rowcount == 0:
                return None
        return self.holder(t, name)

    def holds(self, t: Transaction, lease: Lease) -> bool:
        return bool(unit(t).execute(select(held(lease))).scalar())

    def release(self, t: Transaction, lease: Lease) -> None:
        mine = (leases.c.name == lease.name, leases.c.owner == lease.owner, leases.c.fence == lease.fence)
        unit(t).execute(update(leases).where(*mine).values(owner=None))

    def holder(self, t: Transaction, name: str) -> Lease | None:
        statement = rows.select_value(leases, Lease).where(leases.c.name == name, leases.c.owner.is_not(None))
        return rows.optional(Lease, unit(t).execute(statement).first())

    def void_all(self, t: Transaction, *, now: datetime) -> int:
        work = unit(t)
        ended = update(leases).where(leases.c.owner.is_not(None)).values(owner=None, until=now)
        return work.execute(ended).rowcount + void_claims(work, now)

    def _now(self, work: Unit, now: datetime) -> datetime:
        if not self._database_clock or work.dialect == "sqlite":
            return now
        instant: datetime = work.execute(select(func.now())).scalar_one()
        return instant
