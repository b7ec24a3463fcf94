"""Leases: who may act, with a fence that only grows."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import BigInteger, Column, Table, bindparam, exists, func, or_, select, update

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


MINE = exists(
    select(leases.c.name).where(
        leases.c.name == bindparam("lease_name"),
        leases.c.owner == bindparam("lease_owner"),
        leases.c.fence == bindparam("lease_fence"),
    )
)
"""True, inside any statement, while the lease is its holder's: `holder_of` gives the parameters."""

_HELD = select(MINE)
_HOLDER = rows.select_value(leases, Lease).where(
    leases.c.name == bindparam("lease_name"), leases.c.owner.is_not(None)
)
_RENEWED = (
    update(leases)
    .where(leases.c.name == bindparam("lease_name"), leases.c.owner == bindparam("lease_owner"))
    .values(until=bindparam("lease_until"))
)
_TAKEN = (
    update(leases)
    .where(
        leases.c.name == bindparam("lease_name"),
        or_(leases.c.owner.is_(None), leases.c.until <= bindparam("lease_now")),
    )
    .values(owner=bindparam("lease_owner"), until=bindparam("lease_until"), fence=leases.c.fence + 1)
)


def holder_of(lease: Lease) -> dict[str, object]:
    """The parameters of `MINE`."""
    return {"lease_name": lease.name, "lease_owner": lease.owner, "lease_fence": lease.fence}


def held(work: Unit, lease: Lease) -> bool:
    """The lease is its holder's now."""
    return bool(work.execute(_HELD, holder_of(lease)).scalar())


class DatabaseLeaseStore(LeaseStore):
    """Leases, as rows. With `database_clock` the database's time decides: hosts disagree."""

    def __init__(self, *, database_clock: bool = False) -> None:
        self._database_clock = database_clock

    def acquire(
        self, t: Transaction, name: str, owner: str, *, now: datetime, ttl: timedelta
    ) -> Lease | None:
        work = unit(t)
        instant = self._now(work, now)
        wanted = {"lease_name": name, "lease_owner": owner, "lease_until": instant + ttl}
        if work.execute(_RENEWED, wanted).rowcount == 0:
            rows.insert_new(work, leases, {"name": name, "owner": None, "fence": 0, "until": instant})
            if work.execute(_TAKEN, {**wanted, "lease_now": instant}).rowcount == 0:
                return None
        return self.holder(t, name)

    def holds(self, t: Transaction, lease: Lease) -> bool:
        return held(unit(t), lease)

    def release(self, t: Transaction, lease: Lease) -> None:
        mine = (leases.c.name == lease.name, leases.c.owner == lease.owner, leases.c.fence == lease.fence)
        unit(t).execute(update(leases).where(*mine).values(owner=None))

    def holder(self, t: Transaction, name: str) -> Lease | None:
        return rows.optional(Lease, unit(t).execute(_HOLDER, {"lease_name": name}).first())

    def void_all(self, t: Transaction, *, now: datetime) -> int:
        work = unit(t)
        ended = update(leases).where(leases.c.owner.is_not(None)).values(owner=None, until=now)
        return work.execute(ended).rowcount + void_claims(work, now)

    def _now(self, work: Unit, now: datetime) -> datetime:
        if not self._database_clock or work.dialect == "sqlite":
            return now
        instant: datetime = work.execute(select(func.now())).scalar_one()
        return instant
