"""Prices that walk, and orders that trade at them: in regular hours, in parts, with fills after a cancel."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal

from glassdesk.workflow.orders.model import OrderType, Side, Ticket
from tests.chaos.broker.book import Book, Held
from tests.chaos.dice import Dice, Fault
from tests.chaos.history.truth import TrueStatus

TICK = timedelta(seconds=10)
SPREAD = Decimal("0.02")
CENT = Decimal("0.01")


class Market:
    """Moves every price a little each few seconds and lets what can trade, trade."""

    def __init__(
        self,
        book: Book,
        dice: Dice,
        now: Callable[[], datetime],
        is_open: Callable[[datetime], bool],
        prices: dict[int, Decimal],
    ) -> None:
        self._book = book
        self._dice = dice
        self._now = now
        self._is_open = is_open
        self.prices = prices
        self.calm = False
        """Prices stand still: nothing happens any more but what rests may trade where it can."""

    def bid(self, conid: int) -> Decimal:
        return self.prices[conid] - SPREAD

    def ask(self, conid: int) -> Decimal:
        return self.prices[conid] + SPREAD

    def tick(self) -> None:
        """A step of every price, then the matching."""
        if not self._is_open(self._now()):
            self._close()
            return
        chance = self._dice.stream("prices")
        for conid in self.prices:
            if not self.calm:
                step = Decimal(round(chance.gauss(0, 25))) * CENT
                self.prices[conid] = max(Decimal(20), self.prices[conid] + step)
        self.match()

    def match(self) -> None:
        """Whatever can trade now may trade."""
        if not self._is_open(self._now()):
            return
        for one in list(self._book.orders.values()):
            if one.working and one.last.awake and one.word == "Submitted":
                self._try(one)

    def match_one(self, one: Held) -> None:
        """An order that arrives may trade at once."""
        if (
            self._is_open(self._now())
            and one.working
            and one.last.awake
            and self._dice.stream("prices").random() < 0.5
        ):
            self._try(one)

    def _try(self, one: Held) -> None:
        price = self._price(one)
        if price is None:
            return
        if one.ours and self._dice.strikes(Fault.UNSOLICITED, "working"):
            self._book.end(one, TrueStatus.CANCELLED, "the destination has rejected your order")
            return
        quantity = self._book.backed(one)
        if quantity <= 0:
            return
        if quantity > 1 and self._dice.strikes(Fault.PARTIAL, "working"):
            quantity = Decimal(self._dice.stream("parts").randrange(1, int(quantity)))
        self.trade(one, quantity, price)

    def trade(self, one: Held, quantity: Decimal, price: Decimal) -> None:
        """A fill, with what goes wrong around its report."""
        now, book, dice = self._now(), self._book, self._dice
        late = dice.strikes(Fault.LATE_COMMISSION, "fill")
        lag = dice.seconds("lag", 0.1, 4)
        book.fill(one, quantity, price, commission=not late, readable_at=now + lag)
        index = len(book.executions) - 1
        if late:
            self.later(dice.seconds("lag", 10, 200), lambda: book.state_commission(index))
        elif dice.strikes(Fault.CORRECTION, "fill"):
            self.later(dice.seconds("lag", 10, 200), lambda: self._correct(index))

    later: Callable[[timedelta, Callable[[], None]], None]
    """Set by the world: do something after a while."""

    def _correct(self, index: int) -> None:
        found = self._book.executions[index]
        self._book.revise(found, price=found.price + CENT, readable_at=self._now())

    def _price(self, one: Held) -> Decimal | None:
        """At what price it trades now; `None` while it does not."""
        conid, side, limit = one.ticket.conid, one.ticket.side, one.price
        market = self.ask(conid) if side is Side.BUY else self.bid(conid)
        if one.order_type is OrderType.MARKET or limit is None:
            return market
        if one.order_type is OrderType.STOP:
            hit = market <= limit if side is Side.SELL else market >= limit
            return market if hit else None
        fits = market <= limit if side is Side.BUY else market >= limit
        return market if fits else None

    def _close(self) -> None:
        """After the close what was for the day only is over."""
        for one in list(self._book.orders.values()):
            if one.working and one.ticket.tif.value == "DAY":
                self._book.end(one, TrueStatus.CANCELLED)

    def trade_by_hand(self, ticket: Ticket, step: int) -> None:
        """Somebody else trades in the account, at once."""
        now = self._now()
        one = self._book.accept(
            ticket, parent=None, step=step, received_at=now, visible_at=now, keeps_coid=False, ours=False
        )
        price = self.ask(ticket.conid) if ticket.side is Side.BUY else self.bid(ticket.conid)
        if self._is_open(now):
            self._book.fill(one, one.quantity, price, commission=True, readable_at=now)
