"""What will happen to an order by itself, and when."""

from dataclasses import dataclass
from datetime import date

from ibkr_simulator.exchange import matching
from ibkr_simulator.exchange.market import Market
from ibkr_simulator.exchange.orders import Order
from ibkr_simulator.exchange.sessions import Sessions
from ibkr_simulator.instants import Instant, new_york_day, new_york_midnight

# At one instant: fills come first, then cancels, then the end of the day, then splits.
RANK = {"match": 0, "cancel": 1, "expire": 2, "split": 3}


@dataclass(frozen=True, slots=True, order=True)
class Event:
    """Something that will happen by itself; ordered by time, then rank, then order of placement."""

    at: Instant
    rank: int
    sequence: int
    what: str
    order_id: int


def look_ahead(market: Market, order: Order, now: Instant) -> Event | None:
    """The next event of a live order after `now`, as things stand."""
    ends = [_event(order.cancel_at, "cancel", order), _event(order.expires_at, "expire", order)]
    end = min((event for event in ends if event), default=None)
    if order.held or order.stuck or order.fillable <= 0 or order.conid not in market.tape.bars:
        return end
    crossing = market.first_crossing(matching.watch_for(order), now, end.at if end else None)
    return _event(crossing, "match", order) or end


def _event(at: Instant | None, what: str, order: Order) -> Event | None:
    return None if at is None else Event(at, RANK[what], order.sequence, what, order.order_id)


def expiry(sessions: Sessions, tif: str, now: Instant) -> Instant | None:
    """DAY: the next close. GTC: the end of the quarter after the current one [T-34]. IOC: at once."""
    if tif == "IOC":
        return now
    return _quarter_after_next(new_york_day(now)) if tif == "GTC" else sessions.next_close(now)


def _quarter_after_next(day: date) -> Instant:
    quarters = day.year * 4 + (day.month - 1) // 3 + 2
    return new_york_midnight(date(quarters // 4, quarters % 4 * 3 + 1, 1))
