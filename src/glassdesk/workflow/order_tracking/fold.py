"""State of an order as a pure fold over facts and executions (`reliability.md` §2.7).

Arrival order and duplicates do not matter: the newest word counts, executions are a set, and counts win over
status text. An order is over only when our own executions add up to what the broker says was filled. What the
desk or a person concluded is a fact as well, so that the same facts give the same state on another day.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from itertools import takewhile

from glassdesk.kernel.money import exact
from glassdesk.workflow.order_tracking.model import Execution, Fact
from glassdesk.workflow.orders.model import Order, OrderState

STATEMENTS = frozenset({"list", "status", "trade", "answer"})
"""Kinds of facts in which the broker speaks about the order."""
OPERATOR = "operator"
"""Kind of the fact in which a person settles an order (`T-75`); its status is the state it leaves for."""
VERDICT = "verdict"
"""Kind of the fact in which the desk concludes; `needs_operator` hands the order to a person."""
CANCEL_ASKED = "cancel"
"""Status of a `command` fact: we asked for a cancel."""
CANCEL_REFUSED = "cancel_refused"
"""Status of a `command` fact: the broker refused to cancel."""

PENDING = frozenset({"pendingsubmit", "pending submit", "apipending"})
"""The broker has the order and has not taken it yet: it neither trades nor protects [F-55]."""

_CONCLUSIONS = frozenset({OPERATOR, VERDICT})
_CANCELLING = frozenset({"pendingcancel", "precancelled"})
ALIVE = frozenset({*PENDING, "presubmitted", "submitted", "pendingreplace"}) | _CANCELLING
"""Words under which an order may still trade."""
ENDED = {
    "filled": OrderState.FILLED,
    "cancelled": OrderState.CANCELLED,
    "apicancelled": OrderState.CANCELLED,
    "expired": OrderState.EXPIRED,
    "inactive": OrderState.REJECTED,
    "rejected": OrderState.REJECTED,
    "failed": OrderState.REJECTED,
}
"""Words under which it is over, and what that makes of it."""
_HEARD_OF = ALIVE | frozenset(ENDED)


def effective(executions: Iterable[Execution]) -> list[Execution]:
    """The highest revision of each execution [F-68], at the instant of its trade, oldest first."""
    newest: dict[tuple[str, str], Execution] = {}
    traded: dict[tuple[str, str], datetime] = {}
    for one in executions:
        key = (one.account, one.execution)
        traded[key] = min(one.executed_at, traded.get(key, one.executed_at))
        if key not in newest or _better(one, newest[key]):
            newest[key] = one
    found = [replace(one, executed_at=traded[key]) for key, one in newest.items()]
    return sorted(found, key=lambda one: (one.executed_at, one.execution, one.revision))


def _better(one: Execution, other: Execution) -> bool:
    return (one.revision, one.commission is not None) > (other.revision, other.commission is not None)


def folded(order: Order, facts: Collection[Fact], executions: Collection[Execution]) -> Order:
    """The row with the state, filled quantity and average price that all evidence together gives, with every
    revision of its executions; the broker's reason for an end becomes its note [F-56, F-61]. Without evidence
    the row stays as it is; NEEDS_OPERATOR is left by a person only (`T-75`), and what was full once stays
    filled, whatever is taken back afterwards."""
    fills = effective(executions)
    filled = sum((one.quantity for one in fills), Decimal(0))
    newest = _newest_word(facts, filled)
    if newest is None and not fills:
        return order
    state = _state(order, facts, newest, filled, _most(executions))
    said = newest_statement(facts)
    note = said.detail if said is not None and said.detail and state.final else order.note
    return replace(order, state=state, filled=filled, average_price=_average(fills, filled), note=note)


def newest_statement(facts: Iterable[Fact]) -> Fact | None:
    """What the broker said last about an order; `None` where it said nothing."""
    said = [fact for fact in facts if fact.kind in STATEMENTS]
    return max(said, key=_age) if said else None


def cancel_asked(facts: Iterable[Fact]) -> list[datetime]:
    """When our cancel was asked for since the last one that was refused or came to nothing, oldest first."""
    commands = sorted((fact for fact in facts if fact.kind == "command"), key=_age, reverse=True)
    pending = takewhile(lambda fact: fact.status == CANCEL_ASKED, commands)
    return [fact.observed_at for fact in pending][::-1]


def handed_over(facts: Iterable[Fact]) -> Fact | None:
    """The verdict by which the order waits for a person; `None` where it does not, or no longer."""
    handed = [f for f in facts if f.kind == VERDICT and f.status == OrderState.NEEDS_OPERATOR]
    newest = max(handed, key=_age, default=None)
    settled = _settled(facts)
    return None if newest is None or (settled is not None and _age(settled) > _age(newest)) else newest


def unheard_of(fact: Fact, filled: Decimal) -> bool:
    """The broker's word is none that the desk knows, or it says `Filled` where nothing was."""
    word = fact.status.lower()
    return word not in _HEARD_OF or (word == "filled" and fact.filled <= filled == 0)


