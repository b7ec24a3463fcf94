"""What the dealer remembers while it holds the lease; a new fence begins with a new memory."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from glassdesk.kernel.errors import Unavailable
from glassdesk.kernel.leases import Lease
from glassdesk.workflow.order_tracking.model import OrderRow
from glassdesk.workflow.order_tracking.service import Observation


@dataclass(slots=True)
class Due:
    """Instants at which something is to be done next."""

    instants: list[datetime] = field(default_factory=list)

    def at(self, instant: datetime) -> None:
        """Something is due then."""
        self.instants.append(instant)

    def first(self, *, after: datetime) -> datetime | None:
        """The earliest later than that; what was due before was done or could not be done in this turn."""
        return min((instant for instant in self.instants if instant > after), default=None)


@dataclass(slots=True)
class Reign:
    """One holder's memory. Everything in it can be lost: facts and rows are in the database."""

    lease: Lease
    began_at: datetime
    epoch: int = 0
    ready: bool = False
    looked_at: datetime | None = None
    repair_at: datetime | None = None
    """When a session that is not ready is looked at again."""
    reconciled_epoch: int = -1
    """The epoch in which one full reconciliation succeeded: no send before it (R-START)."""
    rows: tuple[OrderRow, ...] = ()
    listed_at: datetime | None = None
    """When the last complete list was read."""
    listed_rows: int = 0
    """How many rows it had, those of other accounts too: a full list may be cut off."""
    second_at: datetime | None = None
    """When the second channel was last looked through without a sighting (§2.6)."""
    blind_since: datetime | None = None
    """Since when the list says nothing."""
    tried_at: datetime | None = None
    traded_at: datetime | None = None
    positions_at: datetime | None = None
    changed_at: datetime | None = None
    """When a fact last changed a row: reading stays fast for 2 min (`T-58`)."""
    forced: bool = False
    """A person asked for a comparison: read at once."""
    hinted: bool = False
    """The stream said that something happened: read as soon as pacing allows."""
    stale: bool = True
    """Positions and balances no longer fit what is known."""
    unprotected: dict[int, datetime] = field(default_factory=dict)
    unread: tuple[Unavailable, ...] = ()
    """Why the last reading had no list of orders, no trades, or neither."""
    held_up: Unavailable | None = None
    """Why positions and balances could not be compared in this pass."""
    kept_at: datetime | None = None
    """When positions were last read only to see that no sell promises more."""
    failing_since: datetime | None = None
    whole: bool = False
    """The last pass came to its end: everything was looked at."""
    vanished: dict[str, tuple[datetime, int]] = field(default_factory=dict)
    """Stops that no list shows: since when, and how often they were asked for by id."""
    looked_up: dict[str, datetime] = field(default_factory=dict)
    """When an order whose cancel was taken was last asked for by its id."""
    verified: set[tuple[str, int]] = field(default_factory=set)
    """(stop order, epoch) that were asked for by id."""
    again: dict[str, datetime] = field(default_factory=dict)
    """When an entry that waits for a quote or a what-if is looked at next, by intent."""
    guarded: tuple[datetime | None, datetime | None] | None = None
    guarded_at: datetime | None = None
    """When the guards were looked at last, and what had changed until then."""
    snapshot_tried: datetime | None = None
    switched_at: datetime | None = None
    """When the switches were looked up last (`T-60`)."""
    reminded_until: datetime | None = None
    """When the unlock of a live account is looked at next (`T-61`)."""
    due: Due = field(default_factory=Due)

    @property
    def may_send(self) -> bool:
        return self.ready and self.reconciled_epoch == self.epoch

    @property
    def failure(self) -> Unavailable | None:
        """A reading that failed: no entry goes out, and nothing is called compared, until all answer."""
        return next(iter(self.unread), self.held_up)

    def seen(self, now: datetime) -> Observation:
        """An observation of this instant, under this lease."""
        return Observation(seen_at=now, epoch=self.epoch, lease=self.lease)

    def row_of(self, broker_order_id: str | None) -> OrderRow | None:
        """The broker's row in the last list."""
        return next((row for row in self.rows if row.broker_order_id == broker_order_id), None)
