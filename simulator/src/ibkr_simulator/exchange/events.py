"""What will happen by itself, and when."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from heapq import heappop, heappush

from ibkr_simulator.exchange import matching, trailing
from ibkr_simulator.exchange.market import Market
from ibkr_simulator.exchange.orders import AT_CLOSE, TRAILING, Order
from ibkr_simulator.exchange.sessions import Sessions
from ibkr_simulator.instants import DAY, MINUTE, Instant, new_york_day, new_york_midnight

# At one instant: fills come first, then cancels, then the end of the day with its interest and payments,
# then what companies do.
RANK = {"match": 0, "cancel": 1, "expire": 2, "night": 3, "split": 4, "dividend": 5, "dormant": 6}
DORMANT_AFTER = 90 * DAY
_AFTER_HOURS = 240 * MINUTE
_CLOSING_CUTOFF = 10 * MINUTE


@dataclass(frozen=True, slots=True, order=True)
class Event:
    """Something that will happen by itself; ordered by time, then rank, then order of placement."""

    at: Instant
    rank: int
    sequence: int
    what: str
    order_id: int


class Agenda:
    """The next event of every live order. Only what changed is looked ahead again, so that the work grows
    with what happens, not with what rests."""

    def __init__(self, look: Callable[[Order], Event | None]) -> None:
        self._look = look
        self._heap: list[Event] = []
        self._valid: dict[int, Event] = {}
        self._changed: dict[int, Order] = {}

    def changed(self, order: Order) -> None:
        """What was known of this order does not hold any more."""
        self._valid.pop(order.order_id, None)
        self._changed[order.order_id] = order

    def first(self) -> Event | None:
        """The earliest event of all."""
        for order in self._changed.values():
            self._note(order)
        self._changed.clear()
        while self._heap and self._valid.get(self._heap[0].order_id) is not self._heap[0]:
            heappop(self._heap)
        return self._heap[0] if self._heap else None

    def _note(self, order: Order) -> None:
        event = self._look(order) if order.live else None
        if event is not None:
            self._valid[order.order_id] = event
            heappush(self._heap, event)


def look_ahead(market: Market, order: Order, now: Instant) -> Event | None:
    """The next event of a live order after `now`, as things stand."""
    ends = [_event(order.cancel_at, "cancel", order), _event(order.expires_at, "expire", order)]
    end = min((event for event in ends if event), default=None)
    if order.held or order.stuck or order.fillable <= 0 or order.conid not in market.tape.bars:
        return end
    return _event(_trades_at(market, order, now, end.at if end else None), "match", order) or end


def _trades_at(market: Market, order: Order, now: Instant, until: Instant | None) -> Instant | None:
    if order.at_auction:
        # It ends with its auction, so that is when it trades, unless a cancel comes before.
        auction = order.expires_at
        return auction if auction is not None and now < auction and auction == until else None
    if order.kind in TRAILING and order.awaits_trigger:
        return trailing.first_trigger(market, order, now, until)
    return market.first_crossing(matching.watch_for(order), now, until)


def _event(at: Instant | None, what: str, order: Order) -> Event | None:
    return None if at is None else Event(at, RANK[what], order.sequence, what, order.order_id)


def expiry(sessions: Sessions, kind: str, tif: str, now: Instant, *, outside: bool = False) -> Instant | None:
    """IOC: at once. OPG: the next open. On close: the next auction that still takes orders.
    DAY: the next close, four hours later when it may trade outside regular hours.
    GTC: the end of the quarter after the current one [T-34]."""
    if tif == "IOC":
        return now
    if tif == "OPG":
        return sessions.next_open(now)
    if kind in AT_CLOSE:
        return sessions.next_close(now + _CLOSING_CUTOFF)
    if tif == "GTC":
        return _quarter_after_next(new_york_day(now))
    if not outside:
        return sessions.next_close(now)
    close = sessions.next_close(now - _AFTER_HOURS)
    return None if close is None else close + _AFTER_HOURS


def _quarter_after_next(day: date) -> Instant:
    quarters = day.year * 4 + (day.month - 1) // 3 + 2
    return new_york_midnight(date(quarters // 4, quarters % 4 * 3 + 1, 1))
