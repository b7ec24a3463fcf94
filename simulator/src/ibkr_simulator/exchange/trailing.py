"""Trailing stops: they follow the best price since they woke, and never go back.

Nothing is stepped through: where such a stop stands, and when it is reached, is read off the tape.
"""

from collections.abc import Iterator

import numpy as np

from ibkr_simulator.exchange.market import Market
from ibkr_simulator.exchange.money import Cents
from ibkr_simulator.exchange.orders import Order, Trail
from ibkr_simulator.exchange.path import Ints
from ibkr_simulator.instants import Instant


def begin(order: Order, price: Cents, now: Instant) -> None:
    """The stop wakes at a price; one that was asked for stands where it is nearer to the market."""
    if order.trail is None:
        return
    offset = None if order.limit is None or order.stop is None else order.limit - order.stop
    _move(order, _nearer(order, behind(order.trail, price, buying=order.buying)), offset)
    order.trailed_at = now


def catch_up(market: Market, order: Order, now: Instant) -> None:
    """Move stop and limit to where the prints up to now have pulled them."""
    stop = caught_up(market, order, now)
    if order.trailed_at is None or stop is None:
        return
    offset = None if order.limit is None or order.stop is None else order.limit - order.stop
    _move(order, stop, offset)
    order.trailed_at = now


def behind(trail: Trail, price: Cents, *, buying: bool) -> Cents:
    """Where the stop stands for a best price."""
    distance = trail.distance(price)
    return price + distance if buying else price - distance


def caught_up(market: Market, order: Order, now: Instant) -> Cents | None:
    """The stop as it stands now, without changing the order."""
    if order.trail is None or order.trailed_at is None or order.stop is None or not order.awaits_trigger:
        return order.stop
    stop = order.stop
    for _, prices in _prints(market, order.conid, order.trailed_at, now):
        best = int(prices.min() if order.buying else prices.max())
        reached = behind(order.trail, best, buying=order.buying)
        stop = min(stop, reached) if order.buying else max(stop, reached)
    return stop


def first_trigger(market: Market, order: Order, now: Instant, until: Instant | None) -> Instant | None:
    """First print later than now that reaches the stop, which moves along on the way."""
    stop = caught_up(market, order, now)
    if stop is None or order.trail is None:
        return None
    last = until if until is not None else market.sessions.closes[-1]
    for times, prices in _prints(market, order.conid, now, last):
        stops = _stops(order.trail, prices, stop, buying=order.buying)
        hits = prices >= stops if order.buying else prices <= stops
        if hits.any():
            return int(times[int(hits.argmax())])
        stop = int(stops[-1])
    return None


def _stops(trail: Trail, prices: Ints, stop: Cents, *, buying: bool) -> Ints:
    """Where the stop stands at every print."""
    distances = np.maximum(1, trail.amount or (prices * trail.percent + 5_000) // 10_000)
    if buying:
        return np.minimum(np.minimum.accumulate(prices + distances), stop)
    return np.maximum(np.maximum.accumulate(prices - distances), stop)


def _prints(market: Market, conid: int, after: Instant, until: Instant) -> Iterator[tuple[Ints, Ints]]:
    """Times and prices of the prints later than `after` and not later than `until`, session by session."""
    sessions = market.sessions
    for session in range(max(0, sessions.latest(after)), sessions.latest(until) + 1):
        if not market.has_bar(conid, session):
            continue
        path = market.path(conid, session)
        times = sessions.opens[session] + np.arange(len(path.prices), dtype=np.int64) * path.step
        kept = (times > after) & (times <= until)
        if path.printed is not None:
            kept &= path.printed
        if kept.any():
            yield times[kept], path.prices[kept]


def _nearer(order: Order, found: Cents) -> Cents:
    if order.stop is None:
        return found
    return min(order.stop, found) if order.buying else max(order.stop, found)


def _move(order: Order, stop: Cents, offset: Cents | None) -> None:
    order.stop = stop
    if offset is not None:
        order.limit = stop + offset
