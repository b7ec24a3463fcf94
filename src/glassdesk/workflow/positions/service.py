"""Verbs of the positions step: what each strategy holds, what the broker says, where they differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.lineage.audit import Audit
from glassdesk.workflow.notifications.model import Severity
from glassdesk.workflow.notifications.service import Notifications
from glassdesk.workflow.order_tracking.fold import PENDING
from glassdesk.workflow.order_tracking.ports import TrackingStore
from glassdesk.workflow.orders.ports import OrderStore
from glassdesk.workflow.positions import breaks, derive
from glassdesk.workflow.positions.model import Break, BrokerPosition, Position
from glassdesk.workflow.positions.ports import PositionStore
from glassdesk.workflow.positions.protection import Protection, Seen, protection

NEWEST = 50
"""Orders of one contract among which its living stop is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """What a comparison with the broker changed."""

    opened: tuple[Break, ...] = ()
    closed: tuple[Break, ...] = ()
    open: tuple[Break, ...] = ()


class Positions:
    """Derived from executions; the broker is truth, and a difference is reported, never repaired."""

    def __init__(
        self,
        store: PositionStore,
        tracking: TrackingStore,
        orders: OrderStore,
        audit: Audit,
        notifications: Notifications,
    ) -> None:
        self._store = store
        self._tracking = tracking
        self._orders = orders
        self._audit = audit
        self._notifications = notifications

    def held(self, t: Transaction, account: str) -> list[Position]:
        """Open positions of all strategies, from our own executions."""
        return derive.positions(self._tracking.fills(t, account))

    def broker(self, t: Transaction, account: str) -> Sequence[BrokerPosition]:
        """What the broker said last."""
        return self._store.broker_positions(t, account)

    def breaks(self, t: Transaction) -> Sequence[Break]:
        """Open differences."""
        return self._store.open_breaks(t)

    def openings(self, t: Transaction, account: str) -> Sequence[BrokerPosition]:
        """The owner's lane: what was there at first sight (`T-11`)."""
        return self._store.openings(t, account)

    def first_sight(
        self, t: Transaction, account: str, stated: Sequence[BrokerPosition], *, seen_at: datetime
    ) -> None:
        """Keep what the account held before the desk as opening rows of the owner's lane (`T-11`)."""
        ours = breaks.expected(self.held(t, account), ())
        for row in stated:
            rest = row.quantity - ours.get(row.conid, breaks.ZERO)
            if rest:
                self._store.put_opening(t, replace(row, quantity=rest), seen_at=seen_at)

    def differences(
        self, t: Transaction, account: str, stated: Sequence[BrokerPosition], now: datetime
    ) -> list[Break]:
        """Where `stated` is not what our executions and openings give; nothing is written."""
        held = self.held(t, account)
        return breaks.find(
            stated,
            breaks.expected(held, self._store.openings(t, account)),
            self._tracking.external_executions(t),
            account=account,
            symbols={p.conid: p.symbol for p in held},
            found_at=now,
        )

    def compare(
        self, t: Transaction, account: str, stated: Sequence[BrokerPosition], *, seen_at: datetime
    ) -> Compared:
        """Store the broker's reading; open, keep and close breaks, with audit rows and notifications."""
        self._store.put_broker_positions(t, account, stated, seen_at=seen_at)
        before = {one.conid: one for one in self._store.open_breaks(t) if one.account == account}
        now = {one.conid: one for one in self.differences(t, account, stated, seen_at)}
        opened = tuple(self._open(t, one) for conid, one in now.items() if conid not in before)
        closed = tuple(self._close(t, one, seen_at) for conid, one in before.items() if conid not in now)
        for conid in now.keys() & before.keys():
            self._store.put_break(t, replace(now[conid], opened_at=before[conid].opened_at))
        return Compared(opened=opened, closed=closed, open=tuple(now.values()))

    def protections(self, t: Transaction, account: str, epoch: int) -> list[Protection]:
        """Every open position with what is known about its stop (`T-32`)."""
        views, elsewhere = [], self._elsewhere(t, account)
        for position in self.held(t, account):
            orders = self._orders.orders(t, strategy=position.strategy, conid=position.conid, limit=NEWEST)
            sightings = {o.order: seen for o in orders if (seen := self._sighting(t, o.order)) is not None}
            at_broker = elsewhere.get(position.conid)
            views.append(protection(position, orders, sightings, epoch, at_broker=at_broker))
        return views

    def _elsewhere(self, t: Transaction, account: str) -> dict[int, Decimal]:
        """What the broker holds of the contracts on which it is not what our executions say."""
        found = [one for one in self._store.open_breaks(t) if one.account == account]
        return {one.conid: one.broker_quantity for one in found}

    def _sighting(self, t: Transaction, order: str) -> Seen | None:
        """What the broker has and has not taken yet protects nothing [F-55]."""
        facts = [fact for fact in self._tracking.facts(t, order) if fact.kind in ("list", "status", "answer")]
        newest = max(facts, key=lambda fact: fact.observed_at, default=None)
        if newest is not None and newest.status.lower() in PENDING:
            return None
        if newest is None:
            return None
        again = self._tracking.sighting(t, order) or newest.observed_at
        return Seen(epoch=newest.epoch, seen_at=max(newest.observed_at, again))

    def _open(self, t: Transaction, found: Break) -> Break:
        self._store.put_break(t, found)
        self._audit.append(t, "dealer", "break.opened", f"conid:{found.conid}", found)
        body = f"broker {found.broker_quantity}, desk {found.derived_quantity}: {found.cause}"
        self._tell(t, found, "opened", found.opened_at, f"{found.symbol}: broker and desk disagree", body)
        return found

    def _close(self, t: Transaction, found: Break, closed_at: datetime) -> Break:
        self._store.close_break(t, found.account, found.conid, closed_at=closed_at)
        self._audit.append(t, "dealer", "break.closed", f"conid:{found.conid}", found)
        self._tell(
            t, found, "closed", found.opened_at, f"{found.symbol}: broker and desk agree again", found.cause
        )
        return found

    def _tell(self, t: Transaction, found: Break, event: str, at: datetime, title: str, body: str) -> None:
        key = f"break:{found.account}:{found.conid}:{at.isoformat()}:{event}"
        severity = Severity.ALARM if event == "opened" else Severity.INFO
        self._notifications.tell(t, key, severity, title, body, f"conid:{found.conid}")
