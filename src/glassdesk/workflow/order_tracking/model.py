"""Nouns of the order tracking step: facts the broker stated about orders, and executions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from glassdesk.workflow.orders.model import Role, Side


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRow:
    """One row of the broker's order list or one status answer, every field as stated. `None` = not stated."""

    broker_order_id: str
    order_ref: str | None
    parent_id: str | None
    account: str
    conid: int
    side: Side
    status: str
    """The broker's word: PendingSubmit, PreSubmitted, Submitted, PendingCancel, Cancelled, Filled, Inactive,
    …"""
    order_type: str
    price: Decimal | None
    tif: str
    total: Decimal
    filled: Decimal
    remaining: Decimal
    average_price: Decimal | None
    reason: str = ""
    symbol: str = ""
    """As the list has it; a status answer has none."""


LIVES = ("pendingsubmit", "presubmitted", "submitted", "pendingcancel", "precancelled")
"""The broker's words, in lower case, for an order that may still trade."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderList:
    """One reading of the live orders. `complete` is false for the priming answer: such a list is unknown, not
    empty [F-40]."""

    rows: tuple[OrderRow, ...]
    complete: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Execution:
    """One fill. Append-only; a correction comes as a higher `revision` of the same `execution` [F-68], one of
    no shares takes it back. A correction may state its own instant: the trade was when its first one says."""

    execution: str
    """The broker's execution id without its last segment."""
    revision: int
    order_ref: str | None
    broker_order_id: str | None
    account: str
    conid: int
    symbol: str
    side: Side
    quantity: Decimal
    price: Decimal
    commission: Decimal | None
    """`None` until the broker states it [F-67]."""
    executed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Fill:
    """An effective execution of one of our orders, with what the order says about it."""

    execution: Execution
    order: str
    run: str
    strategy: str
    role: Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One observation that entered a fold: kept for ever, never changed."""

    order: str
    kind: str
    """`list`, `status`, `trade`, `answer`, `command`, `negative`, `verdict` (the desk's), `operator` (a
    person's)."""
    status: str
    filled: Decimal
    remaining: Decimal
    epoch: int
    observed_at: datetime
    detail: str = ""
