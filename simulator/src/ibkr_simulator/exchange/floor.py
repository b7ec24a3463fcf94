"""Where orders meet the market: on arrival, and at a print that reaches them."""

from typing import Protocol

from ibkr_simulator.exchange import fees, ids, matching, trailing
from ibkr_simulator.exchange.market import Market, Quote
from ibkr_simulator.exchange.money import Cents
from ibkr_simulator.exchange.orders import Execution, Order, State
from ibkr_simulator.instants import Instant, new_york_day
from ibkr_simulator.switches import Switches


class Pit(Protocol):
    """What the floor needs of the exchange."""

    now: Instant

    def changed(self, order: Order) -> None:
        """An order is not what it was."""

    def end(self, order: Order, state: State, reason: str | None) -> None:
        """An order is over."""

    def traded(self, order: Order, execution: Execution) -> None:
        """An order was filled, in full or in part."""


class Floor:
    """The rules of `matching` put to work. Holds no state of its own."""

    def __init__(self, market: Market, switches: Switches, seed: int, pit: Pit) -> None:
        self._market = market
        self._switches = switches
        self._seed = seed
        self._pit = pit

    def arrive(self, order: Order) -> None:
        """Trade on arrival against the quote, while the contract trades."""
        quote = self._market.quote(order.conid, self._pit.now)
        waits = order.held or order.stuck or order.at_auction
        if quote and quote.live and order.live and not waits:
            self._meet(order, quote, auction=False, arriving=True)
        if order.live and order.tif == "IOC":
            self._pit.end(order, "cancelled", None)

    def print_reached(self, order: Order) -> None:
        """The print came that an order was waiting for."""
        quote, sessions = self._market.quote(order.conid, self._pit.now), self._market.sessions
        traded = self._market.has_bar(order.conid, sessions.latest(self._pit.now))
        if quote is not None and traded:
            self._meet(order, quote, auction=self._auction(order), arriving=False)

    def _auction(self, order: Order) -> bool:
        """The first print of a session is the price of an auction, and so is the first after a halt."""
        market, now = self._market, self._pit.now
        opened = now == market.sessions.opens[market.sessions.latest(now)]
        return order.at_auction or opened or market.halted(order.conid, now - 1)

    def fill_by_hand(self, order: Order, quote: Quote) -> None:
        """All of it at once, also while the market is closed."""
        self._fill(order, matching.touch(order, quote, auction=not quote.live), order.quantity)

    def _meet(self, order: Order, quote: Quote, *, auction: bool, arriving: bool) -> None:
        if order.awaits_trigger:
            trailing.catch_up(self._market, order, self._pit.now)
            if not matching.triggers(order, quote.last):
                return
            order.triggered, arriving = True, True
            self._pit.changed(order)
        price = matching.touch(order, quote, auction=auction)
        if matching.marketable(order, price):
            given = price if arriving else matching.resting_price(order, price, auction=auction)
            self._fill(order, given, self._piece(order))

    def _piece(self, order: Order) -> int:
        pieces = 1 if order.at_auction else self._switches.number("partial_fills")
        return min(order.fillable, -(-order.quantity // pieces))

    def _fill(self, order: Order, price: Cents, quantity: int) -> None:
        if quantity <= 0:
            self._pit.changed(order)
            return
        order.filled += quantity
        order.value += quantity * price
        order.last_fill_at = self._pit.now
        if order.fill_cap is not None:
            order.fill_cap -= quantity
        self._pit.traded(order, self._execution(order, price, quantity))

    def _execution(self, order: Order, price: Cents, quantity: int) -> Execution:
        total = fees.commission(order.filled, order.value)
        regulatory = self._regulatory(order, quantity, quantity * price)
        execution = Execution(
            execution_id=ids.execution_id(self._seed, order.order_id, order.filled),
            order_id=order.order_id,
            account=order.account,
            coid=order.coid,
            conid=order.conid,
            symbol=order.symbol,
            side=order.side,
            quantity=quantity,
            price=price,
            commission=total - order.commission + regulatory,
            fees=regulatory,
            traded_at=self._pit.now,
            at=self._pit.now,
            source=order.source,
        )
        order.commission = total
        return execution

    def _regulatory(self, order: Order, quantity: int, value: Cents) -> Cents:
        if order.buying or not self._switches.on("regulatory_fees"):
            return 0
        return fees.on_sale(new_york_day(self._pit.now), quantity, value).total
