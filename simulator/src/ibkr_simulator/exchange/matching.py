"""Pure rules of matching: when an order trades, and at what price."""

from ibkr_simulator.exchange.market import ANY_PRICE, Quote, Watch
from ibkr_simulator.exchange.money import Cents
from ibkr_simulator.exchange.orders import Order

_TICK: Cents = 1


def watch_for(order: Order) -> Watch:
    """The print at which this order triggers or trades next."""
    if order.stop is not None and order.awaits_trigger:
        return Watch(conid=order.conid, down=not order.buying, at_open=order.stop, later=order.stop)
    if order.limit is None:
        return Watch(conid=order.conid, down=True, at_open=ANY_PRICE, later=ANY_PRICE)
    spread = -_TICK if order.buying else _TICK
    return Watch(conid=order.conid, down=order.buying, at_open=order.limit, later=order.limit + spread)


def triggers(order: Order, last: Cents) -> bool:
    """Whether a stop is reached by the last price."""
    return reached(order.stop, last, buying=order.buying)


def reached(stop: Cents | None, last: Cents, *, buying: bool) -> bool:
    """Whether the last price is at the stop or beyond it."""
    if stop is None:
        return False
    return last >= stop if buying else last <= stop


def touch(order: Order, quote: Quote, *, auction: bool) -> Cents:
    """The price on the other side: the opening auction has one price, later there is a spread."""
    if auction:
        return quote.last
    return quote.ask if order.buying else quote.bid


def marketable(order: Order, price: Cents) -> bool:
    """Whether the limit allows this price; a market order takes any."""
    if order.limit is None:
        return True
    return price <= order.limit if order.buying else price >= order.limit


def resting_price(order: Order, price: Cents, *, auction: bool) -> Cents:
    """A resting limit gets its limit, at the opening auction the better auction price [T-72]."""
    return price if auction or order.limit is None else order.limit
