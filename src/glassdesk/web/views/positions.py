"""A position with its stop, its mark, and the broker's word on the same contract."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from glassdesk.desk import Desk
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.positions.model import BrokerPosition, Position
from glassdesk.workflow.positions.protection import Protection, ProtectionState


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionView:
    """One row of the page."""

    position: Position
    protection: Protection | None
    broker: BrokerPosition | None
    mark: Decimal | None

    @property
    def unrealised(self) -> Decimal | None:
        """At the mark, before commissions."""
        if self.mark is None:
            return None
        return (self.mark - self.position.average_price) * self.position.quantity

    @property
    def at_risk(self) -> Decimal | None:
        """Lost if the stop fills at its price, from the mark."""
        stop = self.protection.stop_price if self.protection else None
        return None if self.mark is None or stop is None else (self.mark - stop) * self.position.quantity

    @property
    def safe(self) -> bool:
        """True while a stop is known to live."""
        return self.protection is not None and self.protection.state is ProtectionState.LIVE


def positions_of(desk: Desk, t: Transaction) -> list[PositionView]:
    """Every open position of the desk, by symbol."""
    account = desk.account
    exposure = desk.portfolio.exposure(t, account, "", now=desk.clock.now())
    marks = {holding.conid: holding.mark for holding in exposure.holdings}
    stated = {p.conid: p for p in desk.positions.broker(t, account)}
    stops = {(p.conid, p.strategy): p for p in desk.positions.protections(t, account, desk.session.epoch(t))}
    views = [
        PositionView(
            position=held,
            protection=stops.get((held.conid, held.strategy)),
            broker=stated.get(held.conid),
            mark=marks.get(held.conid),
        )
        for held in desk.positions.held(t, account)
    ]
    return sorted(views, key=lambda view: view.position.symbol)
