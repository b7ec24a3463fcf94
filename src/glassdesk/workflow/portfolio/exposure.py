"""The books as risk sees them: holdings with their stops, and what works. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal

from glassdesk.workflow.order_tracking.model import Fill
from glassdesk.workflow.orders.model import Intent, IntentKind, Order, OrderState, Role, Side
from glassdesk.workflow.positions.model import Position
from glassdesk.workflow.risk.model import Holding, Working

ZERO = Decimal(0)


def broker_cancel_key(account: str, strategy: str) -> str:
    """How the key of the alarm begins that tells of an entry the broker cancelled by itself [F-61]; contract
    and order follow."""
    return f"broker-cancel:{account}:{strategy}:"


def withheld(unseen: Iterable[str], account: str, strategy: str) -> frozenset[int]:
    """Contracts that such an alarm names and no person has looked at."""
    begins = broker_cancel_key(account, strategy)
    return frozenset(int(key.removeprefix(begins).partition(":")[0]) for key in unseen)


_OF_UNKNOWN_FATE = (OrderState.SENDING, OrderState.UNKNOWN, OrderState.NEEDS_OPERATOR)


def holding(position: Position, orders: Iterable[Order], mark: Decimal | None) -> Holding:
    """A position with the highest stop that rests for it."""
    mine = (position.account, position.conid, position.strategy)
    stops = [
        order.ticket.price
        for order in orders
        if order.role is Role.STOP
        and order.state.at_broker
        and (order.account, order.conid, order.strategy) == mine
    ]
    return Holding(
        conid=position.conid,
        symbol=position.symbol,
        strategy=position.strategy,
        quantity=position.quantity,
        average_price=position.average_price,
        mark=mark,
        stop=max((price for price in stops if price is not None), default=None),
    )


def working(orders: Iterable[Order], now: datetime) -> list[Working]:
    """Orders that are not final; a bracket counts by its entry (`T-20`), its children lend their stop."""
    alive = [order for order in orders if not order.state.final]
    stops = {order.parent: order.ticket.price for order in alive if order.role is Role.STOP}
    return [_working(o, stops, now) for o in alive if o.role in (Role.ENTRY, Role.EXIT)]


def _working(order: Order, stops: Mapping[str | None, Decimal | None], now: datetime) -> Working:
    unknown = order.state in _OF_UNKNOWN_FATE
    return Working(
        conid=order.conid,
        strategy=order.strategy,
        run=order.run,
        side=order.ticket.side.value,
        role=order.role.value,
        remaining=order.ticket.quantity - order.filled,
        price=order.ticket.price,
        stop=stops.get(order.order),
        unknown=unknown,
        unknown_minutes=minutes(order.last_sent_at or order.reserved_at, now) if unknown else 0,
    )


def minutes(since: datetime, now: datetime) -> int:
    """Whole minutes; what is yet to come is now."""
    return max(0, int((now - since).total_seconds()) // 60)


def waiting_exits(intents: Iterable[Intent], with_order: frozenset[str]) -> list[Working]:
    """Exits that work through the position's target (`T-41`) or wait: they promise the same shares."""
    return [
        Working(
            conid=intent.conid,
            strategy=intent.strategy,
            run=intent.run,
            side=intent.side.value,
            role=intent.role.value,
            remaining=intent.quantity,
            price=None,
            stop=None,
            unknown=False,
        )
        for intent in intents
        if intent.kind is IntentKind.REDUCE and intent.intent not in with_order
    ]


def purchases(fills: Iterable[Fill]) -> dict[str, datetime]:
    """When the first share of each buying order was bought; what was taken back bought none [F-68]."""
    first: dict[str, datetime] = {}
    for fill in fills:
        if fill.execution.side is Side.BUY and fill.execution.quantity:
            at = fill.execution.executed_at
            first[fill.order] = min(at, first.get(fill.order, at))
    return first
