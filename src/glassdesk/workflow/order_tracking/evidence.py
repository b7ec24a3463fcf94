"""What a person may say of an order that waits for one (`T-75`): every state that the evidence does not
contradict, each with what it would mean. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from glassdesk.kernel.money import tidy
from glassdesk.workflow.order_tracking.fold import ALIVE, ENDED, effective
from glassdesk.workflow.order_tracking.model import Execution, OrderRow
from glassdesk.workflow.orders.model import Order, OrderState, Side, TimeInForce

ZERO = Decimal(0)
MEANINGS: dict[OrderState, str] = {
    OrderState.WORKING: "It lives at the broker. The desk goes on watching it; an entry is cancelled when "
    "its time is over.",
    OrderState.PARTIAL: "It lives at the broker and is filled in part. The desk goes on watching it.",
    OrderState.FILLED: "It is done: every share was filled, and every fill is in the ledger.",
    OrderState.CANCELLED: "It is over. What was filled counts, the rest never trades; entries may go on.",
    OrderState.REJECTED: "The broker refused it and nothing of it traded; entries may go on.",
    OrderState.EXPIRED: "Its day is over, and the rest never trades.",
    OrderState.ABANDONED: "It never reached the broker. It is not sent again, and is watched for a day: "
    "should it show up, it is adopted and cancelled.",
}
"""The states a person may choose, and what follows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What the broker says at one instant about one order."""

    order: Order
    read_at: datetime
    complete: bool
    """False where the list could not be read whole: then an absence says nothing [F-40 to F-43]."""
    listed: OrderRow | None
    by_id: OrderRow | None
    executions: tuple[Execution, ...]
    """Every fill of the order that the ledger has, after a reading of a week's trades."""
    unexplained: Decimal
    """Shares of the contract that the broker holds and the ledger does not explain; negative where it lacks
    some."""
    day_over: bool
    """The session it was sent in ended ten minutes ago or longer."""

    @property
    def row(self) -> OrderRow | None:
        """The order as the broker shows it, by its id or in its list."""
        return self.by_id or self.listed

    @property
    def filled(self) -> Decimal:
        return sum((one.quantity for one in effective(self.executions)), ZERO)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One state a person may give, and why not where the evidence speaks against it."""

    state: OrderState
    meaning: str
    against: str
    """Empty where nothing contradicts it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """The evidence with all choices, as the dealer answers it."""

    evidence: Evidence
    choices: tuple[Choice, ...]


def choices(evidence: Evidence) -> tuple[Choice, ...]:
    """Every state that a person may name, with what speaks against it."""
    return tuple(
        Choice(state=state, meaning=meaning, against=against(evidence, state))
        for state, meaning in MEANINGS.items()
    )


def against(evidence: Evidence, state: OrderState) -> str:
    """Why the evidence contradicts this state; empty where it does not."""
    if state not in MEANINGS:
        return f"{state.value} is no state that a person can know of"
    return _of_fills(evidence, state) or _of_row(evidence, state) or _of_absence(evidence, state)


def _of_fills(evidence: Evidence, state: OrderState) -> str:
    filled, wanted = evidence.filled, evidence.order.ticket.quantity
    said = f"{tidy(filled)} of {tidy(wanted)} are filled in the ledger"
    if filled >= wanted:
        return "" if state is OrderState.FILLED else said
    if state is OrderState.FILLED:
        return f"{said}; a fill is never invented"
    if state is OrderState.PARTIAL and not filled:
        return said
    if state in (OrderState.WORKING, OrderState.REJECTED, OrderState.ABANDONED) and filled:
        return said
    return ""


def _of_row(evidence: Evidence, state: OrderState) -> str:
    """What the broker shows counts; a word that nobody knows decides nothing."""
    row, lives = evidence.row, state in (OrderState.WORKING, OrderState.PARTIAL)
    if row is None:
        return "the broker shows it nowhere" if lives else ""
    word, shown = row.status.lower(), f"the broker shows it as {row.status}"
    if row.filled > evidence.filled:
        return (
            f"the broker says {tidy(row.filled)} filled, the ledger has {tidy(evidence.filled)}: read again"
        )
    if word in ALIVE:
        return "" if lives else f"{shown}, with {tidy(row.remaining)} remaining"
    ended = ENDED.get(word)
    if ended is None:
        return shown if state is OrderState.ABANDONED else ""
    if evidence.filled and ended in (OrderState.REJECTED, OrderState.FILLED):
        ended = OrderState.CANCELLED
    fits = state is ended or (ended is OrderState.FILLED and state is OrderState.CANCELLED)
    return "" if fits or state is OrderState.FILLED else shown


def _of_absence(evidence: Evidence, state: OrderState) -> str:
    """To say that it is over without the broker's word takes a whole list and books that agree."""
    if evidence.row is not None or state is OrderState.FILLED:
        return ""
    if not evidence.complete:
        return "the list of orders cannot be read whole now; not listed is not gone"
    if state is OrderState.EXPIRED and not (
        evidence.order.ticket.tif is TimeInForce.DAY and evidence.day_over
    ):
        return "its time is not over: a DAY order ends ten minutes after the close of its session"
    bought = evidence.order.ticket.side is Side.BUY
    unexplained = evidence.unexplained if bought else -evidence.unexplained
    if unexplained > 0:
        more = "more" if bought else "fewer"
        return (
            f"the broker holds {tidy(unexplained)} shares {more} than the ledger explains: it may have traded"
        )
    return ""
