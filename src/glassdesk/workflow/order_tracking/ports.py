"""What the order tracking step needs from outside."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.order_tracking.model import Execution, Fact, Fill, OrderList, OrderRow


class BrokerOrderReads(Protocol):
    """Order reads of the broker. Raise `SessionNotReady` or `ReadFailed`."""

    def live_orders(self) -> OrderList:
        """The list of this brokerage session, never filtered [F-42]; primes itself on the first call of a
        session [F-40]."""
        ...

    def order_status(self, broker_order_id: str) -> OrderRow | None:
        """One order by the broker's id; `None` when the broker does not know it, which proves nothing
        [F-62]."""
        ...

    def trades(self, days: int) -> Sequence[Execution]:
        """Executions of today and the days before (1..7), across sessions."""
        ...


class TrackingStore(Protocol):
    """The executions ledger and the facts; both append-only."""

    def news(self, t: Transaction, executions: Sequence[Execution]) -> Sequence[Execution]:
        """Those of which `add_execution` could still learn something: the revision, its commission, or which
        order of ours it belongs to."""
        ...

    def add_execution(
        self, t: Transaction, execution: Execution, *, order: str | None, seen_at: datetime
    ) -> bool:
        """Append unless (account, execution, revision) is known; a commission that was missing is added once.
        `order` is our row or `None` for an execution that is not ours. True when something changed."""
        ...

    def executions(
        self, t: Transaction, *, order: str | None = None, conid: int | None = None
    ) -> Sequence[Execution]:
        """Effective executions (highest revision of each), oldest first."""
        ...

    def revisions(self, t: Transaction, order: str) -> Sequence[Execution]:
        """Every revision of every execution of an order, corrected and busted ones too, oldest first."""
        ...

    def fills(self, t: Transaction, account: str, *, conid: int | None = None) -> Sequence[Fill]:
        """Effective executions of our own orders joined with their orders, oldest first. What is handed out
        is never changed: the same object handed out again says that nothing came."""
        ...

    def external_executions(self, t: Transaction, *, conid: int | None = None) -> Sequence[Execution]:
        """Effective executions that belong to no order of ours."""
        ...

    def execution_order(self, t: Transaction, account: str, execution: str) -> str | None:
        """Our order row of an execution."""
        ...

    def add_fact(self, t: Transaction, fact: Fact) -> None:
        """Append."""
        ...

    def facts(self, t: Transaction, order: str) -> Sequence[Fact]:
        """All facts of an order in the order of arrival."""
        ...

    def sighted(self, t: Transaction, orders: Sequence[str], *, seen_at: datetime) -> None:
        """The broker showed these orders just as their newest facts have them; the last such instant is kept.
        No order may stand twice."""
        ...

    def sighting(self, t: Transaction, order: str) -> datetime | None:
        """When the broker last showed the order as its newest fact has it; `None` where it never did."""
        ...

    def put_owner_orders(
        self, t: Transaction, account: str, rows: Sequence[OrderRow], *, seen_at: datetime
    ) -> None:
        """Replace what works at the broker for somebody else on the account. A row that says the same keeps
        the instant at which it was first seen so; the same rows again write nothing."""
        ...

    def owner_orders(self, t: Transaction, account: str) -> Sequence[tuple[OrderRow, datetime]]:
        """What the last complete list showed of somebody else's working orders, by contract and the broker's
        id, each with the instant since which it looks so."""
        ...
