"""History and snapshots [§4]. Nothing later than now is ever shown."""

from datetime import UTC, date, datetime
from typing import Any

from ibkr_simulator.exchange import history as bars
from ibkr_simulator.exchange import money
from ibkr_simulator.exchange.bar import Bar
from ibkr_simulator.exchange.listings import Listing
from ibkr_simulator.instants import MINUTE, SECOND, Instant, from_datetime, millis, new_york_day, stamp
from ibkr_simulator.messages import Answer, Json, Request, Route, bare_error, error, ok
from ibkr_simulator.web_api.periods import Span, span
from ibkr_simulator.world import World

_MOST_POINTS = 1000
_MOST_CONIDS = 100
_DELAY = 15 * MINUTE
_START = "%Y%m%d-%H:%M:%S"


def history(world: World, request: Request) -> Answer:
    """`/iserver/marketdata/history`: at most 1000 bars, the last one unfinished."""
    listing = _listing(world, request.asked("conid"))
    if listing is None:
        return error(400, "Bad Request: invalid conid")
    try:
        start = _start(request.asked("startTime"))
    except ValueError:
        return error(400, "Bad Request: invalid startTime")
    asked = span(request.asked("period", "1d"), request.asked("bar"))
    found = _window(world, listing.conid, asked, start, forward=request.asked("direction") == "1")
    if not found:
        return bare_error(500, "Chart data unavailable")
    return ok(_series(world, listing, asked, found))


def _start(text: str) -> Instant | None:
    return from_datetime(datetime.strptime(text, _START).replace(tzinfo=UTC)) if text else None


def _window(world: World, conid: int, asked: Span, start: Instant | None, *, forward: bool) -> list[Bar]:
    if conid not in world.exchange.market.tape.bars:
        return []
    if forward and start is not None:
        return _between(world, conid, asked, start, _later(start, asked), forward=True)[:_MOST_POINTS]
    end = world.now if start is None else min(start, world.now)
    return _between(world, conid, asked, _earlier(world, end, asked), end)[-_MOST_POINTS:]


def _between(
    world: World, conid: int, asked: Span, first: Instant, last: Instant, *, forward: bool = False
) -> list[Bar]:
    """Bars that start in the window, made from what is known now."""
    market, now = world.exchange.market, world.now
    if asked.seconds < 86400:
        made = _intraday(world, conid, asked, first, last, forward=forward)
    else:
        made = _daily(world, conid, asked, new_york_day(first))
    if world.switches.on("history_adjusted"):
        made = bars.adjusted(market, conid, made, now)
    return [bar for bar in made if first <= bar.at <= last]


def _daily(world: World, conid: int, asked: Span, first: date) -> list[Bar]:
    market = world.exchange.market
    if asked.bar == "1d":
        since = bars.first_session_since(market, first)
        return [bar for _, bar in bars.daily_bars(market, conid, since, world.now)]
    monday = bars.week(first)
    since = bars.first_session_since(market, monday if asked.bar == "1w" else first.replace(day=1))
    days = bars.daily_bars(market, conid, since, world.now)
    return bars.grouped(days, bars.week if asked.bar == "1w" else bars.month)


def _intraday(
    world: World, conid: int, asked: Span, first: Instant, last: Instant, *, forward: bool
) -> list[Bar]:
    market, width = world.exchange.market, asked.seconds // 60
    since = bars.first_session_since(market, new_york_day(first))
    until = market.sessions.latest(min(last, world.now))
    # More sessions than fit into one answer need not be drawn; an early close has 210 minutes.
    enough = _MOST_POINTS * width // 180 + 1
    since, until = (since, min(until, since + enough)) if forward else (max(since, until - enough), until)
    made: list[Bar] = []
    for index in range(since, until + 1):
        made += bars.minute_bars(market, conid, index, width, world.now)
    return made


def _earlier(world: World, end: Instant, asked: Span) -> Instant:
    """Start of a period that ends at `end`; days count sessions, minutes count trading time."""
    sessions = world.exchange.market.sessions
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


def _series(world: World, listing: Listing, asked: Span, found: list[Bar]) -> Json:
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
        "mktDataDelay": 0,
        "outsideRth": False,
        "tradingDayDuration": 390,
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
    return {
        "o": money.number(bar.open),
        "c": money.number(bar.close),
        "h": money.number(bar.high),
        "l": money.number(bar.low),
        "v": bar.volume / factor,
        "t": millis(bar.at),
    }


