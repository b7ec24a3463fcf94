"""What the broker really has: orders with every state they had, executions with revisions, positions.

Written for the harness alone: it shares no line with the product's adapters nor with the simulator.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from glassdesk.workflow.orders.model import OrderType, Side, Ticket
from tests.chaos.history.truth import (
    TrueExecution,
    TrueOrder,
    TruePosition,
    TrueRequest,
    TrueState,
    TrueStatus,
    Truth,
)

ZERO = Decimal(0)


@dataclass(slots=True)
class Held:
    """One order at the broker."""

    number: str
    ticket: Ticket
    coid: str | None
    """As the broker knows it: children may have lost theirs."""
    parent: Held | None
    received_step: int
    received_at: datetime
    visible_at: datetime
    ours: bool
    late: bool
    quantity: Decimal
    price: Decimal | None
    order_type: OrderType
    states: list[TrueState] = field(default_factory=list)
    children: list[Held] = field(default_factory=list)
    word: str = "Submitted"
    """The broker's status word, where it is not told by the state."""
    reason: str = ""
    cancelling: bool = False

    @property
    def last(self) -> TrueState:
        return self.states[-1]

    @property
    def working(self) -> bool:
        return self.last.working

    @property
    def filled(self) -> Decimal:
        return self.last.filled

    @property
    def siblings(self) -> Iterator[Held]:
        return (one for one in (self.parent.children if self.parent else ()) if one is not self)


