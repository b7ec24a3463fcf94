"""The orders and fills of the scripted broker: what the broker knows, whatever the desk was told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal

from glassdesk.kernel.errors import Conflict, NotFound
from glassdesk.workflow.order_tracking.model import Execution, OrderRow
from glassdesk.workflow.orders.model import Acknowledged, Side, Ticket

WORKING = ("PreSubmitted", "Submitted")
"""The broker's words for an order that may still fill."""


@dataclass(slots=True, kw_only=True)
class Resting:
    """One order at the broker."""

    number: str
    ticket: Ticket
    parent: str | None
    status: str
    filled: Decimal = Decimal(0)
    value: Decimal = Decimal(0)

    @property
    def remaining(self) -> Decimal:
        return self.ticket.quantity - self.filled

    def row(self) -> OrderRow:
        """As the order list states it."""
        ticket = self.ticket
        return OrderRow(
            broker_order_id=self.number,
            order_ref=ticket.coid,
            parent_id=self.parent,
            account=ticket.account,
            conid=ticket.conid,
            side=ticket.side,
            status=self.status,
            order_type=ticket.order_type.value,
            price=ticket.price,
            tif=ticket.tif.value,
            total=ticket.quantity,
            filled=self.filled,
            remaining=self.remaining,
            average_price=self.value / self.filled if self.filled else None,
        )


@dataclass(slots=True)
class Book:
    """Orders by the broker's number, and executions in the order they happened."""

    orders: dict[str, Resting] = field(default_factory=dict)
    executions: list[Execution] = field(default_factory=list)

    def by_coid(self, coid: str) -> Resting | None:
        """The order with this client order id."""
        return next((order for order in self.orders.values() if order.ticket.coid == coid), None)

    def order(self, name: str) -> Resting:
        """By the broker's number or the client order id. Raises `NotFound`."""
        found = self.orders.get(name) or self.by_coid(name)
        if found is None:
            raise NotFound(f"the broker has no order {name}")
        return found

    def accept(self, tickets: Sequence[Ticket]) -> tuple[Acknowledged, ...]:
        """Take an order, or a bracket with its parent first."""
        return tuple(self._rest(ticket) for ticket in tickets)

    def _rest(self, ticket: Ticket) -> Acknowledged:
        number = str(1001 + len(self.orders))
        parent = self.by_coid(ticket.parent_coid) if ticket.parent_coid else None
        waits = parent is not None and parent.status != "Filled"
        order = Resting(
            number=number,
            ticket=ticket,
            parent=parent.number if parent else None,
            status="PreSubmitted" if waits else "Submitted",
        )
        self.orders[number] = order
        return Acknowledged(coid=ticket.coid, broker_order_id=number, status=order.status)

    def fill(
        self,
        order: Resting,
        quantity: Decimal,
        price: Decimal,
        *,
        symbol: str,
        commission: Decimal | None,
        at: datetime,
    ) -> Execution:
        """Execute part or all of an order; its bracket follows. Raises `Conflict` beyond what remains."""
        if order.status not in WORKING or not 0 < quantity <= order.remaining:
            raise Conflict(f"order {order.number} is {order.status}, {order.remaining} remain")
        order.filled += quantity
        order.value += quantity * price
        if not order.remaining:
            order.status = "Filled"
        self._bracket_follows(order)
        execution = Execution(
            execution=f"memory.{len(self.executions) + 1:06d}",
            revision=1,
            order_ref=order.ticket.coid,
            broker_order_id=order.number,
            account=order.ticket.account,
            conid=order.ticket.conid,
            symbol=symbol,
            side=order.ticket.side,
            quantity=quantity,
            price=price,
            commission=commission,
            executed_at=at,
        )
        self.executions.append(execution)
        return execution

    def _bracket_follows(self, order: Resting) -> None:
        """Children wake with their parent; one child's fill takes as much off the other."""
        for child in self.orders.values():
            if child.parent == order.number and child.status == "PreSubmitted":
                child.status = "Submitted"
            if (
                order.parent
                and child.parent == order.parent
                and child is not order
                and child.status in WORKING
            ):
                child.ticket = replace(child.ticket, quantity=child.filled + order.remaining)
                if not child.remaining:
                    child.status = "Cancelled"

    def cancel(self, order: Resting) -> None:
        """End an order; children whose parent never filled end with it."""
        order.status = "Cancelled"
        for child in self.orders.values():
            if child.parent == order.number and not order.filled and child.status in WORKING:
                child.status = "Cancelled"

    def held(self, conid: int) -> tuple[Decimal, Decimal]:
        """Shares and their average price, from the executions."""
        quantity, value = Decimal(0), Decimal(0)
        for done in self.executions:
            if done.conid != conid:
                continue
            if done.side is Side.BUY:
                quantity, value = quantity + done.quantity, value + done.quantity * done.price
            else:
                value -= value / quantity * done.quantity if quantity else -done.quantity * done.price
                quantity -= done.quantity
        return quantity, value / quantity if quantity else Decimal(0)

    def spent(self) -> Decimal:
        """Cash gone into shares and commissions."""
        signed = {Side.BUY: 1, Side.SELL: -1}
        return sum(
            (
                signed[done.side] * done.quantity * done.price + (done.commission or Decimal(0))
                for done in self.executions
            ),
            Decimal(0),
        )
