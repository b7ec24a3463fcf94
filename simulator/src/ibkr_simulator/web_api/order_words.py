"""How the broker puts an order's state into words [§5.5–5.7]."""

from ibkr_simulator.exchange import ids, money
from ibkr_simulator.exchange.orders import Order
from ibkr_simulator.instants import new_york_day, new_york_midnight
from ibkr_simulator.world import World

ORIGINAL_TYPES = {"LMT": "LIMIT", "MKT": "MARKET", "STP": "STOP", "STOP_LIMIT": "STOP_LIMIT"}
TYPES = {"LMT": "Limit", "MKT": "Market", "STP": "Stop", "STOP_LIMIT": "Stop Limit"}
_ENDED = {"filled": "Filled", "cancelled": "Cancelled", "inactive": "Inactive"}
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
    return "PreSubmitted" if order.held or order.awaits_trigger or closed else "Submitted"


def ccp_status(world: World, order: Order) -> str:
    """The second status of a live-orders row."""
    word = status(world, order)
    return _CCP.get(word, word)


def average_price(order: Order) -> str:
    """Average fill price as text, empty before the first fill."""
    if not order.filled:
        return ""
    return f"{order.value / order.filled / 100:.4f}".rstrip("0").rstrip(".")


def price_text(order: Order) -> str:
    """The price of a row: the limit, else the stop, else nothing."""
    price = order.limit if order.limit is not None else order.stop
    return "" if price is None else money.text(price)


def sizes_text(order: Order) -> str:
    """`filled/remaining`, only the size when done."""
    return f"{order.filled}/{order.remaining}" if order.live else str(order.filled or order.quantity)


def description(order: Order) -> str:
    """`Buy 5 SPY Limit 640.00, Day`."""
    verb = {"BUY": "Buy", "SELL": "Sell"}[order.side]
    if order.state == "filled":
        verb = {"BUY": "Bought", "SELL": "Sold"}[order.side]
    terms = [TYPES[order.kind], price_text(order)]
    if order.kind == "STOP_LIMIT" and order.stop is not None:
        terms.append(f"Stop {money.text(order.stop)}")
    words = " ".join(term for term in terms if term)
    tif = "Day" if order.tif == "DAY" else order.tif
    return f"{verb} {order.quantity} {order.symbol} {words}, {tif}"
