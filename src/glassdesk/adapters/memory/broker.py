"""A broker in memory that does what it is told: every broker port, without a server, the same every time."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from glassdesk.adapters.memory.book import WORKING, Book, Resting
from glassdesk.kernel.errors import NotFound, SessionNotReady
from glassdesk.workflow.contracts.model import Contract, ContractRules, Hours, TickBand
from glassdesk.workflow.contracts.ports import BrokerContracts
from glassdesk.workflow.market_data.model import Bar, BarSize, History, Quote
from glassdesk.workflow.market_data.ports import BrokerMarketData
from glassdesk.workflow.order_tracking.model import Execution, OrderList, OrderRow
from glassdesk.workflow.order_tracking.ports import BrokerOrderReads
from glassdesk.workflow.orders.model import Outcome, OutcomeKind, Ticket
from glassdesk.workflow.orders.ports_write import BrokerOrders
from glassdesk.workflow.portfolio.model import BrokerBalances, Flow, Movement
from glassdesk.workflow.portfolio.ports import BrokerPortfolio
from glassdesk.workflow.positions.model import BrokerPosition
from glassdesk.workflow.positions.ports import BrokerPositions
from glassdesk.workflow.session.model import Account, SessionState, SessionStatus
from glassdesk.workflow.session.ports import BrokerSession

_CENTS = (TickBand(lower_edge=Decimal(0), increment=Decimal("0.01")),)

_LIVES_ON = (OutcomeKind.ACCEPTED, OutcomeKind.UNKNOWN)
"""Answers after which the order is at the broker, told or not."""


class MemorySession(BrokerSession):
    """A session whose `state` the test sets; signed-in people repair nothing here."""

    login_url = "memory:login"

    def __init__(self, account: Account) -> None:
        self.account = account
        self.state = SessionState.READY

    def status(self, *, seen_at: datetime) -> SessionStatus:
        return SessionStatus(state=self.state, seen_at=seen_at)

    def repair(self, *, seen_at: datetime, compete: bool = False) -> SessionStatus:
        repairable = (SessionState.NO_BRIDGE, SessionState.HALF_READY)
        if self.state in repairable or (compete and self.state is SessionState.COMPETING):
            self.state = SessionState.READY
        return self.status(seen_at=seen_at)

    def keep_alive(self, *, seen_at: datetime) -> SessionStatus:
        return self.status(seen_at=seen_at)

    def accounts(self) -> Sequence[Account]:
        self.need_ready()
        return [self.account]

    def logout(self) -> None:
        self.state = SessionState.SIGNED_OUT

    def need_ready(self) -> None:
        """Raises `SessionNotReady` as every read does."""
        if self.state is not SessionState.READY:
            raise SessionNotReady(f"the session is {self.state.value}")


class MemoryMarket(MemorySession, BrokerContracts, BrokerMarketData):
    """Contracts, bars and quotes as given; nothing is made up."""

    def __init__(self, account: Account, contracts: Iterable[Contract]) -> None:
        super().__init__(account)
        self.listed = {contract.conid: contract for contract in contracts}
        self.bars: dict[tuple[int, BarSize], tuple[Bar, ...]] = {}
        self.quoted: dict[int, Quote] = {}
        self.open_hours: tuple[Hours, ...] = ()

    def quote(self, conid: int, bid: Decimal | None, ask: Decimal | None, *, at: datetime) -> None:
        """Set the top of the book; the last price is the bid."""
        self.quoted[conid] = Quote(
            conid=conid, bid=bid, ask=ask, last=bid, availability="RpB", updated_at=at, read_at=at
        )

    def search(self, text: str) -> Sequence[Contract]:
        self.need_ready()
        wanted = text.upper()
        return [c for c in self.listed.values() if wanted in c.symbol.upper() or wanted in c.name.upper()]

    def stocks(self, symbols: Sequence[str]) -> Mapping[str, Sequence[Contract]]:
        self.need_ready()
        stocks = [c for c in self.listed.values() if c.sec_type == "STK"]
        return {symbol: [c for c in stocks if c.symbol == symbol] for symbol in symbols}

    def contract(self, conid: int) -> Contract:
        self.need_ready()
        if conid not in self.listed:
            raise NotFound(f"the broker lists no conid {conid}")
        return self.listed[conid]

    def rules(self, conid: int, *, fetched_at: datetime) -> ContractRules:
        return ContractRules(
            conid=self.contract(conid).conid,
            ticks=_CENTS,
            order_types=frozenset({"LMT", "MKT", "STP"}),
            tifs=frozenset({"DAY", "GTC"}),
            can_trade=True,
            fetched_at=fetched_at,
        )

    def hours(self, conid: int, exchange: str) -> Sequence[Hours]:
        self.need_ready()
        return self.open_hours

    def history(self, conid: int, size: BarSize, count: int, *, read_at: datetime) -> History:
        self.need_ready()
        begun = [bar for bar in self.bars.get((conid, size), ()) if bar.start <= read_at]
        return History(bars=tuple(begun[-count:]))

    def quotes(self, conids: Sequence[int], *, read_at: datetime) -> Mapping[int, Quote]:
        self.need_ready()
        known = [conid for conid in conids if conid in self.quoted]
        return {conid: replace(self.quoted[conid], read_at=read_at) for conid in known}


class MemoryBroker(MemoryMarket, BrokerOrders, BrokerOrderReads, BrokerPositions, BrokerPortfolio):
    """Takes orders and fills them on demand.

    `answers` holds what the next writes are answered instead of the truth: what is answered `ACCEPTED` or
    `UNKNOWN` happened at the broker, any other answer means that nothing arrived.
    """

    def __init__(
        self, account: Account, contracts: Iterable[Contract] = (), *, cash: Decimal = Decimal(100_000)
    ) -> None:
        super().__init__(account, contracts)
        self.book = Book()
        self.answers: deque[Outcome] = deque()
        self.writes: list[tuple[str, tuple[Ticket, ...] | str]] = []
        self.complete = True
        self._cash = cash
        self.moved: list[Movement] = []
        self.flowed: list[Flow] = []

    def fill(
        self,
        name: str,
        price: Decimal,
        *,
        at: datetime,
        quantity: Decimal | None = None,
        commission: Decimal | None = Decimal(1),
    ) -> Execution:
        """Execute an order, by client order id or number: all that remains, or `quantity` of it."""
        order = self.book.order(name)
        listed = self.listed.get(order.ticket.conid)
        return self.book.fill(
            order,
            order.remaining if quantity is None else quantity,
            price,
            symbol=listed.symbol if listed else "",
            commission=commission,
            at=at,
        )

    def end(self, name: str, status: str = "Cancelled") -> None:
        """The broker ends an order by itself: at the close, at a split, by hand."""
        self.book.order(name).status = status

    def place(self, tickets: Sequence[Ticket]) -> Outcome:
        self.writes.append(("place", tuple(tickets)))
        if (down := self._down()) is not None:
            return down
        known = [ticket.coid for ticket in tickets if self.book.by_coid(ticket.coid)]
        if known:
            return Outcome(kind=OutcomeKind.EXISTS, text=f"{known[0]} is already registered")
        told = self.answers.popleft() if self.answers else Outcome(kind=OutcomeKind.ACCEPTED)
        if told.kind not in _LIVES_ON:
            return told
        acknowledged = self.book.accept(tickets)
        return replace(told, acknowledged=acknowledged) if told.kind is OutcomeKind.ACCEPTED else told

    def modify(self, broker_order_id: str, ticket: Ticket) -> Outcome:
        self.writes.append(("modify", (ticket,)))

        def replace_ticket(order: Resting) -> None:
            order.ticket = ticket

        return self._change(broker_order_id, replace_ticket)

    def cancel(self, account: str, broker_order_id: str) -> Outcome:
        self.writes.append(("cancel", broker_order_id))
        return self._change(broker_order_id, self.book.cancel)

    def _change(self, broker_order_id: str, deed: Callable[[Resting], None]) -> Outcome:
        if (down := self._down()) is not None:
            return down
        order = self.book.orders.get(broker_order_id)
        if order is None or order.status not in WORKING:
            return Outcome(kind=OutcomeKind.UNKNOWN, text="no such working order", http_status=400)
        told = self.answers.popleft() if self.answers else Outcome(kind=OutcomeKind.ACCEPTED)
        if told.kind in _LIVES_ON:
            deed(order)
        return told

    def _down(self) -> Outcome | None:
        if self.state is SessionState.READY:
            return None
        return Outcome(kind=OutcomeKind.NOT_SENT, text=f"the session is {self.state.value}")

    def live_orders(self) -> OrderList:
        self.need_ready()
        rows = tuple(order.row() for order in self.book.orders.values())
        return OrderList(rows=rows if self.complete else (), complete=self.complete)

    def order_status(self, broker_order_id: str) -> OrderRow | None:
        self.need_ready()
        order = self.book.orders.get(broker_order_id)
        return None if order is None else order.row()

    def trades(self, days: int) -> Sequence[Execution]:
        self.need_ready()
        return list(self.book.executions)

    def positions(self, account: str) -> Sequence[BrokerPosition]:
        self.need_ready()
        held = {execution.conid: execution.symbol for execution in self.book.executions}
        return [self._position(account, conid, symbol) for conid, symbol in sorted(held.items())]

    def _position(self, account: str, conid: int, symbol: str) -> BrokerPosition:
        quantity, average = self.book.held(conid)
        price = self.quoted[conid].last if conid in self.quoted else None
        return BrokerPosition(
            account=account,
            conid=conid,
            symbol=symbol,
            quantity=quantity,
            average_cost=average,
            market_price=price,
        )

    def balances(self, account: str) -> BrokerBalances:
        self.need_ready()
        cash = self._cash - self.book.spent()
        held = self.positions(account)
        worth = sum((p.quantity * (p.market_price or p.average_cost) for p in held), Decimal(0))
        return BrokerBalances(
            account=account,
            net_liquidation=cash + worth,
            cash=cash,
            settled_cash=cash,
            available_funds=cash,
            currency=self.account.currency,
        )

    def movements(self, account: str, conids: Sequence[int], *, days: int) -> Sequence[Movement]:
        self.need_ready()
        return [one for one in self.moved if one.conid in conids]

    def flows(self, account: str) -> Sequence[Flow]:
        self.need_ready()
        return list(self.flowed)

    def pay(self, amount: Decimal) -> None:
        """Cash moves without an order."""
        self._cash += amount
