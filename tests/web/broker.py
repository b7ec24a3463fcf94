"""A broker small enough to read: fixed bars, fills at once inside the limit, children that rest."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from glassdesk.adapters.calendars import ExchangeCalendar
from glassdesk.kernel.clock import Clock
from glassdesk.kernel.errors import NotFound
from glassdesk.workflow.contracts.model import Contract, ContractRules, Hours, TickBand
from glassdesk.workflow.market_data.model import Bar, BarSize, History, Quote
from glassdesk.workflow.order_tracking.model import Execution, OrderList, OrderRow
from glassdesk.workflow.orders.model import Acknowledged, Outcome, OutcomeKind, Role, Side, Ticket
from glassdesk.workflow.portfolio.model import BrokerBalances, Flow, Movement
from glassdesk.workflow.positions.model import BrokerPosition
from glassdesk.workflow.risk.model import WhatIf
from glassdesk.workflow.session.model import Account, SessionState, SessionStatus

ACCOUNT = "DU1234567"
FIRST_BAR = date(2011, 6, 1)
CENT = Decimal("0.01")


def listing(conid: int, symbol: str, name: str, **other: str) -> Contract:
    stated = {"sec_type": "STK", "exchange": "NASDAQ", "currency": "USD", **other}
    return Contract(conid=conid, symbol=symbol, name=name, **stated)


LISTINGS = (
    listing(265598, "AAPL", "APPLE INC"),
    listing(272093, "MSFT", "MICROSOFT CORP"),
    listing(756733, "SPY", "SPDR S&P 500 ETF TRUST", exchange="ARCA"),
    listing(9000002, "DUO", "DUO CORP", exchange="NYSE"),
    listing(9000003, "DUO", "DUO FUND", exchange="ARCA"),
    listing(9000001, "XSS", "<script>alert(1)</script> & SONS"),
    listing(38708077, "AAPL", "APPLE INC CDR", exchange="TSE", currency="CAD"),
)
BASE = {265598: (90.0, 0.0009), 272093: (30.0, -0.0002), 756733: (140.0, 0.0004), 9000001: (20.0, 0.0)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """One order at the broker."""

    row: OrderRow
    ticket: Ticket


class ScriptedBroker:
    """Every broker port in one object."""

    login_url = "https://localhost:5055/"

    def __init__(self, clock: Clock, calendar: ExchangeCalendar) -> None:
        self._clock, self._calendar = clock, calendar
        self.state = SessionState.READY
        self.held: dict[str, Held] = {}
        self.fills: list[Execution] = []
        self.strangers: list[OrderRow] = []

    # contracts

    def search(self, text: str) -> Sequence[Contract]:
        wanted = text.upper()
        return [c for c in LISTINGS if wanted in c.symbol or wanted in c.name.upper()]

    def stocks(self, symbols: Sequence[str]) -> Mapping[str, Sequence[Contract]]:
        return {symbol: [c for c in LISTINGS if c.symbol == symbol] for symbol in symbols}

    def contract(self, conid: int) -> Contract:
        for known in LISTINGS:
            if known.conid == conid:
                return known
        raise NotFound(f"no contract {conid}")

    def rules(self, conid: int, *, fetched_at: datetime) -> ContractRules:
        return ContractRules(
            conid=conid,
            ticks=(TickBand(lower_edge=Decimal(0), increment=CENT),),
            order_types=frozenset({"LMT", "MKT", "STP"}),
            tifs=frozenset({"DAY", "GTC"}),
            can_trade=True,
            fetched_at=fetched_at,
        )

    def hours(self, conid: int, exchange: str) -> Sequence[Hours]:
        return ()

    # what-if

    def what_if(self, ticket: Ticket) -> WhatIf:
        spent = ticket.quantity * (ticket.price or Decimal(0))
        return WhatIf(
            equity_after=Decimal("99998.95"),
            initial_after=spent / 2,
            maintenance_after=spent / 4,
            commission=Decimal("1.05"),
            warning="21/You are trying to submit an order without having market data for this instrument",
        )

    # market data

    def history(self, conid: int, size: BarSize, count: int, *, read_at: datetime) -> History:
        sessions = self._calendar.sessions("XNYS", FIRST_BAR, read_at.date())
        begun = [hours for hours in sessions if hours.opens_at <= read_at]
        bars = [_bar(conid, index, hours) for index, hours in enumerate(begun)]
        return History(bars=tuple(bars[-count:]))

    def quotes(self, conids: Sequence[int], *, read_at: datetime) -> Mapping[int, Quote]:
        return {conid: self._quote(conid, read_at) for conid in conids}

    def _quote(self, conid: int, read_at: datetime) -> Quote:
        price = self.price(conid)
        return Quote(
            conid=conid,
            bid=price - CENT,
            ask=price,
            last=price,
            availability="RpB",
            updated_at=read_at,
            read_at=read_at,
        )

    def price(self, conid: int) -> Decimal:
        """The open while the session lasts, its close afterwards."""
        now = self._clock.now()
        bar = self.history(conid, BarSize.DAY, 1, read_at=now).bars[-1]
        hours = self._calendar.hours("XNYS", bar.session)
        return bar.open if hours is not None and hours.contains(now) else bar.close

    # session

    def status(self, *, seen_at: datetime) -> SessionStatus:
        return SessionStatus(state=self.state, seen_at=seen_at)

    def repair(self, *, seen_at: datetime, compete: bool = False) -> SessionStatus:
        return self.status(seen_at=seen_at)

    def keep_alive(self, *, seen_at: datetime) -> SessionStatus:
        return self.status(seen_at=seen_at)

    def accounts(self) -> Sequence[Account]:
        return [Account(account=ACCOUNT, is_paper=True)]

    def logout(self) -> None:
        self.state = SessionState.SIGNED_OUT

    # orders

    def place(self, tickets: Sequence[Ticket]) -> Outcome:
        acknowledged = tuple(self._take(ticket) for ticket in tickets)
        for ticket in tickets:
            self._match(ticket)
        return Outcome(kind=OutcomeKind.ACCEPTED, acknowledged=acknowledged, questions=("o10331:yes",))

    def _take(self, ticket: Ticket) -> Acknowledged:
        number = str(1_000_001 + len(self.held))
        parent = self.held[ticket.parent_coid].row.broker_order_id if ticket.parent_coid else None
        row = OrderRow(
            broker_order_id=number,
            order_ref=ticket.coid,
            parent_id=parent,
            account=ticket.account,
            conid=ticket.conid,
            side=ticket.side,
            status="PreSubmitted" if parent else "Submitted",
            order_type=ticket.order_type.value,
            price=ticket.price,
            tif=ticket.tif.value,
            total=ticket.quantity,
            filled=Decimal(0),
            remaining=ticket.quantity,
            average_price=None,
        )
        self.held[ticket.coid] = Held(row=row, ticket=ticket)
        return Acknowledged(coid=ticket.coid, broker_order_id=number, status=row.status)

    def _match(self, ticket: Ticket) -> None:
        price = self.price(ticket.conid)
        if ticket.role is Role.ENTRY and (ticket.price is None or price <= ticket.price):
            self.fill(ticket.coid, price)

    def fill(self, coid: str, price: Decimal) -> None:
        """Fill the whole order; its sibling, if any, is cancelled."""
        held = self.held[coid]
        done = replace(
            held.row,
            status="Filled",
            filled=held.row.total,
            remaining=Decimal(0),
            average_price=price,
        )
        self.held[coid] = replace(held, row=done)
        self.fills.append(self._execution(held, price))
        if held.ticket.parent_coid:
            self._cancel_sibling(held)

    def _cancel_sibling(self, held: Held) -> None:
        for coid, other in self.held.items():
            if other.ticket.parent_coid == held.ticket.parent_coid and coid != held.ticket.coid:
                self.held[coid] = replace(other, row=replace(other.row, status="Cancelled"))

    def _execution(self, held: Held, price: Decimal) -> Execution:
        return Execution(
            execution=f"0000e0d5.50{len(self.fills):06d}.01",
            revision=1,
            order_ref=held.ticket.coid,
            broker_order_id=held.row.broker_order_id,
            account=ACCOUNT,
            conid=held.ticket.conid,
            symbol=self.contract(held.ticket.conid).symbol,
            side=held.ticket.side,
            quantity=held.row.total,
            price=price,
            commission=Decimal("1.00"),
            executed_at=self._clock.now(),
        )

    def modify(self, broker_order_id: str, ticket: Ticket) -> Outcome:
        return Outcome(kind=OutcomeKind.ACCEPTED)

    def cancel(self, account: str, broker_order_id: str) -> Outcome:
        for coid, held in self.held.items():
            if held.row.broker_order_id == broker_order_id:
                self.held[coid] = replace(held, row=replace(held.row, status="Cancelled"))
        return Outcome(kind=OutcomeKind.ACCEPTED)

    # reads

    def live_orders(self) -> OrderList:
        rows = (*(held.row for held in self.held.values()), *self.strangers)
        return OrderList(rows=rows, complete=True)

    def order_status(self, broker_order_id: str) -> OrderRow | None:
        return next((h.row for h in self.held.values() if h.row.broker_order_id == broker_order_id), None)

    def trades(self, days: int) -> Sequence[Execution]:
        return list(self.fills)

    def positions(self, account: str) -> Sequence[BrokerPosition]:
        held: dict[int, Decimal] = {}
        for fill in self.fills:
            sign = 1 if fill.side is Side.BUY else -1
            held[fill.conid] = held.get(fill.conid, Decimal(0)) + sign * fill.quantity
        return [self._position(conid, quantity) for conid, quantity in held.items() if quantity]

    def _position(self, conid: int, quantity: Decimal) -> BrokerPosition:
        bought = [fill for fill in self.fills if fill.conid == conid and fill.side is Side.BUY]
        return BrokerPosition(
            account=ACCOUNT,
            conid=conid,
            symbol=self.contract(conid).symbol,
            quantity=quantity,
            average_cost=bought[-1].price,
            market_price=self.price(conid),
        )

    def balances(self, account: str) -> BrokerBalances:
        cash = Decimal(100_000)
        for fill in self.fills:
            sign = -1 if fill.side is Side.BUY else 1
            cash += sign * fill.quantity * fill.price - (fill.commission or Decimal(0))
        stock = sum((p.quantity * (p.market_price or 0) for p in self.positions(account)), Decimal(0))
        return BrokerBalances(
            account=ACCOUNT,
            net_liquidation=cash + stock,
            cash=cash,
            settled_cash=cash,
            available_funds=cash,
            currency="USD",
        )

    def movements(self, account: str, conids: Sequence[int], *, days: int) -> Sequence[Movement]:
        return ()

    def flows(self, account: str) -> Sequence[Flow]:
        return ()


def _bar(conid: int, index: int, hours: Hours) -> Bar:
    base, drift = BASE.get(conid, (50.0, 0.0))
    middle = base * (1 + drift) ** index * (1 + 0.02 * math.sin(index / 7 + conid % 7))
    swing = 0.006 * base * (1.5 + math.sin(index * 1.7))
    opened, closed = middle - swing * math.cos(index) / 2, middle + swing * math.cos(index) / 2
    prices = [opened, max(opened, closed) + swing / 2, min(opened, closed) - swing / 2, closed]
    first, high, low, last = (Decimal(str(price)).quantize(CENT) for price in prices)
    volume = Decimal(1_000_000 + 50_000 * (index % 17))
    return Bar(
        start=hours.opens_at, session=hours.session, open=first, high=high, low=low, close=last, volume=volume
    )
