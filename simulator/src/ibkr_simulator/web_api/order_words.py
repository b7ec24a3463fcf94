"""How the broker puts an order's state into words [§5.5–5.7]."""

from ibkr_simulator.exchange import ids, money, trailing
from ibkr_simulator.exchange.money import Cents
from ibkr_simulator.exchange.orders import Order
from ibkr_simulator.instants import new_york_day, new_york_midnight
from ibkr_simulator.world import World

ORIGINAL_TYPES = {
    "LMT": "LIMIT",
    "MKT": "MARKET",
    "STP": "STOP",
    "STOP_LIMIT": "STOP_LIMIT",
    "TRAIL": "TRAILING_STOP",
    "TRAILLMT": "TRAILING_STOP_LIMIT",
    "MOC": "MARKETONCLOSE",
    "LOC": "LIMITONCLOSE",
}
TYPES = {
    "LMT": "Limit",
    "MKT": "Market",
    "STP": "Stop",
    "STOP_LIMIT": "Stop Limit",
    "TRAIL": "Trailing Stop",
    "TRAILLMT": "Trailing Stop Limit",
    "MOC": "Market on Close",
    "LOC": "Limit on Close",
}
_ENDED = {"filled": "Filled", "cancelled": "Cancelled", "inactive": "Inactive"}
Prices = tuple[Cents | None, Cents | None]
"""Stop and limit."""
_CCP = {
    "PendingSubmit": "Pending Submit",
    "PreSubmitted": "PreSubmitted",
    "PendingCancel": "PendingCancel",
}


def shown_id(world: World, order: Order) -> int:
    """The id the broker shows: with `listed_new_id` GTC orders get another one the next day [T-32]."""
    if not renumbered(world, order):
        return order.order_id
    return ids.order_id(world.seed, "shown", order.order_id)


def renumbered(world: World, order: Order) -> bool:
    """Whether the order is listed under a new id by now."""
    if order.tif != "GTC" or world.switches.text("gtc_visible_next_day") != "listed_new_id":
        return False
    return order.placed_at < new_york_midnight(new_york_day(world.now))


def find(world: World, text: str) -> Order | None:
    """The order shown under an id, None when there is none or it was dropped."""
    if not text.isdigit():
        return None
    order = world.exchange.orders.get(int(text))
    if order is None or renumbered(world, order):
        candidates = (each for each in world.exchange.orders.values() if renumbered(world, each))
        order = next((each for each in candidates if shown_id(world, each) == int(text)), None)
    return None if order is None or order.unlisted else order


def status(world: World, order: Order) -> str:
    """PreSubmitted: accepted and held (stop, child, closed market), yet live."""
    if not order.live:
        return _ENDED[order.state]
    if order.stuck:
        return "PendingSubmit"
    if order.cancel_at is not None:
        return "PendingCancel"
    closed = world.exchange.market.sessions.current(world.now) is None
    waits = order.held or order.awaits_trigger or order.at_auction
    return "PreSubmitted" if waits or closed else "Submitted"


def ccp_status(word: str) -> str:
    """The second status of a live-orders row, from the first."""
    return _CCP.get(word, word)


def average_price(order: Order) -> str:
    """Average fill price as text, empty before the first fill."""
    if not order.filled:
        return ""
    return f"{order.value / order.filled / 100:.4f}".rstrip("0").rstrip(".")


def order_ref(world: World, order: Order) -> str | None:
    """The client id as the broker shows it: not under a new id, for children only where the switch says."""
    hidden = order.parent_id is not None and not world.switches.on("child_order_ref")
    return None if hidden or renumbered(world, order) else order.coid


def stop_and_limit(world: World, order: Order) -> Prices:
    """Both prices as they stand now: a trailing stop takes its limit along."""
    stop = trailing.caught_up(world.exchange.market, order, world.now) if order.live else order.stop
    if stop is None or order.stop is None or order.limit is None:
        return stop, order.limit
    return stop, order.limit + stop - order.stop


def price_text(prices: Prices) -> str:
    """The price of a row: the limit, else the stop, else nothing."""
    stop, limit = prices
    price = limit if limit is not None else stop
    return "" if price is None else money.text(price)


def sizes_text(order: Order) -> str:
    """`filled/remaining`, only the size when done."""
    return f"{order.filled}/{order.remaining}" if order.live else str(order.filled or order.quantity)


def description(order: Order, prices: Prices) -> str:
    """`Buy 5 SPY Limit 640.00, Day`."""
    verb = {"BUY": "Buy", "SELL": "Sell"}[order.side]
    if order.state == "filled":
        verb = {"BUY": "Bought", "SELL": "Sold"}[order.side]
    terms = [TYPES[order.kind], price_text(prices)]
    stop, limit = prices
    if stop is not None and limit is not None:
        terms.append(f"Stop {money.text(stop)}")
    words = " ".join(term for term in terms if term)
    tif = "Day" if order.tif == "DAY" else order.tif
    return f"{verb} {order.quantity} {order.symbol} {words}, {tif}"
