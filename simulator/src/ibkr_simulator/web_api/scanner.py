"""The market scanner over the tape's contracts [§2]."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ibkr_simulator.exchange import history as bars
from ibkr_simulator.exchange.listings import Listing
from ibkr_simulator.messages import Answer, Json, Request, Route, error, ok
from ibkr_simulator.world import World

_MOST = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One contract as a scan sees it: prices in cents."""

    listing: Listing
    last: int
    change: float
    volume: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """One kind of scan: what it is called, its column, how it ranks."""

    name: str
    column: str
    rank: Callable[[Seen], float]
    show: Callable[[Seen], str]


def _percent(seen: Seen) -> str:
    return f"{seen.change:+.2f}%"


SCANS = {
    "TOP_PERC_GAIN": Scan(name="Top % Gainers", column="Chg%", rank=lambda seen: -seen.change, show=_percent),
    "TOP_PERC_LOSE": Scan(name="Top % Losers", column="Chg%", rank=lambda seen: seen.change, show=_percent),
    "MOST_ACTIVE": Scan(
        name="Most Active", column="Volume", rank=lambda seen: -seen.volume, show=lambda s: f"{s.volume:,}"
    ),
}
_FILTERS: dict[str, tuple[str, Callable[[Seen, float], bool]]] = {
    "priceAbove": ("Price Above", lambda seen, value: seen.last > value * 100),
    "priceBelow": ("Price Below", lambda seen, value: seen.last < value * 100),
    "volumeAbove": ("Volume Above", lambda seen, value: seen.volume > value),
}


def parameters(world: World, request: Request) -> Answer:
    """`/iserver/scanner/params`: scans, instruments, filters and places."""
    major: Json = {"display_name": "Listed/NASDAQ", "type": "STK.US.MAJOR", "locations": None}
    return ok(
        {
            "scan_type_list": [
                {"display_name": scan.name, "code": code, "instruments": ["STK"]}
                for code, scan in SCANS.items()
            ],
            "instrument_list": [{"display_name": "US Stocks", "type": "STK", "filters": list(_FILTERS)}],
            "filter_list": [
                {"group": code, "display_name": name, "code": code, "type": "NON_RANGE"}
                for code, (name, _) in _FILTERS.items()
            ],
            "location_tree": [{"display_name": "US Stocks", "type": "STK.US", "locations": [major]}],
        }
    )


def run(world: World, request: Request) -> Answer:
    """`POST /iserver/scanner/run`: at most fifty rows; only the first names its column."""
    fields = request.fields()
    scan = SCANS.get(str(fields.get("type")))
    if scan is None or fields.get("instrument") != "STK":
        return error(400, "Bad Request: instrument or type is invalid")
    asked = fields.get("filter") or []
    if not isinstance(asked, list) or not all(_known(each) for each in asked):
        return error(400, "Bad Request: filter is invalid")
    tests = [(_FILTERS[each["code"]][1], float(each["value"])) for each in asked]
    seen = [each for each in _everything(world) if all(test(each, value) for test, value in tests)]
    ranked = sorted(seen, key=scan.rank)[:_MOST]
    rows = [_row(scan, index, each) for index, each in enumerate(ranked)]
    return ok({"contracts": rows, "scan_data_column_name": scan.column})


def _known(asked: Any) -> bool:
    return (
        isinstance(asked, dict)
        and asked.get("code") in _FILTERS
        and isinstance(asked.get("value"), int | float)
    )


def _everything(world: World) -> list[Seen]:
    """Every contract of the tape that has a price now."""
    return [seen for listing in world.listings.all if listing.tradable and (seen := _seen(world, listing))]


def _seen(world: World, listing: Listing) -> Seen | None:
    market = world.exchange.market
    if listing.conid not in market.tape.bars:
        return None
    quote = market.quote(listing.conid, world.now)
    if quote is None:
        return None
    before = market.previous_close(listing.conid, world.now) or quote.last
    bar = bars.session_bar(market, listing.conid, market.sessions.latest(world.now), world.now)
    change = (quote.last - before) / before * 100
    return Seen(listing=listing, last=quote.last, change=change, volume=bar.volume if bar else 0)


def _row(scan: Scan, index: int, seen: Seen) -> Json:
    listing = seen.listing
    row: dict[str, Any] = {
        "server_id": str(index),
        "symbol": listing.symbol,
        "conidex": str(listing.conid),
        "con_id": listing.conid,
        "available_chart_periods": "#R|1",
        "company_name": listing.company,
        "scan_data": scan.show(seen),
        "contract_description_1": listing.symbol,
        "listing_exchange": listing.exchange,
        "sec_type": "STK",
    }
    return row if index else row | {"column_name": scan.column}


ROUTES = (
    Route(methods="GET", pattern="/iserver/scanner/params", handler=parameters),
    Route(methods="POST", pattern="/iserver/scanner/run", handler=run),
)
