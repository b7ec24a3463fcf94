"""What the broker really did, in the words both worlds share; the product never sees it.

A world fills a `Truth` whenever it is asked. `step` is the journal's count of events (`journal.Journal.step`)
at which something happened: instants may be equal, steps tell what came first.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Protocol

from glassdesk.workflow.orders.model import Side


class TrueStatus(StrEnum):
    """What an order is at the broker, whatever its reads say."""

    WORKING = "working"
    FILLED = "filled"
    CANCELLED = "cancelled"
    """Cancelled, expired or ended in another way without being filled."""
    INACTIVE = "inactive"
    """Refused after it was taken, or held back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrueState:
    """An order from one instant on."""

    step: int
    at: datetime
    status: TrueStatus
    quantity: Decimal
    price: Decimal | None
    filled: Decimal = Decimal(0)
    awake: bool = True
    """False while a child waits for its parent: it neither trades nor protects."""

    @property
    def remaining(self) -> Decimal:
        return self.quantity - self.filled

    @property
    def working(self) -> bool:
        return self.status is TrueStatus.WORKING


@dataclass(frozen=True, slots=True, kw_only=True)
class TrueOrder:
    """One order that the broker accepted, with every state it had, oldest first."""

    broker_order_id: str
    coid: str | None
    """The client order id that arrived with it; `None` where it carried none or the broker dropped it."""
    parent: str | None
    """Broker's id of the bracket's entry."""
    account: str
    conid: int
    side: Side
    kind: str
    """`LMT`, `STP`, `MKT`, …"""
    tif: str
    oca: str | None
    """Group of which one fill cancels the others."""
    received_step: int
    received_at: datetime
    """When the request came that asked for it."""
    visible_at: datetime
    """From when an honest read shows it."""
    states: tuple[TrueState, ...]
    ours: bool = True
    """False for an order of a person or of another program."""
    late: bool = False
    """Its request was delayed so long that the sender had given up: a late arrival."""

    @property
    def last(self) -> TrueState:
        return self.states[-1]

    def at(self, instant: datetime) -> TrueState | None:
        """Its state at an instant, everything of that instant included; `None` before it was."""
        return next((state for state in reversed(self.states) if state.at <= instant), None)

    def at_step(self, step: int) -> TrueState | None:
        """Its state after an event."""
        return next((state for state in reversed(self.states) if state.step <= step), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrueExecution:
    """One fill or a later revision of it; quantity 0 says it was busted."""

    execution: str
    """The broker's id without its last segment, as the product keys it."""
    revision: int
    broker_order_id: str | None
    coid: str | None
    account: str
    conid: int
    side: Side
    quantity: Decimal
    price: Decimal
    commission: Decimal | None
    step: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TruePosition:
    """Shares of a contract from one instant on."""

    step: int
    at: datetime
    account: str
    conid: int
    quantity: Decimal
    outside: bool = False
    """Changed by somebody else than the desk: a hand, a transfer, a split."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrueRequest:
    """One request as it came; `path` without a prefix or a query."""

    step: int
    at: datetime
    method: str
    path: str
    body: object = None
    status: int | None = None
    faults: tuple[int, ...] = ()
    """Numbers of the faults that struck it."""
    by: str = ""
    """The instance that asked, where the world knows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrueQuestion:
    """One question of the broker and how it ended."""

    step: int
    at: datetime
    message_ids: tuple[str, ...]
    conid: int
    confirmed: bool | None
    """The last reply; `None` where none came."""
    between: tuple[str, ...] = ()
    """Other requests of the brokerage session between question and reply (I-45)."""
    kinds: tuple[str, ...] = ()
    """Types of the orders it was asked about: `STP`, `LMT`, …"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """Everything, oldest first."""

    account: str
    now: datetime
    orders: tuple[TrueOrder, ...] = ()
    executions: tuple[TrueExecution, ...] = ()
    positions: tuple[TruePosition, ...] = ()
    requests: tuple[TrueRequest, ...] = ()
    questions: tuple[TrueQuestion, ...] = ()
    cash: Decimal | None = None
    """Cash of the account now, where the world keeps it."""
    cash_before: Decimal | None = None
    """The same before the desk began."""
    cash_outside: Decimal = Decimal(0)
    """What else moved it meanwhile: deposits, dividends, trades of others."""
    outside: tuple[datetime, ...] = ()
    """Instants at which somebody else than the desk changed orders, shares or cash."""
    nothing_new: tuple[tuple[datetime, datetime], ...] = ()
    """From when to when the list said that it was whole, and was empty or as it had been."""

    def shown_at(self, one: TrueOrder) -> datetime:
        """When a list could show it first: what arrives while the list stands still is not to be seen yet."""
        at = one.visible_at
        for begin, end in sorted(self.nothing_new):
            at = end if begin <= at < end else at
        return at

    def order(self, broker_order_id: str | None) -> TrueOrder | None:
        """By the broker's id."""
        return next((one for one in self.orders if one.broker_order_id == broker_order_id), None)

    def by_coid(self, coid: str) -> tuple[TrueOrder, ...]:
        """Every order that was accepted under a client order id."""
        return tuple(one for one in self.orders if one.coid == coid)

    def held(self, conid: int, step: int | None = None) -> Decimal:
        """Shares of a contract, after an event or now."""
        rows = [row for row in self.positions if row.conid == conid and (step is None or row.step <= step)]
        return rows[-1].quantity if rows else Decimal(0)


class World(Protocol):
    """What a checker's caller needs of a world."""

    def truth(self) -> Truth:
        """What really happened so far."""
        ...
