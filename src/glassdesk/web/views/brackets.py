"""Orders as a person thinks of them: an entry with its stop and target, an exit by itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo

from glassdesk.desk import Desk
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.web.views.positions import EXCHANGE
from glassdesk.workflow.order_tracking.model import Execution
from glassdesk.workflow.orders.model import IntentState, Order, OrderState
from glassdesk.workflow.positions.expiry import end_of

LADDER = (OrderState.RESERVED, OrderState.SENDING, OrderState.WORKING, OrderState.FILLED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One order with its symbol, its fills, and what a person may do about it."""

    order: Order
    symbol: str
    executions: Sequence[Execution]
    intent_state: IntentState | None
    can_cancel: bool
    rests_until: date | None = None
    """When the broker ends it by itself (`T-34`)."""

    @property
    def ladder(self) -> tuple[tuple[str, bool], ...]:
        """Its way through the states, with a mark at the present one."""
        return ladder_of(self.order)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bracket:
    """The order that stands for itself, and those that hang on it."""

    main: Line
    children: tuple[Line, ...]


def ladder_of(order: Order) -> tuple[tuple[str, bool], ...]:
    """The states on the usual way with a mark at the present one; a state off the way stands at its end."""
    usual = [state.value for state in LADDER]
    if order.state.value in usual:
        return tuple((word, word == order.state.value) for word in usual)
    if order.state is OrderState.PARTIAL:
        return (("reserved", False), ("sending", False), ("partial", True), ("filled", False))
    reached = (
        ["reserved"] + (["sending"] if order.sends else []) + (["working"] if order.broker_order_id else [])
    )
    return (*((word, False) for word in reached), (order.state.value, True))


def brackets_of(desk: Desk, t: Transaction, orders: Sequence[Order]) -> tuple[Bracket, ...]:
    """The orders grouped, in the order of the given ones."""
    here = {order.order for order in orders}
    look = Lookups.over(desk, t, orders)
    lines = {order.order: _line(desk, t, order, look) for order in orders}
    mains = [order for order in orders if order.parent not in here]
    return tuple(Bracket(main=lines[main.order], children=_children(main, orders, lines)) for main in mains)


def line_of(desk: Desk, t: Transaction, order: Order) -> Line:
    """One order's line."""
    return _line(desk, t, order, Lookups.over(desk, t, [order]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookups:
    """What many lines ask for, read once."""

    symbols: Mapping[int, str]
    states: Mapping[str, IntentState]
    signed_in_at: datetime | None
    zone: tzinfo

    @staticmethod
    def over(desk: Desk, t: Transaction, orders: Sequence[Order]) -> Lookups:
        """Symbols of remembered contracts, and the intents of the orders' runs."""
        runs = sorted({order.run for order in orders})
        intents = [pair for run in runs for pair in desk.orders.intents(t, run=run)]
        return Lookups(
            symbols={contract.conid: contract.symbol for contract in desk.contracts.known(t)},
            states={intent.intent: state for intent, state in intents},
            signed_in_at=desk.session.signed_in_at(t),
            zone=desk.contracts.zone(EXCHANGE),
        )


def _line(desk: Desk, t: Transaction, order: Order, look: Lookups) -> Line:
    open_here = not order.state.final and order.state is not OrderState.CANCEL_REQUESTED
    return Line(
        order=order,
        symbol=look.symbols.get(order.conid, str(order.conid)),
        executions=desk.tracking.executions(t, order=order.order) if order.filled else (),
        intent_state=look.states.get(order.intent),
        can_cancel=open_here and order.parent is None,
        rests_until=end_of(order, look.signed_in_at, look.zone),
    )


def _children(main: Order, orders: Iterable[Order], lines: dict[str, Line]) -> tuple[Line, ...]:
    return tuple(lines[order.order] for order in orders if order.parent == main.order)
