"""From a decision's numbers to intents, order rows and tickets. Pure: same numbers, same identities."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from glassdesk.kernel.canonical import digest
from glassdesk.kernel.errors import InvalidInput
from glassdesk.kernel.ids import AccountKind, Leg, coid, intent_id
from glassdesk.kernel.money import down_to_tick, up_to_tick
from glassdesk.workflow.orders.model import (
    Intent,
    IntentKind,
    Order,
    OrderState,
    OrderType,
    Role,
    SendTerms,
    Side,
    Ticket,
    TimeInForce,
)

PARKING_ATR = Decimal(8)
"""A strategy without target parks its target leg this many ATR above the entry (`T-30`)."""
ENTRY_OVER_ASK = Decimal("1.001")
"""An entry pays at most this much of the ask (`T-21`)."""

Leaves = tuple[OrderType, TimeInForce, Role, Side]
_LEGS: dict[Leg, Leaves] = {
    Leg.MAIN: (OrderType.LIMIT, TimeInForce.DAY, Role.ENTRY, Side.BUY),
    Leg.STOP: (OrderType.STOP, TimeInForce.GTC, Role.STOP, Side.SELL),
    Leg.TARGET: (OrderType.LIMIT, TimeInForce.GTC, Role.TARGET, Side.SELL),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """Who decides, for which contract, and when it may be sent."""

    run: str
    account: str
    kind: AccountKind
    strategy: str
    strategy_version: int
    conid: int
    quantity: Decimal
    """Whole shares, more than none."""
    terms: SendTerms
    window_opens: datetime
    window_closes: datetime
    reserved_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Reservation:
    """What one decision reserves, the main leg first."""

    intents: tuple[Intent, ...]
    orders: tuple[Order, ...]


def entry_limit(entry_high: Decimal, ask: Decimal | None, tick: Decimal) -> Decimal:
    """Limit of a BUY: the lesser of upper entry and ask + 0.1 %, rounded down (`T-21`, `T-57`)."""
    most = entry_high if ask is None else min(entry_high, ask * ENTRY_OVER_ASK)
    return down_to_tick(most, tick)


def bracket(decision: Decision, *, stop: Decimal, target: Decimal | None) -> Reservation:
    """Entry, stop and target of a BUY (`T-30`). The stop of a long is rounded up, the target down (`T-57`).
    Raises `InvalidInput` when the prices are not in order or the quantity is no whole number of shares."""
    prices = _prices(decision, stop, target)
    _check(decision.quantity, prices)
    main = intent_id(decision.run, Leg.MAIN)
    intents = tuple(
        _intent(decision, leg, prices[leg], parent=None if leg is Leg.MAIN else main, parking=target is None)
        for leg in _LEGS
    )
    return Reservation(intents=intents, orders=tuple(order_of(i, decision.kind) for i in intents))


def exit_order(decision: Decision, *, target_order: str | None) -> Reservation:
    """The intent to sell what the position holds (`T-41`). It has no order row: the dealer modifies
    `target_order`, the position's resting target, and adds a row only where the ladder ends in a new sell."""
    if decision.quantity <= 0:
        raise InvalidInput("nothing to sell", where="quantity", remedy="the position is flat")
    plain = _intent(decision, Leg.MAIN, None, parent=None)
    intent = replace(plain, kind=IntentKind.REDUCE, side=Side.SELL, role=Role.EXIT, target_order=target_order)
    return Reservation(intents=(intent,), orders=())


def order_of(intent: Intent, kind: AccountKind) -> Order:
    """The RESERVED row of an intent; its ticket names the parent by cOID."""
    own = coid(kind, intent.account, intent.intent)
    parent = None if intent.parent is None else coid(kind, intent.account, intent.parent)
    ticket = Ticket(
        coid=own,
        parent_coid=parent,
        account=intent.account,
        conid=intent.conid,
        side=intent.side,
        order_type=intent.order_type,
        quantity=intent.quantity,
        price=intent.price,
        tif=intent.tif,
        role=intent.role,
    )
    return Order(
        order=intent.intent,
        intent=intent.intent,
        run=intent.run,
        coid=own,
        role=intent.role,
        parent=intent.parent,
        account=intent.account,
        strategy=intent.strategy,
        conid=intent.conid,
        state=OrderState.RESERVED,
        ticket=ticket,
        reserved_at=intent.reserved_at,
    )


def repriced(order: Order, *, price: Decimal | None, quantity: Decimal | None = None) -> Order:
    """The row with another price (`None` = MKT) and, where given, another quantity."""
    order_type = OrderType.MARKET if price is None else order.ticket.order_type
    size = order.ticket.quantity if quantity is None else quantity
    return replace(order, ticket=replace(order.ticket, price=price, order_type=order_type, quantity=size))


def payload_digest(tickets: Sequence[Ticket]) -> str:
    """What is compared before a send is repeated: the same cOID never carries another payload."""
    return digest(list(tickets))


def _prices(decision: Decision, stop: Decimal, target: Decimal | None) -> dict[Leg, Decimal]:
    terms = decision.terms
    if terms.entry_high is None:
        raise InvalidInput("an entry needs its highest price", where="entry_high")
    entry = entry_limit(terms.entry_high, None, terms.tick)
    goal = _parking(entry, terms.atr) if target is None else target
    return {
        Leg.MAIN: entry,
        Leg.STOP: up_to_tick(stop, terms.tick),
        Leg.TARGET: down_to_tick(goal, terms.tick),
    }


def _parking(entry: Decimal, atr: Decimal | None) -> Decimal:
    if atr is None or atr <= 0:
        raise InvalidInput("no ATR to park the target with", where="atr", remedy="give the strategy a target")
    return entry + PARKING_ATR * atr


def _check(quantity: Decimal, prices: dict[Leg, Decimal]) -> None:
    stop, entry, target = prices[Leg.STOP], prices[Leg.MAIN], prices[Leg.TARGET]
    if not 0 < stop < entry < target:
        raise InvalidInput(
            f"stop {stop}, entry {entry}, target {target} are not in order",
            where="levels",
            remedy="0 < stop < entry < target",
        )
    if quantity <= 0 or quantity != quantity.to_integral_value():
        raise InvalidInput(f"{quantity} is no number of whole shares", where="quantity", remedy="1, 2, 3, …")


def _intent(
    decision: Decision, leg: Leg, price: Decimal | None, *, parent: str | None, parking: bool = False
) -> Intent:
    order_type, tif, role, side = _LEGS[leg]
    return Intent(
        intent=intent_id(decision.run, leg),
        run=decision.run,
        leg=leg.value,
        parent=parent,
        kind=IntentKind.OPEN,
        account=decision.account,
        strategy=decision.strategy,
        strategy_version=decision.strategy_version,
        conid=decision.conid,
        side=side,
        order_type=order_type,
        quantity=decision.quantity,
        price=price,
        tif=tif,
        role=role,
        window_opens=decision.window_opens,
        window_closes=decision.window_closes,
        reserved_at=decision.reserved_at,
        parking=parking and leg is Leg.TARGET,
        terms=decision.terms if leg is Leg.MAIN else None,
    )
