"""A position with its stop, its mark, and the broker's word on the same contract."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from glassdesk.desk import Desk
from glassdesk.kernel.ids import Leg
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.dealing.exit_rules import InForce, differences
from glassdesk.workflow.orders.model import Order, Role
from glassdesk.workflow.positions.adjustments import price_since
from glassdesk.workflow.positions.expiry import end_of
from glassdesk.workflow.positions.model import BrokerPosition, Position
from glassdesk.workflow.positions.protection import Protection, ProtectionState

EXCHANGE = "XNYS"
"""Calendar of everything this version trades (`T-18`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionView:
    """One row of the page."""

    position: Position
    protection: Protection | None
    broker: BrokerPosition | None
    mark: Decimal | None
    target: Decimal | None
    parking: bool
    """The target is a parking target, not one of the strategy's."""
    expires: date | None
    """When the broker ends the stop by itself (`T-34`)."""
    asleep_until: datetime | None
    """Outside regular hours: when the stop wakes."""
    rules: InForce | None
    """The exit rules that hold (`T-15`); `None` where nobody knows."""
    risk: Decimal | None
    """What one R of the position is: purchase less the stop it was bought with, for all shares."""

    @property
    def unrealised(self) -> Decimal | None:
        """At the mark, before commissions."""
        if self.mark is None:
            return None
        return (self.mark - self.position.average_price) * self.position.quantity

    @property
    def in_r(self) -> Decimal | None:
        """Unrealised profit in R (`T-72`)."""
        if self.unrealised is None or not self.risk:
            return None
        return self.unrealised / self.risk

    @property
    def words(self) -> str:
        """The state of the stop in words."""
        state = self.protection.state if self.protection else ProtectionState.NONE
        return _WORDS[state]

    @property
    def waiting_rules(self) -> str:
        """What the newest version of its strategy would change; empty where nothing waits."""
        return differences(self.rules.plan, self.rules.newest_plan) if self.rules else ""

    @property
    def at_risk(self) -> Decimal | None:
        """Lost if the stop fills at its price, from the mark."""
        stop = self.protection.stop_price if self.protection else None
        return None if self.mark is None or stop is None else (self.mark - stop) * self.position.quantity

    @property
    def safe(self) -> bool:
        """True while a stop is known to live."""
        return self.protection is not None and self.protection.state is ProtectionState.LIVE


def average_r(rows: Sequence[PositionView]) -> Decimal | None:
    """The mean of what open positions have gained in R; `None` where one is not known."""
    known = [row.in_r for row in rows if row.in_r is not None]
    return sum(known, Decimal(0)) / len(known) if rows and len(known) == len(rows) else None


_WORDS = {
    ProtectionState.LIVE: "seen alive in this session, and large enough",
    ProtectionState.UNVERIFIED: "was alive; this session has not shown it yet",
    ProtectionState.GONE: "proven over, or smaller than what is held",
    ProtectionState.NONE: "no stop was ever accepted",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Legs:
    """What rests for a position."""

    target: Decimal | None = None
    parking: bool = False
    expires: date | None = None
    risk: Decimal | None = None


def legs_of(desk: Desk, t: Transaction, held: Position, stop: str | None) -> Legs:
    """Target and expiry of what rests, and the risk the position was opened with."""
    around = desk.orders.orders(t, strategy=held.strategy, conid=held.conid, limit=50)
    theirs = desk.positions.released(t, held.account)
    rests = [o for o in around if o.role is Role.TARGET and o.state.at_broker and o.order not in theirs]
    first = [i for i, _ in desk.orders.intents(t, run=held.opened_by_run)] if held.opened_by_run else []
    planned = next((i.price for i in first if i.leg == Leg.STOP), None)
    live = next((o for o in around if o.order == stop and o.state.at_broker), None)
    if planned is not None and held.opened_at is not None:
        moved = desk.positions.adjustments(t, held.account)
        planned = price_since(moved, held.strategy, held.conid, planned, held.opened_at)
    per_share = None if planned is None else held.average_price - planned
    return Legs(
        target=rests[0].ticket.price if rests else None,
        parking=any(i.parking for i in first),
        expires=None if live is None else rests_until(desk, t, live),
        risk=None if per_share is None or per_share <= 0 else per_share * held.quantity,
    )


def rests_until(desk: Desk, t: Transaction, order: Order) -> date | None:
    """When the broker ends an order by itself (`T-34`); `None` where it does not rest."""
    return end_of(order, desk.session.signed_in_at(t), desk.contracts.zone(EXCHANGE))


def asleep_until(desk: Desk) -> datetime | None:
    """When stops wake; `None` in regular hours."""
    now = desk.clock.now()
    if desk.contracts.is_open(EXCHANGE, now):
        return None
    return desk.contracts.next_session(EXCHANGE, now).opens_at


def positions_of(desk: Desk, t: Transaction) -> list[PositionView]:
    """Every open position of the desk, by symbol."""
    account = desk.account
    exposure = desk.portfolio.exposure(t, account, "", now=desk.clock.now())
    marks = {holding.conid: holding.mark for holding in exposure.holdings}
    stated = {p.conid: p for p in desk.positions.broker(t, account)}
    stops = {(p.conid, p.strategy): p for p in desk.positions.protections(t, account, desk.session.epoch(t))}
    sleeps = asleep_until(desk)
    views = []
    for held in desk.positions.held(t, account):
        stop = stops.get((held.conid, held.strategy))
        legs = legs_of(desk, t, held, stop.stop_order if stop else None)
        view = PositionView(
            position=held,
            protection=stop,
            broker=stated.get(held.conid),
            mark=marks.get(held.conid),
            target=legs.target,
            parking=legs.parking,
            expires=legs.expires,
            asleep_until=sleeps,
            rules=desk.exit_rules.of(t, held),
            risk=legs.risk,
        )
        views.append(view)
    return sorted(views, key=lambda view: view.position.symbol)
