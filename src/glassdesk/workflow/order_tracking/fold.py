"""State of an order as a pure fold over facts and executions (`reliability.md` §2.7).

Arrival order and duplicates do not matter: the newest statement counts, executions are a set, and counts win
over status text. An order is over only when our own executions add up to what the broker says was filled.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from glassdesk.kernel.money import exact
from glassdesk.workflow.order_tracking.model import Execution, Fact
from glassdesk.workflow.orders.model import Order, OrderState

STATEMENTS = frozenset({"list", "status", "trade", "answer"})
"""Kinds of facts in which the broker speaks about the order."""
CANCEL_ASKED = "cancel"
"""Status of a `command` fact: we asked for a cancel."""
CANCEL_REFUSED = "cancel_refused"
"""Status of a `command` fact: the broker refused to cancel."""

PENDING = frozenset({"pendingsubmit", "pending submit", "apipending"})
"""The broker has the order and has not taken it yet: it neither trades nor protects [F-55]."""

_LIVE = {*PENDING, "presubmitted", "submitted", "pendingreplace"}
_ENDED = {
    "filled": OrderState.FILLED,
    "cancelled": OrderState.CANCELLED,
    "apicancelled": OrderState.CANCELLED,
    "expired": OrderState.EXPIRED,
    "inactive": OrderState.REJECTED,
    "rejected": OrderState.REJECTED,
    "failed": OrderState.REJECTED,
}
_CANCELLING = {"pendingcancel", "precancelled"}


def effective(executions: Iterable[Execution]) -> list[Execution]:
    """The highest revision of each execution [F-68], oldest first."""
    newest: dict[tuple[str, str], Execution] = {}
    for one in executions:
        known = newest.get((one.account, one.execution))
        if known is None or _better(one, known):
            newest[(one.account, one.execution)] = one
    return sorted(newest.values(), key=lambda one: (one.executed_at, one.execution, one.revision))


def _better(one: Execution, other: Execution) -> bool:
    return (one.revision, one.commission is not None) > (other.revision, other.commission is not None)


def folded(order: Order, facts: Collection[Fact], executions: Collection[Execution]) -> Order:
    """The row with the state, filled quantity and average price that all evidence together gives; the
    broker's reason for an end becomes its note [F-56, F-61]. Without evidence the row stays as it is;
    NEEDS_OPERATOR is left by a person only (`T-75`)."""
    fills = effective(executions)
    filled = sum((one.quantity for one in fills), Decimal(0))
    newest = newest_statement(facts)
    if newest is None and not fills:
        return order
    state = order.state if _stays(order) else _state(order, facts, newest, filled)
    note = newest.detail if newest is not None and newest.detail and state.final else order.note
    return replace(order, state=state, filled=filled, average_price=_average(fills, filled), note=note)


def _stays(order: Order) -> bool:
    return order.state in (OrderState.NEEDS_OPERATOR, OrderState.FILLED)


def newest_statement(facts: Iterable[Fact]) -> Fact | None:
    """What the broker said last about an order; `None` where it said nothing."""
    said = [fact for fact in facts if fact.kind in STATEMENTS]
    return max(said, key=_age) if said else None


def _age(fact: Fact) -> tuple[datetime, int, Decimal, int, str, Decimal, str]:
    word = fact.status.lower()
    return (fact.observed_at, fact.epoch, fact.filled, word in _ENDED, word, fact.remaining, fact.detail)


def _state(order: Order, facts: Iterable[Fact], newest: Fact | None, filled: Decimal) -> OrderState:
    if filled >= order.ticket.quantity:
        return OrderState.FILLED
    word = newest.status.lower() if newest is not None else "submitted"
    stated = newest.filled if newest is not None else filled
    if word in _ENDED and stated <= filled:
        return _ended(_ENDED[word], filled)
    if word in _CANCELLING or _cancel_pending(facts):
        return OrderState.CANCEL_REQUESTED
    if word in _LIVE or word in _ENDED:
        return OrderState.PARTIAL if filled else OrderState.WORKING
    return OrderState.NEEDS_OPERATOR


def _ended(state: OrderState, filled: Decimal) -> OrderState:
    """A rejection after fills, or `Filled` short of our quantity, is an order that ended."""
    if state in (OrderState.FILLED, OrderState.REJECTED) and filled:
        return OrderState.CANCELLED
    return OrderState.NEEDS_OPERATOR if state is OrderState.FILLED else state


def _cancel_pending(facts: Iterable[Fact]) -> bool:
    commands = [fact for fact in facts if fact.kind == "command"]
    return bool(commands) and max(commands, key=_age).status == CANCEL_ASKED


def _average(fills: Iterable[Execution], filled: Decimal) -> Decimal | None:
    if not filled:
        return None
    return exact(sum((one.quantity * one.price for one in fills), Decimal(0)) / filled)
