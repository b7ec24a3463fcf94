"""A small broker in memory for the dealer's stories: it fills, and loses answers, when told to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal

from glassdesk.adapters.clocks import ManualClock
from glassdesk.kernel.errors import ReadFailed, SessionNotReady
from glassdesk.workflow.market_data.model import BarSize, History, Quote
from glassdesk.workflow.order_tracking.model import Execution, OrderList, OrderRow
from glassdesk.workflow.orders.model import (
    Acknowledged,
    OrderType,
    Outcome,
    OutcomeKind,
    Side,
    Ticket,
)
from glassdesk.workflow.portfolio.model import BrokerBalances, Flow, Movement
from glassdesk.workflow.positions.model import BrokerPosition
from glassdesk.workflow.session.model import Account, SessionState, SessionStatus

ACCOUNT = "DU1234567"
ZERO = Decimal(0)
LIVE = ("PreSubmitted", "Submitted")

_ALL_DAYS = 7
"""Of trades that the broker keeps."""


@dataclass(slots=True)
class Resting:
    """An order as the broker has it."""

    broker_order_id: str
    ticket: Ticket
    parent: str | None
    status: str = "Submitted"
    filled: Decimal = ZERO
    listed: bool = True
    reason: str = ""

    @property
    def live(self) -> bool:
        return self.status in LIVE


@dataclass(slots=True)
class ScriptedBroker:
    """Implements every broker port that the dealer uses."""

    clock: ManualClock
    login_url: str = "https://localhost:5055"
    state: SessionState = SessionState.READY
    orders: dict[str, Resting] = field(default_factory=dict)
    fills: list[Execution] = field(default_factory=list)
    opening: dict[int, Decimal] = field(default_factory=dict)
    marks: dict[int, Decimal] = field(default_factory=dict)
    quotes_by_conid: dict[int, tuple[Decimal | None, Decimal | None]] = field(default_factory=dict)
    cash: Decimal = Decimal(100_000)
    accrued_interest: Decimal | None = None
    moved: list[Movement] = field(default_factory=list)
    flowed: list[Flow] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    """Readings of what moved cash."""
    placed: list[tuple[Ticket, ...]] = field(default_factory=list)
    """Every placement that reached the broker, accepted or not."""
    modified: list[tuple[str, Ticket]] = field(default_factory=list)
    cancelled: list[str] = field(default_factory=list)
    strangers: list[OrderRow] = field(default_factory=list)
    """Orders of somebody else, as the list has them."""
    next_place: list[str] = field(default_factory=list)
    """What happens to the next placements: `lost_before`, `lost_after`, `not_sent`, `reject`, `decline`."""
    next_modify: list[str] = field(default_factory=list)
    next_cancel: list[str] = field(default_factory=list)
    """What happens to the next cancels: `lost_before`, `not_sent`."""
    asks_about_market: bool = False
    """Market orders are questioned, and the question is never answered with yes."""
    refuses_duplicates: bool = True
    broken_reads: bool = False
    broken_balances: bool = False
    broken_status: bool = False
    broken_lists: bool = False
    broken_trades: bool = False
    """One read fails for as long as this is on; all others answer."""
    slow_cancels: bool = False
    lists_whole: bool = True
    shown_to_the_second_look: bool = False
    """Lists are blank but for one at the instant of a reading of a week's trades."""
    _week_read_at: datetime | None = None
    quoted: list[int] = field(default_factory=list)
    """Contracts whose quotes were read."""
    list_takes: timedelta = timedelta()
    quote_takes: timedelta = timedelta()
    """A cancel stays under way until `end_cancels`."""
    forgets_unlisted: bool = False
    listed_at: list[datetime] = field(default_factory=list)

    # ------------------------------------------------------------ session

    def status(self, *, seen_at: datetime) -> SessionStatus:
        return SessionStatus(state=self.state, seen_at=seen_at)

    def repair(self, *, seen_at: datetime, compete: bool = False) -> SessionStatus:
        if self.state is SessionState.NO_BRIDGE:
            self.state = SessionState.READY
        return self.status(seen_at=seen_at)

    def keep_alive(self, *, seen_at: datetime) -> SessionStatus:
        return self.status(seen_at=seen_at)

    def accounts(self) -> Sequence[Account]:
        self._ready()
        return (Account(account=ACCOUNT, is_paper=True),)

    def logout(self) -> None:
        self.state = SessionState.SIGNED_OUT

    # ------------------------------------------------------------ writes

    def place(self, tickets: Sequence[Ticket]) -> Outcome:
        script = self.next_place.pop(0) if self.next_place else ""
        if script == "not_sent":
            return Outcome(kind=OutcomeKind.NOT_SENT, text="connection refused")
        if script == "lost_before":
            return Outcome(kind=OutcomeKind.UNKNOWN, text="read timeout")
        self.placed.append(tuple(tickets))
        if script in ("reject", "decline"):
            kind = OutcomeKind.REJECTED if script == "reject" else OutcomeKind.DECLINED
            return Outcome(kind=kind, text="No trading permissions.", http_status=200)
        if self.refuses_duplicates and self._known(tickets[0].coid):
            return Outcome(kind=OutcomeKind.EXISTS, text="already registered", http_status=200)
        resting = self._book(tickets)
        if script == "lost_after":
            return Outcome(kind=OutcomeKind.UNKNOWN, text="read timeout")
        named = tuple(
            Acknowledged(coid=one.ticket.coid, broker_order_id=one.broker_order_id, status=one.status)
            for one in resting
        )
        return Outcome(kind=OutcomeKind.ACCEPTED, acknowledged=named, http_status=200)

    def modify(self, broker_order_id: str, ticket: Ticket) -> Outcome:
        if self.asks_about_market and ticket.order_type is OrderType.MARKET:
            return Outcome(kind=OutcomeKind.DECLINED, text="Market order?", questions=("o10151:no",))
        script = self.next_modify.pop(0) if self.next_modify else ""
        if script == "reject":
            return Outcome(kind=OutcomeKind.REJECTED, text="Order cannot be modified", http_status=200)
        if script != "lost_before":
            self.modified.append((broker_order_id, ticket))
            self.orders[broker_order_id].ticket = ticket
        if script:
            return Outcome(kind=OutcomeKind.UNKNOWN, text="read timeout")
        named = Acknowledged(coid=None, broker_order_id=broker_order_id, status="Submitted")
        return Outcome(kind=OutcomeKind.ACCEPTED, acknowledged=(named,), http_status=200)

    def cancel(self, account: str, broker_order_id: str) -> Outcome:
        script = self.next_cancel.pop(0) if self.next_cancel else ""
        if script:
            kind = OutcomeKind.NOT_SENT if script == "not_sent" else OutcomeKind.UNKNOWN
            return Outcome(kind=kind, text="connection refused")
        order = self.orders[broker_order_id]
        if not order.live:
            return Outcome(kind=OutcomeKind.REJECTED, text="Order is inactive", http_status=400)
        self.cancelled.append(broker_order_id)
        order.status = "PendingCancel"
        if not self.slow_cancels:
            self.end_cancels()
        named = Acknowledged(coid=None, broker_order_id=broker_order_id, status="PendingCancel")
        return Outcome(kind=OutcomeKind.ACCEPTED, acknowledged=(named,), http_status=200)

    # ------------------------------------------------------------ reads

    def live_orders(self) -> OrderList:
        self._ready()
        if self.broken_lists:
            raise ReadFailed("no answer")
        self.listed_at.append(self.clock.now())
        self.clock.advance(self.list_takes)
        blank = self.shown_to_the_second_look and self._week_read_at != self.clock.now()
        rows = tuple(self._row(one) for one in self.orders.values() if one.listed and not blank)
        return OrderList(rows=(*rows, *self.strangers), complete=self.lists_whole)

    def order_status(self, broker_order_id: str) -> OrderRow | None:
        if self.broken_status:
            raise ReadFailed("no answer")
        one = self.orders.get(broker_order_id)
        forgotten = one is None or (self.forgets_unlisted and not one.listed)
        return None if one is None or forgotten else self._row(one)

    def trades(self, days: int) -> Sequence[Execution]:
        self._ready()
        if self.broken_trades:
            raise ReadFailed("no answer")
        self._week_read_at = self.clock.now() if days == _ALL_DAYS else None
        return tuple(self.fills)

    def positions(self, account: str) -> Sequence[BrokerPosition]:
        self._ready()
        held = dict(self.opening)
        for one in self.fills:
            change = one.quantity if one.side is Side.BUY else -one.quantity
            held[one.conid] = held.get(one.conid, ZERO) + change
        return tuple(
            BrokerPosition(
                account=account,
                conid=conid,
                symbol=f"S{conid}",
                quantity=quantity,
                average_cost=Decimal(100),
                market_price=self.marks.get(conid),
            )
            for conid, quantity in held.items()
            if quantity
        )

    def balances(self, account: str) -> BrokerBalances:
        self._ready()
        if self.broken_balances:
            raise ReadFailed("no answer")
        return BrokerBalances(
            account=account,
            net_liquidation=self.cash,
            cash=self.cash,
            settled_cash=self.cash,
            available_funds=self.cash,
            currency="USD",
            accrued_interest=self.accrued_interest,
            accrued_dividends=None,
        )

    def movements(self, account: str, conids: Sequence[int], *, days: int) -> Sequence[Movement]:
        self._ready()
        self.asked.append("movements")
        return [one for one in self.moved if one.conid in conids]

    def flows(self, account: str) -> Sequence[Flow]:
        self._ready()
        self.asked.append("flows")
        return list(self.flowed)

    def quotes(self, conids: Sequence[int], *, read_at: datetime) -> Mapping[int, Quote]:
        self.quoted += conids
        self.clock.advance(self.quote_takes)
        found = {}
        for conid in conids:
            if conid in self.quotes_by_conid:
                bid, ask = self.quotes_by_conid[conid]
                found[conid] = Quote(
                    conid=conid,
                    bid=bid,
                    ask=ask,
                    last=bid,
                    availability="RpB",
                    updated_at=read_at,
                    read_at=read_at,
                )
        return found

    def history(self, conid: int, size: BarSize, count: int, *, read_at: datetime) -> History:
        return History()

    # ------------------------------------------------------------ what the test does

    def fill(self, coid: str, quantity: int, price: str, *, commission: str | None = "1.00") -> Execution:
        """Some shares of an order trade; its OCA sibling ends with the last of the position."""
        one = next(o for o in self.orders.values() if o.ticket.coid == coid)
        one.filled += quantity
        for other in self._siblings(one):
            # One group: what one sells the other no longer offers.
            other.ticket = replace(other.ticket, quantity=max(other.filled, other.ticket.quantity - quantity))
        execution = self._execute(one.ticket, Decimal(quantity), Decimal(price), one, commission)
        if one.filled >= one.ticket.quantity:
            one.status = "Filled"
            if one.parent is not None:
                self._end_children(one.parent)
        return execution

    def trade_by_hand(self, conid: int, side: Side, quantity: int, price: str) -> Execution:
        """Somebody trades in the account without the desk."""
        execution = Execution(
            execution=f"hand.{len(self.fills) + 1:08d}",
            revision=1,
            order_ref=None,
            broker_order_id="999",
            account=ACCOUNT,
            conid=conid,
            symbol=f"S{conid}",
            side=side,
            quantity=Decimal(quantity),
            price=Decimal(price),
            commission=Decimal(1),
            executed_at=self.clock.now(),
        )
        self.fills.append(execution)
        return execution

    def backed(self, one: Resting) -> Decimal:
        """Shares that may trade in an order: a child sells what its parent has bought and no sibling sold."""
        if one.parent is None:
            return one.ticket.quantity
        sold = one.filled + sum((other.filled for other in self._siblings(one)), ZERO)
        return self.orders[one.parent].filled - sold

    def _siblings(self, one: Resting) -> list[Resting]:
        if one.parent is None:
            return []
        return [o for o in self.orders.values() if o.parent == one.parent and o is not one]

    def end_cancels(self) -> None:
        """Every cancel that is under way comes through."""
        for one in [o for o in self.orders.values() if o.status == "PendingCancel"]:
            one.status = "Cancelled"
            if one.filled == 0:
                self._end_children(one.broker_order_id)

    def by_coid(self, coid: str) -> Resting:
        return next(one for one in self.orders.values() if one.ticket.coid == coid)

    def live_stops(self) -> list[Resting]:
        return [one for one in self.orders.values() if one.live and one.ticket.order_type is OrderType.STOP]

    # ------------------------------------------------------------ inside

    def _ready(self) -> None:
        if self.broken_reads:
            raise ReadFailed("no answer")
        if self.state is not SessionState.READY:
            raise SessionNotReady(self.state.value)

    def _known(self, coid: str) -> bool:
        return any(one.ticket.coid == coid for one in self.orders.values())

    def _book(self, tickets: Sequence[Ticket]) -> list[Resting]:
        booked: list[Resting] = []
        for ticket in tickets:
            number = str(1000 + len(self.orders) + 1)
            parent = booked[0].broker_order_id if ticket.parent_coid is not None and booked else None
            status = "PreSubmitted" if parent else "Submitted"
            one = Resting(broker_order_id=number, ticket=ticket, parent=parent, status=status)
            self.orders[number] = one
            booked.append(one)
        return booked

    def _end_children(self, parent: str) -> None:
        for one in self.orders.values():
            if one.parent == parent and (one.live or one.status == "PendingCancel"):
                one.status = "Cancelled"

    def _row(self, one: Resting) -> OrderRow:
        ticket = one.ticket
        return OrderRow(
            broker_order_id=one.broker_order_id,
            order_ref=ticket.coid if one.parent is None else None,
            parent_id=one.parent,
            account=ticket.account,
            conid=ticket.conid,
            side=ticket.side,
            status=one.status,
            order_type=ticket.order_type.value,
            price=ticket.price,
            tif=ticket.tif.value,
            total=ticket.quantity,
            filled=one.filled,
            remaining=ticket.quantity - one.filled,
            average_price=None,
            reason=one.reason,
        )

    def _execute(
        self, ticket: Ticket, quantity: Decimal, price: Decimal, one: Resting, commission: str | None
    ) -> Execution:
        execution = Execution(
            execution=f"0000e0d5.{len(self.fills) + 1:08d}",
            revision=1,
            order_ref=ticket.coid if one.parent is None else None,
            broker_order_id=one.broker_order_id,
            account=ACCOUNT,
            conid=ticket.conid,
            symbol=f"S{ticket.conid}",
            side=ticket.side,
            quantity=quantity,
            price=price,
            commission=Decimal(commission) if commission is not None else None,
            executed_at=self.clock.now(),
        )
        self.fills.append(execution)
        value = quantity * price
        self.cash += -value if ticket.side is Side.BUY else value
        self.cash -= execution.commission or ZERO
        return execution

    def state_commission(self, execution: Execution, commission: str) -> None:
        """The commission arrives later [F-67]."""
        self.fills = [
            replace(one, commission=Decimal(commission)) if one.execution == execution.execution else one
            for one in self.fills
        ]
