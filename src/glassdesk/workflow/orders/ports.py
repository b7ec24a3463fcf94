"""What the orders step needs from outside, apart from the writable broker (`ports_write`)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from glassdesk.kernel.leases import Lease
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.orders.model import (
    Approval,
    Intent,
    IntentState,
    Order,
    OrderState,
    Outcome,
    SendRow,
    WhatIfRow,
)


class OrderStore(Protocol):
    """Intents, orders and sends. Unique: (run, leg), cOID; one open decision per (account, conid) (`T-20`).
    Illegal state changes are refused by code and by the database."""

    def reserve(
        self, t: Transaction, intents: Sequence[Intent], orders: Sequence[Order], *, state: IntentState
    ) -> None:
        """Insert all legs of a decision, the main leg first. The same rows again are harmless (a resumed
        run); raises `Conflict` for another open decision on the contract."""
        ...

    def add_order(self, t: Transaction, order: Order, *, lease: Lease) -> None:
        """Insert the order row of an intent reserved before without one: an exit that ends in a new sell
        (`T-41`). The same row again is harmless. Raises `NotFound` without its intent, or `LeaseLost`."""
        ...

    def intent(self, t: Transaction, intent: str) -> tuple[Intent, IntentState] | None:
        """One intent and its state."""
        ...

    def intents(
        self,
        t: Transaction,
        *,
        states: Collection[IntentState] | None = None,
        run: str | None = None,
        names: Collection[str] | None = None,
    ) -> Sequence[tuple[Intent, IntentState]]:
        """Intents by window, then conid, then leg; `names` are whole identities."""
        ...

    def stop_prices(self, t: Transaction, runs: Collection[str]) -> Mapping[str, Decimal]:
        """The price with which the stop of an entry was reserved, for each of these runs that has one."""
        ...

    def set_intent(
        self, t: Transaction, intent: str, state: IntentState, *, at: datetime, note: str = ""
    ) -> None:
        """Change the state. Raises `Conflict` from a final one."""
        ...

    def add_approval(self, t: Transaction, approval: Approval) -> None:
        """Append a person's yes. Raises `Conflict` where the intent has one."""
        ...

    def approval(self, t: Transaction, intent: str) -> Approval | None:
        """The person's yes to a main intent."""
        ...

    def add_what_if(self, t: Transaction, row: WhatIfRow) -> None:
        """Append an answer to a what-if. Raises `Conflict` where the intent has one of this number."""
        ...

    def what_ifs(self, t: Transaction, intent: str) -> Sequence[WhatIfRow]:
        """All answers for a main intent, by number."""
        ...

    def order(self, t: Transaction, order: str) -> Order | None:
        """By row identity."""
        ...

    def by_prefix(self, t: Transaction, prefix: str) -> Sequence[Order]:
        """Orders whose identity or cOID or broker id starts so."""
        ...

    def by_coid(self, t: Transaction, coid: str) -> Order | None:
        """By client order id."""
        ...

    def by_broker_id(self, t: Transaction, account: str, broker_order_id: str) -> Order | None:
        """By the broker's id."""
        ...

    def children(self, t: Transaction, order: str) -> Sequence[Order]:
        """Stop and target of a bracket's parent."""
        ...

    def entries_accepted(self, t: Transaction, account: str, since: datetime) -> int:
        """Entries of strategies that were reserved at `since` or later and have an id of the broker."""
        ...

    def orders(
        self,
        t: Transaction,
        *,
        states: Collection[OrderState] | None = None,
        strategy: str | None = None,
        conid: int | None = None,
        run: str | None = None,
        limit: int = 1000,
    ) -> Sequence[Order]:
        """Newest reservation first."""
        ...

    def move(self, t: Transaction, before: Order, after: Order, *, lease: Lease | None) -> Order:
        """Replace the row if it still has `before.version` and, where given, the lease is held; answers it
        with the next version. Raises `Conflict` (changed meanwhile or illegal transition) or `LeaseLost`."""
        ...

    def add_send(
        self,
        t: Transaction,
        order: str,
        number: int,
        *,
        verb: str,
        payload_sha256: str,
        fence: int,
        epoch: int,
        started_at: datetime,
        not_after: datetime,
    ) -> None:
        """Append a send (`place`, `modify`, `cancel`, `reply`) before any byte leaves."""
        ...

    def add_outcome(self, t: Transaction, order: str, number: int, outcome: Outcome, *, at: datetime) -> None:
        """Record what a send led to; once."""
        ...

    def open_sends(self, t: Transaction) -> Sequence[tuple[str, int, str, datetime]]:
        """Sends without an outcome: (order, number, verb, started_at)."""
        ...

    def sends(self, t: Transaction, order: str) -> Sequence[SendRow]:
        """All sends of an order with their outcomes, by number."""
        ...