class Book:
    """Changes the truth, and remembers each change with its place among all events."""

    def __init__(
        self,
        account: str,
        now: Callable[[], datetime],
        next_step: Callable[[], int],
        changed: Callable[[datetime], None],
    ) -> None:
        self.account = account
        self._changed = changed
        """Told from when on something new can be read."""
        self._now = now
        self._next_step = next_step
        self.orders: dict[str, Held] = {}
        self.executions: list[TrueExecution] = []
        self.booked: list[datetime] = []
        """When each execution may be read."""
        self.positions: list[TruePosition] = []
        self.requests: list[TrueRequest] = []
        self.outside: list[datetime] = []
        self.nothing_new: list[tuple[datetime, datetime]] = []
        self.shares: dict[int, Decimal] = {}
        self.average: dict[int, Decimal] = {}
        self.cash = Decimal(1_000_000)

    # ------------------------------------------------------------ orders

    def knows(self, coid: str) -> bool:
        """An order was accepted under this id."""
        return any(one.coid == coid for one in self.orders.values())

    def accept(
        self,
        ticket: Ticket,
        *,
        parent: Held | None,
        step: int,
        received_at: datetime,
        visible_at: datetime,
        keeps_coid: bool = True,
        ours: bool = True,
        late: bool = False,
    ) -> Held:
        """One ticket becomes an order."""
        one = Held(
            number=str(1_000_001 + len(self.orders)),
            ticket=ticket,
            coid=ticket.coid if keeps_coid else None,
            parent=parent,
            received_step=step,
            received_at=received_at,
            visible_at=visible_at,
            ours=ours,
            late=late,
            quantity=ticket.quantity,
            price=ticket.price,
            order_type=ticket.order_type,
        )
        self.orders[one.number] = one
        if parent is not None:
            parent.children.append(one)
        self.set(one, TrueStatus.WORKING, awake=parent is None)
        return one

    def set(
        self,
        one: Held,
        status: TrueStatus | None = None,
        *,
        filled: Decimal | None = None,
        awake: bool | None = None,
    ) -> None:
        """A new state from now on."""
        before = one.states[-1] if one.states else None
        one.states.append(
            TrueState(
                step=self._next_step(),
                at=self._now(),
                status=status if status is not None else one.last.status,
                quantity=one.quantity,
                price=one.price,
                filled=filled if filled is not None else before.filled if before else ZERO,
                awake=awake if awake is not None else before.awake if before else True,
            )
        )
        self._changed(max(self._now(), one.visible_at))

    def change(self, one: Held, ticket: Ticket) -> None:
        """Another price, type or quantity."""
        one.quantity, one.price, one.order_type = ticket.quantity, ticket.price, ticket.order_type
        self.set(one)

    def end(self, one: Held, status: TrueStatus = TrueStatus.CANCELLED, reason: str = "") -> None:
        """It works no more; children of an entry that bought nothing end with it."""
        if not one.working:
            return
        one.reason = reason or one.reason
        self.set(one, status)
        if one.filled == 0:
            for child in one.children:
                self.end(child)

    # ------------------------------------------------------------ executions

    def backed(self, one: Held) -> Decimal:
        """Shares that may trade: a child sells what its parent has bought and no sibling has sold."""
        open_ = one.quantity - one.filled
        if one.parent is None:
            return open_
        sold = one.filled + sum((other.filled for other in one.siblings), ZERO)
        return min(open_, one.parent.filled - sold)

    def fill(
        self, one: Held, quantity: Decimal, price: Decimal, *, commission: bool, readable_at: datetime
    ) -> None:
        """Some shares trade."""
        filled = one.filled + quantity
        done = filled >= one.quantity
        status = TrueStatus.FILLED if done else one.last.status
        self.set(one, status, filled=filled)
        self._execute(one, quantity, price, commission=commission, readable_at=readable_at)
        for child in one.children:
            if child.working and not child.last.awake:
                self.set(child, awake=True)
        self._one_cancels_the_other(one)

    def _one_cancels_the_other(self, one: Held) -> None:
        """What one child sells the other no longer offers; sold out, the other ends."""
        parent = one.parent
        if parent is None:
            return
        over = sum((child.filled for child in parent.children), ZERO) >= parent.filled and not parent.working
        for other in one.siblings:
            if other.working and (over or not one.working):
                self.end(other)

    def _execute(
        self, one: Held, quantity: Decimal, price: Decimal, *, commission: bool, readable_at: datetime
    ) -> None:
        fee = Decimal(1) if commission else None
        self._book(one, f"0000e0d5.{len(self.executions) + 1:08d}", 1, quantity, price, fee, readable_at)
        self.move(one.ticket.conid, one.ticket.side, quantity, price, outside=not one.ours)

    def _book(
        self,
        one: Held,
        execution: str,
        revision: int,
        quantity: Decimal,
        price: Decimal,
        commission: Decimal | None,
        readable_at: datetime,
    ) -> None:
        self.executions.append(
            TrueExecution(
                execution=execution,
                revision=revision,
                broker_order_id=one.number,
                coid=one.coid,
                account=self.account,
                conid=one.ticket.conid,
                side=one.ticket.side,
                quantity=quantity,
                price=price,
                commission=commission,
                step=self._next_step(),
                at=self._now(),
            )
        )
        self.booked.append(readable_at)
        self._changed(readable_at)

    def revise(self, found: TrueExecution, *, price: Decimal, readable_at: datetime) -> None:
        """A correction: the same execution at another price [F-68]."""
        one = self.orders[found.broker_order_id or ""]
        fee = found.commission or Decimal(1)
        revision = 1 + max(e.revision for e in self.executions if e.execution == found.execution)
        self._book(one, found.execution, revision, found.quantity, price, fee, readable_at)

    def state_commission(self, index: int) -> None:
        """What an execution cost is known now [F-67]."""
        found = self.executions[index]
        self.executions[index] = TrueExecution(
            **{name: getattr(found, name) for name in TrueExecution.__slots__ if name != "commission"},
            commission=Decimal(1),
        )
        self._changed(self._now())

    def move(self, conid: int, side: Side, quantity: Decimal, price: Decimal, *, outside: bool) -> None:
        """Shares come or go."""
        signed = quantity if side is Side.BUY else -quantity
        before = self.shares.get(conid, ZERO)
        if signed > 0:
            cost = self.average.get(conid, ZERO) * max(before, ZERO) + price * signed
            self.average[conid] = cost / (max(before, ZERO) + signed)
        self.shares[conid] = before + signed
        self.cash -= signed * price
        self.positions.append(
            TruePosition(
                step=self._next_step(),
                at=self._now(),
                account=self.account,
                conid=conid,
                quantity=self.shares[conid],
                outside=outside,
            )
        )
        if outside:
            self.outside.append(self._now())

    # ------------------------------------------------------------ the truth

    def request(self, method: str, path: str, body: object, status: int | None = None) -> int:
        """A request came; answers its place among all events."""
        step = self._next_step()
        self.requests.append(
            TrueRequest(step=step, at=self._now(), method=method, path=path, body=body, status=status)
        )
        return step

    def truth(self) -> Truth:
        """Everything so far."""
        return Truth(
            account=self.account,
            now=self._now(),
            orders=tuple(self._true(one) for one in self.orders.values()),
            executions=tuple(self.executions),
            positions=tuple(self.positions),
            requests=tuple(self.requests),
            outside=tuple(self.outside),
            nothing_new=tuple(self.nothing_new),
        )

    def _true(self, one: Held) -> TrueOrder:
        return TrueOrder(
            broker_order_id=one.number,
            coid=one.coid,
            parent=one.parent.number if one.parent is not None else None,
            account=self.account,
            conid=one.ticket.conid,
            side=one.ticket.side,
            kind=one.ticket.order_type.value,
            tif=one.ticket.tif.value,
            oca=one.parent.number if one.parent is not None else None,
            received_step=one.received_step,
            received_at=one.received_at,
            visible_at=one.visible_at,
            states=tuple(one.states),
            ours=one.ours,
            late=one.late,
        )

    def effective(self) -> Sequence[TrueExecution]:
        """The highest revision of each execution."""
        newest = {one.execution: one for one in sorted(self.executions, key=lambda e: e.revision)}
        return list(newest.values())
