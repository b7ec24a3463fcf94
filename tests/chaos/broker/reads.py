"""Reads at the model: lists that are empty, old, without their flag; facts twice and in any order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TypeVar

from glassdesk.kernel.errors import ReadFailed
from glassdesk.workflow.market_data.model import BarSize, History, Quote
from glassdesk.workflow.order_tracking.model import Execution, OrderList, OrderRow
from glassdesk.workflow.portfolio.model import BrokerBalances, Flow, Movement
from glassdesk.workflow.positions.model import BrokerPosition
from tests.chaos.broker.book import Book, Held
from tests.chaos.broker.market import Market
from tests.chaos.broker.session import ModelSession
from tests.chaos.dice import Dice, Fault
from tests.chaos.history.truth import TrueExecution, TrueStatus
from tests.chaos.scheduler import Scheduler

Row = TypeVar("Row")
LONGEST_FREEZE = 30
"""Seconds that a list stays as it was."""
_RARE = {"status": 6.0, "quotes": 2.0}
"""Readings that a seed has fewer of: each is hit more often."""
_WORDS = {TrueStatus.FILLED: "Filled", TrueStatus.CANCELLED: "Cancelled", TrueStatus.INACTIVE: "Inactive"}


class ModelReads:
    """Implements the reading ports: orders, trades, positions, balances, quotes."""

    def __init__(
        self, book: Book, market: Market, session: ModelSession, scheduler: Scheduler, dice: Dice
    ) -> None:
        self._book = book
        self._market = market
        self._session = session
        self._scheduler = scheduler
        self._dice = dice
        self._frozen: tuple[datetime, list[OrderRow]] | None = None
        self._blank_until: datetime | None = None
        self._unflagged_until: datetime | None = None

    # ------------------------------------------------------------ orders

    def live_orders(self) -> OrderList:
        self._begin("list")
        now = self._scheduler.now
        if self._session.blank_lists:
            self._session.blank_lists -= 1
            return OrderList(rows=(), complete=False)
        if self._blank(now):
            return OrderList(rows=(), complete=True)
        rows = self._frozen_rows(now)
        if self._unflagged(now):
            return OrderList(rows=tuple(rows), complete=False)
        return OrderList(rows=tuple(self._shuffled(rows, "list")), complete=True)

    def _blank(self, now: datetime) -> bool:
        """A list that says whole and shows nothing; it may stay so for a few readings."""
        if self._blank_until is not None and now < self._blank_until and not self._dice.quiet:
            return True
        if self._dice.strikes(Fault.EMPTY_LIST, "list"):
            self._blank_until = now + self._dice.seconds("blank", 0, 14)
            self._book.nothing_new.append((now, self._blank_until))
            return True
        return False

    def _unflagged(self, now: datetime) -> bool:
        """A list that does not say that it is whole; it may stay so for a few readings."""
        if self._unflagged_until is not None and now < self._unflagged_until and not self._dice.quiet:
            return True
        if self._dice.strikes(Fault.NO_FLAG, "list"):
            self._unflagged_until = now + self._dice.seconds("unflagged", 0, 14)
            return True
        return False

    def _frozen_rows(self, now: datetime) -> list[OrderRow]:
        if self._frozen is not None and now < self._frozen[0] and not self._dice.quiet:
            return list(self._frozen[1])
        rows = [self.row(one) for one in self._book.orders.values() if one.visible_at <= now]
        self._frozen = None
        if self._dice.strikes(Fault.STALE_LIST, "list"):
            until = now + self._dice.seconds("freeze", 5, LONGEST_FREEZE)
            self._frozen = (until, rows)
            self._book.nothing_new.append((now, until))
        return rows

    def order_status(self, broker_order_id: str) -> OrderRow | None:
        self._begin("status")
        one = self._book.orders.get(broker_order_id)
        if one is None or self._dice.strikes(Fault.STATUS_GONE, "status"):
            return None
        return self.row(one)

    def row(self, one: Held) -> OrderRow:
        """An order as it is listed."""
        return OrderRow(
            broker_order_id=one.number,
            order_ref=one.coid,
            parent_id=one.parent.number if one.parent is not None else None,
            account=self._book.account,
            conid=one.ticket.conid,
            side=one.ticket.side,
            status=_word(one),
            order_type=one.order_type.value,
            price=one.price,
            tif=one.ticket.tif.value,
            total=one.quantity,
            filled=one.filled,
            remaining=one.quantity - one.filled,
            average_price=None,
            reason=one.reason,
        )

    # ------------------------------------------------------------ executions, shares, money

    def trades(self, days: int) -> Sequence[Execution]:
        self._begin("trades")
        now = self._scheduler.now
        since = now - timedelta(days=days)
        rows = [
            _execution(one)
            for one, readable_at in zip(self._book.executions, self._book.booked, strict=True)
            if readable_at <= now and one.at >= since
        ]
        return self._shuffled(rows, "trades")

    def positions(self, account: str) -> Sequence[BrokerPosition]:
        self._begin("positions")
        return [
            BrokerPosition(
                account=account,
                conid=conid,
                symbol=f"S{conid}",
                quantity=quantity,
                average_cost=self._book.average.get(conid, Decimal(0)),
                market_price=self._market.prices.get(conid),
            )
            for conid, quantity in sorted(self._shares().items())
            if quantity
        ]

    def _shares(self) -> dict[int, Decimal]:
        """Now, or as of the executions that may be read yet."""
        shares = dict(self._book.shares)
        if self._dice.quiet or self._dice.stream("shares").random() < 0.5:
            return shares
        now = self._scheduler.now
        for one, readable_at in zip(self._book.executions, self._book.booked, strict=True):
            if readable_at > now and one.revision == 1:
                signed = one.quantity if one.side.value == "BUY" else -one.quantity
                shares[one.conid] = shares.get(one.conid, Decimal(0)) - signed
        return shares

    def balances(self, account: str) -> BrokerBalances:
        self._begin("balances")
        prices = self._market.prices
        worth = sum((q * prices.get(c, Decimal(0)) for c, q in self._book.shares.items()), Decimal(0))
        return BrokerBalances(
            account=account,
            net_liquidation=self._book.cash + worth,
            cash=self._book.cash,
            settled_cash=self._book.cash,
            available_funds=self._book.cash,
            currency="USD",
        )

    def movements(self, account: str, conids: Sequence[int], *, days: int) -> Sequence[Movement]:
        """Nothing but trades moves cash here."""
        self._begin("movements")
        return ()

    def flows(self, account: str) -> Sequence[Flow]:
        """As for movements."""
        self._begin("flows")
        return ()

    def quotes(self, conids: Sequence[int], *, read_at: datetime) -> Mapping[int, Quote]:
        self._begin("quotes")
        now, market = self._scheduler.now, self._market
        return {
            conid: Quote(
                conid=conid,
                bid=market.bid(conid),
                ask=market.ask(conid),
                last=market.prices[conid],
                availability="RpB",
                updated_at=now,
                read_at=now,
            )
            for conid in conids
            if conid in market.prices
        }

    def history(self, conid: int, size: BarSize, count: int, *, read_at: datetime) -> History:
        return History()

    # ------------------------------------------------------------ inside

    def _begin(self, step: str) -> None:
        weight = _RARE.get(step, 1.0)
        if self._dice.strikes(Fault.READ_FAILED, step, weight):
            self._scheduler.sleep(self._dice.seconds("latency", 0.1, 10))
            raise ReadFailed("no answer")
        slow = self._dice.strikes(Fault.SLOW, step, weight)
        self._scheduler.sleep(
            self._dice.seconds("latency", 1, 7) if slow else self._dice.seconds("latency", 0.02, 0.3)
        )
        self._session.need_ready()

    def _shuffled(self, rows: list[Row], step: str) -> list[Row]:
        if not rows or not self._dice.strikes(Fault.SHUFFLED, step):
            return rows
        chance = self._dice.stream("order")
        mixed = rows + [row for row in rows if chance.random() < 0.5]
        chance.shuffle(mixed)
        return mixed


def _word(one: Held) -> str:
    """The broker's status word."""
    if not one.working:
        return _WORDS[one.last.status]
    if one.cancelling:
        return "PendingCancel"
    return one.word if one.last.awake else "PreSubmitted"


def _execution(one: TrueExecution) -> Execution:
    return Execution(
        execution=one.execution,
        revision=one.revision,
        order_ref=one.coid,
        broker_order_id=one.broker_order_id,
        account=one.account,
        conid=one.conid,
        symbol=f"S{one.conid}",
        side=one.side,
        quantity=one.quantity,
        price=one.price,
        commission=one.commission,
        executed_at=one.at,
    )