def _settled(facts: Iterable[Fact]) -> Fact | None:
    """What a person said last."""
    return max((fact for fact in facts if fact.kind == OPERATOR), key=_age, default=None)


def _newest_word(facts: Collection[Fact], filled: Decimal) -> Fact | None:
    """The last statement or conclusion. A word nobody knows that a person has settled already says nothing
    new when the broker repeats it."""
    settled = _settled(facts)
    odd = {f.status for f in facts if settled and f.kind in STATEMENTS and _age(f) < _age(settled)}
    words = [
        fact
        for fact in facts
        if fact.kind in _CONCLUSIONS
        or (fact.kind in STATEMENTS and not (fact.status in odd and unheard_of(fact, filled)))
    ]
    return max(words, key=_age, default=None)


def _age(fact: Fact) -> tuple[datetime, int, int, Decimal, bool, str, Decimal, str]:
    # What was concluded from a reading comes after it, also within one instant; a person has the last word.
    rank = {VERDICT: 1, OPERATOR: 2}.get(fact.kind, 0)
    word = fact.status.lower()
    return (
        fact.observed_at,
        rank,
        fact.epoch,
        fact.filled,
        word in ENDED,
        word,
        fact.remaining,
        fact.detail,
    )


def _most(executions: Iterable[Execution]) -> Decimal:
    """Shares that were filled at one time or another: of each execution the most that any revision says."""
    most: dict[tuple[str, str], Decimal] = {}
    for one in executions:
        key = (one.account, one.execution)
        most[key] = max(one.quantity, most.get(key, Decimal(0)))
    return sum(most.values(), Decimal(0))


def _state(
    order: Order, facts: Collection[Fact], newest: Fact | None, filled: Decimal, most: Decimal
) -> OrderState:
    if order.state is OrderState.FILLED:
        return OrderState.FILLED
    if handed_over(facts) or (order.state is OrderState.NEEDS_OPERATOR and _settled(facts) is None):
        return OrderState.NEEDS_OPERATOR
    if most >= order.ticket.quantity and not _is_larger(order, newest_statement(facts)):
        return OrderState.FILLED
    if newest is not None and newest.kind in _CONCLUSIONS:
        return _concluded(OrderState(newest.status), facts, filled)
    return _stated(facts, newest, filled)


def _is_larger(order: Order, said: Fact | None) -> bool:
    """The broker works a larger quantity than our ticket: a change that nobody could confirm came through, or
    a person's. What it said before our last request may be about another quantity."""
    if said is None or said.remaining <= 0 or said.filled + said.remaining <= order.ticket.quantity:
        return False
    return order.last_sent_at is None or said.observed_at > order.last_sent_at


def _concluded(state: OrderState, facts: Iterable[Fact], filled: Decimal) -> OrderState:
    """A conclusion with the fills that are known: shares that traded were never rejected or absent."""
    if state in (OrderState.CANCELLED, OrderState.EXPIRED):
        return state
    if state.at_broker or filled:
        return _alive(facts, filled)
    return state


def _alive(facts: Iterable[Fact], filled: Decimal) -> OrderState:
    if _cancel_pending(facts):
        return OrderState.CANCEL_REQUESTED
    return OrderState.PARTIAL if filled else OrderState.WORKING


def _stated(facts: Iterable[Fact], newest: Fact | None, filled: Decimal) -> OrderState:
    word = newest.status.lower() if newest is not None else "submitted"
    stated = newest.filled if newest is not None else filled
    if newest is not None and unheard_of(newest, filled):
        return OrderState.NEEDS_OPERATOR
    if word in ENDED and stated <= filled:
        return _ended(ENDED[word], filled)
    return OrderState.CANCEL_REQUESTED if word in _CANCELLING else _alive(facts, filled)


def _ended(state: OrderState, filled: Decimal) -> OrderState:
    """A rejection after fills, or `Filled` short of our quantity, is an order that ended."""
    return (
        OrderState.CANCELLED
        if state is OrderState.FILLED or (filled and state is OrderState.REJECTED)
        else state
    )


def _cancel_pending(facts: Iterable[Fact]) -> bool:
    return bool(cancel_asked(facts))


def _average(fills: Iterable[Execution], filled: Decimal) -> Decimal | None:
    if not filled:
        return None
    return exact(sum((one.quantity * one.price for one in fills), Decimal(0)) / filled)