def snapshot(world: World, request: Request) -> Answer:
    """`/iserver/marketdata/snapshot`: the first call subscribes, fields come piecemeal [F-27, F-28]."""
    conids = [part for part in request.asked("conids").split(",") if part.strip().isdigit()]
    if not conids:
        return error(400, "Bad Request: conids required")
    fields = set(request.asked("fields").split(","))
    known = [
        world.listings.by_conid[int(conid)]
        for conid in conids[:_MOST_CONIDS]
        if int(conid) in world.listings.by_conid
    ]
    return ok([_snapshot_row(world, listing, fields) for listing in known])


def _snapshot_row(world: World, listing: Listing, fields: set[str]) -> Json:
    brokerage = world.gateway.open_session
    row: dict[str, Any] = {"conidEx": str(listing.conid), "conid": listing.conid}
    calls = brokerage.snapshots.get(listing.conid, 0)
    lines = brokerage.lines() if calls == 0 else set()
    if calls == 0 and listing.conid not in lines and len(lines) >= world.switches.number("market_data_lines"):
        return row
    brokerage.snapshots[listing.conid] = calls + 1
    values = snapshot_values(world, listing)
    if calls == 0 or not values:
        return row
    if calls < world.switches.number("snapshot_calls"):
        fields = fields - {"86", "85", "7059"}
    always = {"server_id": "q0", "_updated": values["_updated"], "6119": "q0", "6509": values["6509"]}
    return row | always | {code: values[code] for code in sorted(fields) if code in values}


def snapshot_values(world: World, listing: Listing) -> dict[str, Any]:
    """Every field that has a value now; text throughout, except `_updated` in milliseconds."""
    kind = world.switches.text("market_data")
    at = world.now - _DELAY if kind in ("D", "Y") else world.now
    market = world.exchange.market
    quote = market.quote(listing.conid, at)
    if quote is None or kind in ("N", "O"):
        return {}
    prior = market.previous_close(listing.conid, at) or quote.last
    bar = bars.session_bar(market, listing.conid, market.sessions.latest(at), at)
    traded_today = bar is not None and new_york_day(bar.at) == new_york_day(at)
    values: dict[str, Any] = {
        "_updated": millis(at // SECOND * SECOND if quote.live else quote.changed),
        "31": money.text(quote.last) if traded_today else f"C{money.text(quote.last)}",
        "55": listing.symbol,
        "6008": str(listing.conid),
        "6509": f"{kind}pB",
        "7741": money.text(prior if traded_today else quote.last),
        "7635": money.text(quote.last),
        "82": f"{money.number(quote.last - prior):+.2f}",
        "83": f"{(quote.last - prior) / prior * 100:.2f}%",
        "7184": "1",
        "7768": "1",
    }
    if quote.live:
        sizes = _sizes(listing.conid, at)
        values |= {"84": money.text(quote.bid), "86": money.text(quote.ask)}
        values |= {"88": f"{sizes[0]:,}", "85": f"{sizes[1]:,}", "7059": f"{sizes[2]:,}"}
    return values | (_day_values(bar) if bar and traded_today else {})


def _day_values(bar: Bar) -> dict[str, str]:
    return {
        "70": money.text(bar.high),
        "71": money.text(bar.low),
        "87": f"{bar.volume / 1_000_000:.2f}M" if bar.volume >= 1_000_000 else f"{bar.volume:,}",
        "7762": str(bar.volume),
        "7295": money.text(bar.open),
        "7296": money.text(bar.close),
    }


def _sizes(conid: int, at: Instant) -> tuple[int, int, int]:
    minute = at // MINUTE
    return (
        100 + (conid + minute * 7) % 19 * 100,
        100 + (conid + minute * 11) % 23 * 100,
        100 + minute % 4 * 100,
    )


def unsubscribe(world: World, request: Request) -> Answer:
    """Nothing open is a harmless 500 [F-38]."""
    brokerage = world.gateway.open_session
    asked = request.asked("conid")
    if not asked.isdigit() or brokerage.snapshots.pop(int(asked), None) is None:
        return bare_error(500, "unknown")
    return ok({"success": True})


def unsubscribe_all(world: World, request: Request) -> Answer:
    """Forgets every subscription."""
    brokerage = world.gateway.open_session
    brokerage.snapshots.clear()
    return ok({"unsubscribed": True})


def _listing(world: World, conid: str) -> Listing | None:
    return world.listings.by_conid.get(int(conid)) if conid.isdigit() else None


ROUTES = (
    Route(methods="GET", pattern="/iserver/marketdata/history", handler=history),
    Route(methods="GET", pattern="/iserver/marketdata/snapshot", handler=snapshot, priming=True),
    Route(methods="POST", pattern="/iserver/marketdata/unsubscribe", handler=unsubscribe),
    Route(methods="GET", pattern="/iserver/marketdata/unsubscribeall", handler=unsubscribe_all),
)
