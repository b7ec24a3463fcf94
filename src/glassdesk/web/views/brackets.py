"""Orders as a person thinks of them: an entry with its stop and target, an exit by itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from glassdesk.desk import Desk
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.order_tracking.model import Execution
from glassdesk.workflow.orders.model import IntentState, Order, OrderState

LADDER = (OrderState.RESERVED, OrderState.SENDING, OrderState.WORKING, OrderState.FILLED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One order with its symbol, its fills, and what a person may do about it."""

    order: Order
    symbol: str
    executions: Sequence[Execution]
    intent_state: IntentState | None
    can_cancel: bool


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
    lines = {order.order: line_of(desk, t, order) for order in orders}
    mains = [order for order in orders if order.parent not in here]
    return tuple(Bracket(main=lines[main.order], children=_children(main, orders, lines)) for main in mains)


def line_of(desk: Desk, t: Transaction, order: Order) -> Line:
    """One order's line."""
    executions = desk.tracking.executions(t, order=order.order) if order.filled else ()
    intents = {intent.intent: state for intent, state in desk.orders.intents(t, run=order.run)}
    return Line(
        order=order,
        symbol=symbol_of(desk, t, order.conid),
        executions=executions,
        intent_state=intents.get(order.intent),
        can_cancel=not order.state.final
        and order.state is not OrderState.CANCEL_REQUESTED
        and order.parent is None,
    )


def symbol_of(desk: Desk, t: Transaction, conid: int) -> str:
    """The symbol of a remembered contract, else its number."""
    known = {contract.conid: contract.symbol for contract in desk.contracts.known(t)}
    return known.get(conid, str(conid))


def _children(main: Order, orders: Iterable[Order], lines: dict[str, Line]) -> tuple[Line, ...]:
    return tuple(lines[order.order] for order in orders if order.parent == main.order)
