"""Is the position protected? What is known about its stop (`T-32`): not listed is not gone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from glassdesk.workflow.orders.model import Order, OrderState, Role
from glassdesk.workflow.positions.model import Position

ZERO = Decimal(0)
UNSEEN = (OrderState.UNKNOWN, OrderState.SENDING)


class ProtectionState(StrEnum):
    """`live`: seen this epoch and large enough; `unverified`: was live, not yet seen this epoch;
    `gone`: positive evidence that it ended; `none`: never accepted."""

    LIVE = "live"
    UNVERIFIED = "unverified"
    GONE = "gone"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Protection:
    """One position and its stop."""

    account: str
    conid: int
    symbol: str
    strategy: str
    quantity: Decimal
    state: ProtectionState
    stop_order: str | None
    stop_price: Decimal | None
    stop_quantity: Decimal
    seen_at: datetime | None
    """When the stop was last seen at the broker."""
    needed: Decimal
    """Shares that need a stop: what is held, or less where the broker says that less is there (`T-35`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """The newest sighting of an order."""

    epoch: int
    seen_at: datetime


def protection(
    position: Position,
    orders: Iterable[Order],
    sightings: Mapping[str, Seen],
    epoch: int,
    *,
    at_broker: Decimal | None = None,
) -> Protection:
    """The view of one position; live stops count together, the newest names price and time. `at_broker`: what
    the broker holds, where that is not what our executions say."""
    needed = position.quantity if at_broker is None else max(ZERO, min(position.quantity, at_broker))
    stops = [order for order in orders if protects(order, position)]
    live = [stop for stop in stops if stop.state.at_broker]
    covered = sum((stop.ticket.quantity - stop.filled for stop in live), ZERO)
    named = max(shown(stops), key=lambda stop: stop.reserved_at, default=None)
    seen = sightings.get(named.order) if named is not None else None
    return Protection(
        account=position.account,
        conid=position.conid,
        symbol=position.symbol,
        strategy=position.strategy,
        quantity=position.quantity,
        state=_state(needed, stops, live, covered, all(_is_fresh(s, sightings, epoch) for s in live)),
        stop_order=named.order if named is not None else None,
        stop_price=named.ticket.price if named is not None and live else None,
        stop_quantity=covered,
        seen_at=seen.seen_at if seen is not None else None,
        needed=needed,
    )


def protects(order: Order, position: Position) -> bool:
    """A stop of this position, in whatever state."""
    mine = (order.account, order.conid, order.strategy)
    return order.role is Role.STOP and mine == (position.account, position.conid, position.strategy)


def shown(stops: Sequence[Order]) -> Sequence[Order]:
    """The stops whose sightings count: those at the broker, else the newest."""
    live = [stop for stop in stops if stop.state.at_broker]
    return live or sorted(stops, key=lambda stop: stop.reserved_at, reverse=True)[:1]


def _is_fresh(stop: Order, sightings: Mapping[str, Seen], epoch: int) -> bool:
    seen = sightings.get(stop.order)
    return seen is not None and seen.epoch == epoch


def _state(
    needed: Decimal, stops: list[Order], live: list[Order], covered: Decimal, fresh: bool
) -> ProtectionState:
    if live and covered >= needed:
        return ProtectionState.LIVE if fresh else ProtectionState.UNVERIFIED
    open_fate = any(stop.state in UNSEEN for stop in stops)
    if open_fate or live:
        return ProtectionState.UNVERIFIED if open_fate else ProtectionState.GONE
    ended = [stop for stop in stops if stop.state.final and stop.state is not OrderState.REJECTED]
    return ProtectionState.GONE if ended else ProtectionState.NONE
