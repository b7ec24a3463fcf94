"""Verbs of the positions step: what each strategy holds, what the broker says, where they differ."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from glassdesk.kernel.errors import NotFound
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.lineage.audit import Audit
from glassdesk.workflow.notifications.model import Severity
from glassdesk.workflow.notifications.service import Notifications
from glassdesk.workflow.order_tracking.fold import PENDING
from glassdesk.workflow.order_tracking.model import Execution, Fill
from glassdesk.workflow.order_tracking.ports import TrackingStore
from glassdesk.workflow.orders.model import Order, OrderState, Role, Side
from glassdesk.workflow.orders.ports import OrderStore
from glassdesk.workflow.positions import adjustments, breaks, derive, splits
from glassdesk.workflow.positions.lanes import Lanes
from glassdesk.workflow.positions.lapses import Lapse, lapse
from glassdesk.workflow.positions.model import (
    Adjustment,
    AppliedExits,
    Break,
    BreakKind,
    BrokerPosition,
    Position,
)
from glassdesk.workflow.positions.ports import PositionStore
from glassdesk.workflow.positions.protection import (
    UNSEEN,
    Protection,
    Seen,
    protection,
    protects,
    shown,
)

_ALIVE = tuple(state for state in OrderState if not state.final)
_OPEN_FATE = (OrderState.SENDING, OrderState.UNKNOWN, OrderState.NEEDS_OPERATOR)
NEWEST = 50
"""Orders of one contract among which the stop is that protected it last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """What a comparison with the broker changed."""

    opened: tuple[Break, ...] = ()
    closed: tuple[Break, ...] = ()
    open: tuple[Break, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Derived:
    """Positions, and the very rows they were folded from: a store that hands out the same sequence again
    says that nothing came."""

    fills: Sequence[Fill]
    adjustments: Sequence[Adjustment]
    laned: Sequence[Fill]
    positions: tuple[Position, ...]


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
        self.lanes = Lanes(store, audit)
        self._derived: dict[str, _Derived] = {}

    def held(self, t: Transaction, account: str) -> list[Position]:
        """Open positions of all strategies, from our own executions and what a person said of shares."""
        return list(self._derive(t, account).positions)

    def fills(self, t: Transaction, account: str) -> Sequence[Fill]:
        """Our own executions as lots see them: in today's shares, with the shares that changed lanes. The
        very same sequence again says that nothing came."""
        return self._derive(t, account).laned

    def _derive(self, t: Transaction, account: str) -> _Derived:
        fills, said = self._tracking.fills(t, account), self._store.adjustments(t, account)
        known = self._derived.get(account)
        if known is None or known.fills is not fills or known.adjustments != said:
            laned = adjustments.applied(fills, said)
            found = tuple(derive.positions(laned))
            known = _Derived(fills=fills, adjustments=said, laned=laned, positions=found)
            self._derived[account] = known
        return known

    def adjustments(self, t: Transaction, account: str) -> Sequence[Adjustment]:
        """What a person said of shares, oldest first."""
        return self._store.adjustments(t, account)

    def released(self, t: Transaction, account: str) -> frozenset[str]:
        """Orders that were handed to the owner: the desk does not touch them any more (`T-16`)."""
        return frozenset(adjustments.released(self._store.adjustments(t, account)))

    def owners(self, t: Transaction, account: str) -> dict[int, Decimal]:
        """Shares of the owner's lane by contract."""
        return adjustments.owners(
            self._store.openings(t, account),
            self._tracking.fills(t, account),
            self._store.adjustments(t, account),
        )

    def external(self, t: Transaction, account: str, conid: int) -> list[Execution]:
        """Executions of a contract that are not ours and of which no person has said anything yet."""
        said = [one.at for one in self._store.adjustments(t, account) if one.conid == conid]
        since = max(said, default=None)
        found = self._tracking.external_executions(t, conid=conid)
        return [one for one in found if one.account == account and (since is None or one.executed_at > since)]

    def applied_exits(self, t: Transaction, held: Position) -> list[AppliedExits]:
        """Exit rules that a person had hold for this very holding, oldest first (`T-15`)."""
        mine = (held.conid, held.strategy, held.opened_at)
        rows = self._store.exit_rules(t, held.account)
        return [one for one in rows if (one.conid, one.strategy, one.opened_at) == mine]

    def broker(self, t: Transaction, account: str) -> Sequence[BrokerPosition]:
        """What the broker said last."""
        return self._store.broker_positions(t, account)

    def breaks(self, t: Transaction) -> Sequence[Break]:
        """Open differences."""
        return self._store.open_breaks(t)

    def openings(self, t: Transaction, account: str) -> Sequence[BrokerPosition]:
        """The owner's lane: what was there at first sight (`T-11`)."""
        return self._store.openings(t, account)

    def named(self, t: Transaction, account: str, wanted: str) -> str:
        """The symbol of something held, broken or the owner's, by symbol or conid. Raises `NotFound`."""
        rows: tuple[Position | Break | BrokerPosition, ...] = (
            *self.held(t, account),
            *self.breaks(t),
            *self.broker(t, account),
        )
        for row in rows:
            if wanted.strip().upper() in (row.symbol.upper(), str(row.conid)):
                return row.symbol
        raise NotFound(f"nothing is held of {wanted!r}", where="symbol", remedy="positions shows what is")

    def first_sight(
        self, t: Transaction, account: str, stated: Sequence[BrokerPosition], *, seen_at: datetime
    ) -> None:
        """Keep what the account held before the desk as opening rows of the owner's lane (`T-11`)."""
        ours = breaks.expected(self.held(t, account), {})
        for row in stated:
            rest = row.quantity - ours.get(row.conid, breaks.ZERO)
            if rest:
                self._store.put_opening(t, replace(row, quantity=rest), seen_at=seen_at)

    def differences(
        self, t: Transaction, account: str, stated: Sequence[BrokerPosition], now: datetime
    ) -> list[Break]:
        """Where `stated` is not what our executions and openings give; nothing is written."""
        held = self.held(t, account)
        derived = breaks.expected(held, self.owners(t, account))
        conids = breaks.differing(stated, derived)
        return breaks.find(
            stated,
            derived,
            [one for conid in conids for one in self.external(t, account, conid)],
            account=account,
            symbols={p.conid: p.symbol for p in held},
            found_at=now,
        )

    def compare(
        self, t: Transaction, account: str, stated: Sequence[BrokerPosition], *, seen_at: datetime
    ) -> Compared:
        """Store the broker's reading; open, keep and close breaks, with audit rows and notifications."""
        prices = {row.conid: row.market_price for row in self._store.broker_positions(t, account)}
        self._store.put_broker_positions(t, account, stated, seen_at=seen_at)
        before = {one.conid: one for one in self._store.open_breaks(t) if one.account == account}
        found = self.differences(t, account, stated, seen_at)
        now = {one.conid: self._judged(t, one, before.get(one.conid), prices, stated) for one in found}
        opened = tuple(self._open(t, one) for conid, one in now.items() if conid not in before)
        closed = tuple(self._close(t, one, seen_at) for conid, one in before.items() if conid not in now)
        for conid in now.keys() & before.keys():
            kept = replace(now[conid], opened_at=before[conid].opened_at)
            if kept != before[conid]:
                self._store.put_break(t, kept)
        return Compared(opened=opened, closed=closed, open=tuple(now.values()))

    def _judged(
        self,
        t: Transaction,
        found: Break,
        known: Break | None,
        prices: Mapping[int, Decimal | None],
        stated: Sequence[BrokerPosition],
    ) -> Break:
        """What a difference looks like. A split is seen at the reading in which the price changed with it."""
        if found.kind is BreakKind.HAND_TRADE:
            return found
        same = known is not None and known.difference == found.difference
        if known is not None and same and known.kind is not BreakKind.UNEXPLAINED:
            return replace(
                found,
                kind=known.kind,
                cause=known.cause,
                split_new=known.split_new,
                split_old=known.split_old,
            )
        price = next((row.market_price for row in stated if row.conid == found.conid), None)
        before = prices.get(found.conid)
        proportion = splits.terms(found.derived_quantity, found.broker_quantity, before, price)
        if proportion is not None:
            new, old = proportion
            cause = f"a split {new}:{old}: the price went from {before} to {price}"
            return replace(found, kind=BreakKind.SPLIT, cause=cause, split_new=new, split_old=old)
        open_fate = self._orders.orders(t, states=_OPEN_FATE, conid=found.conid)
        if found.cause == breaks.UNEXPLAINED and not open_fate:
            return replace(
                found, kind=BreakKind.TRANSFER, cause="no execution: moved in or out of the account"
            )
        return found

    def protections(self, t: Transaction, account: str, epoch: int) -> list[Protection]:
        """Every open position with what is known about its stop (`T-32`)."""
        views, elsewhere, theirs = [], self._elsewhere(t, account), self.released(t, account)
        alive = [order for order in self._orders.orders(t, states=_ALIVE) if order.order not in theirs]
        for position in self.held(t, account):
            stops = [stop for stop in self._stops(t, position, alive) if stop.order not in theirs]
            sightings = {
                s.order: seen for s in shown(stops) if (seen := self._sighting(t, s.order)) is not None
            }
            at_broker = elsewhere.get(position.conid)
            views.append(protection(position, stops, sightings, epoch, at_broker=at_broker))
        return views

    def lapse(self, t: Transaction, view: Protection) -> Lapse:
        """What facts tell of when a position that is not protected lost its stop (`T-33`): whoever looks next
        counts from the same instants."""
        past = self._orders.orders(t, strategy=view.strategy, conid=view.conid, limit=NEWEST)
        stops = [order for order in past if order.role is Role.STOP and order.account == view.account]
        facts = {stop.order: self._tracking.facts(t, stop.order) for stop in stops}
        again = {stop.order: self._tracking.sighting(t, stop.order) for stop in stops}
        bought = [
            fill.execution.executed_at
            for fill in self._tracking.fills(t, view.account, conid=view.conid)
            if fill.execution.side is Side.BUY
        ]
        return lapse(facts, again, bought, view.needed)

    def _stops(self, t: Transaction, position: Position, alive: Iterable[Order]) -> list[Order]:
        """Those that are not over; where nothing of them protects, those of the past too."""
        here = [order for order in alive if protects(order, position)]
        if any(stop.state.at_broker or stop.state in UNSEEN for stop in here):
            return here
        past = self._orders.orders(t, strategy=position.strategy, conid=position.conid, limit=NEWEST)
        return [order for order in past if protects(order, position)]

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
