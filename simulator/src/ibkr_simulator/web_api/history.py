"""History [§4.1]. Nothing later than now is ever shown."""

from datetime import UTC, date, datetime

from ibkr_simulator.exchange import history as bars
from ibkr_simulator.exchange.bar import Bar
from ibkr_simulator.exchange.listings import Listing
from ibkr_simulator.exchange.market import Market
from ibkr_simulator.instants import DAY, MINUTE, SECOND, Instant, from_datetime, new_york_day, stamp
from ibkr_simulator.messages import Answer, Json, Request, Route, bare_error, error, ok
from ibkr_simulator.web_api.availability import availability, delayed, quoted_at
from ibkr_simulator.web_api.periods import Span, span
from ibkr_simulator.world import World

_MOST_POINTS = 1000
_MOST_AT_ONCE = 5
_DELAY_SECONDS = 900
_START = "%Y%m%d-%H:%M:%S"


def history(world: World, request: Request) -> Answer:
    """`/iserver/marketdata/history`: at most 1000 bars, the last one unfinished; five at once [F-33]."""
    if world.charts_open > _MOST_AT_ONCE:
        return bare_error(429, "Too many history charts requests, please try again later.")
    takes = world.switches.number("history_millis") / 1000
    return _answered(world, request).but(stall=takes)


def _answered(world: World, request: Request) -> Answer:
    listing = world.listings.find(request.asked("conid"))
    if listing is None:
        return error(400, "Bad Request: invalid conid")
    try:
        start = _start(request.asked("startTime"))
    except ValueError:
        return error(400, "Bad Request: invalid startTime")
    if listing.conid not in world.exchange.market.tape.bars:
        return bare_error(500, "Chart data unavailable")
    default = world.switches.text("history_period")
    asked = span(request.asked("period", default), request.asked("bar"), default)
    known = quoted_at(world, availability(world, listing))
    found = _window(world, listing.conid, asked, start, known, forward=request.asked("direction") == "1")
    if not found:
        return bare_error(500, "No data.")
    return ok(_series(world, listing, asked, found, outside=request.asked("outsideRth").lower() == "true"))


def _start(text: str) -> Instant | None:
    return from_datetime(datetime.strptime(text, _START).replace(tzinfo=UTC)) if text else None


def _window(
    world: World, conid: int, asked: Span, start: Instant | None, known: Instant, *, forward: bool
) -> list[Bar]:
    """The asked bars, before `start` or after it, of what is known up to `known`."""
    market = world.exchange.market
    if forward and start is not None:
        first, last = start, _later(start, asked)
    else:
        last = known if start is None else min(start, known)
        first = _earlier(market, last, asked)
    if asked.seconds < DAY // SECOND:
        made = _intraday(market, conid, asked, (first, last), known, forward=forward)
    else:
        made = _daily(market, conid, asked, new_york_day(first), known)
    if world.switches.on("history_adjusted"):
        made = bars.adjusted(market, conid, made, known)
    within = [bar for bar in made if first <= bar.at <= last]
    return within[:_MOST_POINTS] if forward else within[-_MOST_POINTS:]


def _daily(market: Market, conid: int, asked: Span, first: date, known: Instant) -> list[Bar]:
    if asked.bar == "1d":
        since = bars.first_session_since(market, first)
        return [bar for _, bar in bars.daily_bars(market, conid, since, known)]
    monday = bars.week(first)
    since = bars.first_session_since(market, monday if asked.bar == "1w" else first.replace(day=1))
    days = bars.daily_bars(market, conid, since, known)
    return bars.grouped(days, bars.week if asked.bar == "1w" else bars.month)


def _intraday(
    market: Market, conid: int, asked: Span, window: tuple[Instant, Instant], known: Instant, *, forward: bool
) -> list[Bar]:
    width = asked.seconds // 60
    since = bars.first_session_since(market, new_york_day(window[0]))
    until = market.sessions.latest(min(window[1], known))
    # More sessions than fit into one answer need not be drawn; an early close has 210 minutes.
    enough = _MOST_POINTS * width // 180 + 1
    since, until = (since, min(until, since + enough)) if forward else (max(since, until - enough), until)
    made: list[Bar] = []
    for index in range(since, until + 1):
        made += bars.minute_bars(market, conid, index, width, known)
    return made


def _earlier(market: Market, end: Instant, asked: Span) -> Instant:
    """Start of a period that ends at `end`; days count sessions, minutes count trading time."""
    sessions = market.sessions
    latest = sessions.latest(end)
    if asked.unit in ("min", "h"):
        minutes = asked.count * (60 if asked.unit == "h" else 1)
        if latest >= 0 and end >= sessions.closes[latest]:
            return sessions.closes[latest] - minutes * MINUTE
        return end - minutes * MINUTE + 1
    if asked.unit == "d":
        return sessions.opens[max(0, latest - asked.count + 1)]
    days = asked.count * {"w": 7, "m": 30.4375, "y": 365.25}[asked.unit]
    return end - round(days * 86_400) * SECOND


def _later(start: Instant, asked: Span) -> Instant:
    lengths = {"min": 60, "h": 3600, "d": 86400, "w": 604800, "m": 2629800, "y": 31557600}
    return start + asked.count * lengths[asked.unit] * SECOND


def _series(world: World, listing: Listing, asked: Span, found: list[Bar], *, outside: bool) -> Json:
    factor = world.switches.number("volume_factor")
    high = max(found, key=lambda bar: bar.high)
    low = min(found, key=lambda bar: bar.low)
    return {
        "serverId": str(6_571_225 + world.gateway.epoch),
        "symbol": listing.symbol,
        "text": listing.company,
        "priceFactor": 100,
        "startTime": stamp(found[0].at, _START),
        "high": _extreme(high.high, high, found[0], factor),
        "low": _extreme(low.low, low, found[0], factor),
        "timePeriod": asked.period,
        "barLength": asked.seconds,
        "mdAvailability": "S",
        "mktDataDelay": _DELAY_SECONDS if delayed(availability(world, listing)) else 0,
        "outsideRth": outside,
        "tradingDayDuration": 960 if outside else 390,
        "volumeFactor": factor,
        "priceDisplayRule": 1,
        "priceDisplayValue": "2",
        "negativeCapable": False,
        "messageVersion": 2,
        "data": [_bar(bar, factor) for bar in found],
        "points": len(found) - 1,
        "travelTime": 45,
    }


def _extreme(price: int, bar: Bar, first: Bar, factor: int) -> str:
    volume = f"{bar.volume / factor:.4f}".rstrip("0").rstrip(".")
    return f"{price}/{volume}/{(bar.at - first.at) // MINUTE}"


def _bar(bar: Bar, factor: int) -> Json:
    """The broker's units: dollars, lots, milliseconds. Written out, for there are thousands of them."""
    return {
        "o": bar.open / 100,
        "c": bar.close / 100,
        "h": bar.high / 100,
        "l": bar.low / 100,
        "v": bar.volume / factor,
        "t": bar.at // 1000,
    }


ROUTES = (Route(methods="GET", pattern="/iserver/marketdata/history", handler=history),)
