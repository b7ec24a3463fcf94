"""Snapshots [§4.2]. Every value is text, as the broker formats it."""

from typing import Any

from ibkr_simulator.exchange import history as bars
from ibkr_simulator.exchange.bar import Bar
from ibkr_simulator.exchange.listings import Listing
from ibkr_simulator.exchange.market import Quote
from ibkr_simulator.instants import MINUTE, SECOND, Instant, millis, new_york_day
from ibkr_simulator.messages import Answer, Json, Request, Route, bare_error, error, ok
from ibkr_simulator.web_api.availability import availability, code, priced, quoted_at
from ibkr_simulator.world import World

_MOST_CONIDS, _MOST_FIELDS = 100, 50
_LATE = ("86", "85", "7059")


def snapshot(world: World, request: Request) -> Answer:
    """`/iserver/marketdata/snapshot`: the first call subscribes, fields come piecemeal [F-27, F-28]."""
    conids = [part.strip() for part in request.asked("conids").split(",")]
    if not any(conid.isdigit() for conid in conids):
        return error(400, "Bad Request: conids required")
    fields = [part.strip() for part in request.asked("fields").split(",")][:_MOST_FIELDS]
    known = [found for conid in conids[:_MOST_CONIDS] if (found := world.listings.find(conid))]
    return ok([_snapshot_row(world, listing, set(fields)) for listing in known])


def _snapshot_row(world: World, listing: Listing, fields: set[str]) -> Json:
    row: dict[str, Any] = {"conidEx": str(listing.conid), "conid": listing.conid}
    calls = _calls(world, listing.conid)
    if calls is None or calls == 0:
        return row
    values = snapshot_values(world, listing)
    if calls < world.switches.number("snapshot_calls"):
        fields = fields.difference(_LATE)
    always = {"server_id": "q0", "_updated": values["_updated"], "6119": "q0", "6509": values["6509"]}
    return row | always | {name: values[name] for name in sorted(fields) if name in values}


def _calls(world: World, conid: int) -> int | None:
    """How often the contract was asked for before, counting this call; None when no line is free [F-39].

    With `snapshot_refresh_seconds` a subscription that nobody refreshes for so long is gone.
    """
    brokerage, limit = world.gateway.open_session, world.switches.number("snapshot_refresh_seconds")
    asked = brokerage.snapshots_asked
    if limit and world.now - asked.get(conid, world.now) > limit * SECOND:
        brokerage.snapshots.pop(conid, None)
    if not _line_free(world, conid):
        return None
    calls = brokerage.snapshots.get(conid, 0)
    brokerage.snapshots[conid], asked[conid] = calls + 1, world.now
    return calls


def _line_free(world: World, conid: int) -> bool:
    """Whether a contract has a market data line or can get one; snapshots and streams share them."""
    used = world.gateway.open_session.lines()
    return conid in used or len(used) < world.switches.number("market_data_lines")


def snapshot_values(world: World, listing: Listing) -> dict[str, Any]:
    """Every field that has a value now; text throughout, except `_updated` in milliseconds."""
    letter = availability(world, listing)
    at = quoted_at(world, letter)
    quote = world.exchange.market.quote(listing.conid, at)
    values: dict[str, Any] = {
        "_updated": millis(world.now),
        "55": listing.symbol,
        "6008": str(listing.conid),
        "6509": code(letter),
        "7184": "1" if listing.tradable else "0",
        "7768": "1" if listing.tradable else "0",
    }
    if quote is None or not priced(letter):
        return values
    values["_updated"] = millis(at // SECOND * SECOND if quote.live else quote.changed)
    values |= _prices(world, listing, quote, at) | _position(world, listing, quote)
    if listing.tradable:
        values |= _shorting(world)
    return values | _book(listing.conid, quote, at) if quote.live else values


def _prices(world: World, listing: Listing, quote: Quote, at: Instant) -> dict[str, str]:
    """Last, change and the day; a last price of an earlier day is marked C, one of a halted contract H."""
    market = world.exchange.market
    bar = bars.session_bar(market, listing.conid, market.sessions.latest(at), at)
    today = bar is not None and new_york_day(bar.at) == new_york_day(world.now)
    prior = (market.previous_close(listing.conid, at) or quote.last) if today else quote.last
    mark = "H" if quote.halted else "" if today else "C"
    values = {
        "31": mark + _price(quote.last),
        "7741": _price(prior),
        "7635": _price(quote.last),
        "82": f"{(quote.last - prior) / 100:+,.2f}",
        "83": f"{(quote.last - prior) / prior * 100:.2f}%",
    }
    return values | (_day_values(bar) if bar and today else {})


def _day_values(bar: Bar) -> dict[str, str]:
    return {
        "70": _price(bar.high),
        "71": _price(bar.low),
        "87": _short(bar.volume),
        "7762": str(bar.volume),
        "7295": _price(bar.open),
        "7296": _price(bar.close),
    }


def _book(conid: int, quote: Quote, at: Instant) -> dict[str, str]:
    """Bid and ask with their sizes, and the size of the last trade."""
    minute = at // MINUTE
    sizes = {"88": (conid + minute * 7) % 19, "85": (conid + minute * 11) % 23, "7059": minute % 4}
    texts = {name: f"{100 + size * 100:,}" for name, size in sizes.items()}
    return {"84": _price(quote.bid), "86": _price(quote.ask), **texts}


def _position(world: World, listing: Listing, quote: Quote) -> dict[str, str]:
    """What the selected account holds of it; nothing when it holds none."""
    position = world.account.positions.get(listing.conid)
    if position is None or not position.quantity:
        return {}
    return {
        "73": _price(position.quantity * quote.last),
        "74": f"{position.average:,.2f}",
        "75": _price(world.account.unrealized(position, lambda conid: quote.last)),
        "76": f"{position.quantity:,}",
    }


def _shorting(world: World) -> dict[str, str]:
    if not world.switches.on("shortable"):
        return {"7644": "Not Available", "7636": "0"}
    fee = float(world.switches.text("borrow_fee_percent"))
    return {"7644": "Available", "7636": "12,500,000", "7637": f"{fee:.4f}%"}


def _price(cents: int) -> str:
    """Dollars with two decimals and thousands apart."""
    units, rest = divmod(abs(cents), 100)
    return f"{'-' if cents < 0 else ''}{units:,}.{rest:02}"


def _short(volume: int) -> str:
    """Shares the short way: 1,234, 56.7K, 12.3M."""
    if volume >= 1_000_000:
        return f"{volume / 1_000_000:.1f}M"
    return f"{volume / 1000:.1f}K" if volume >= 10_000 else f"{volume:,}"


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


ROUTES = (
    Route(methods="GET", pattern="/iserver/marketdata/snapshot", handler=snapshot, priming=True),
    Route(methods="POST", pattern="/iserver/marketdata/unsubscribe", handler=unsubscribe),
    Route(methods="GET", pattern="/iserver/marketdata/unsubscribeall", handler=unsubscribe_all),
)
