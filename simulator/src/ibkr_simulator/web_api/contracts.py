"""Searching contracts, their rules and trading hours [§3]."""

from datetime import timedelta

from ibkr_simulator.exchange import money
from ibkr_simulator.exchange.listings import Listing
from ibkr_simulator.instants import from_datetime, new_york_day, new_york_midnight, seconds, to_datetime
from ibkr_simulator.messages import Answer, Json, Request, Route, bare_error, error, ok
from ibkr_simulator.world import World

_VENUES = "SMART,AMEX,NYSE,CBOE,PHLX,ISE,CHX,ARCA,NASDAQ,DRCTEDGE,BEX,BATS,EDGEA,BYX,IEX"
_ORDER_TYPES = ["limit", "midprice", "market", "stop", "stop_limit", "mit", "lit", "trailing_stop"]
_ORDER_TYPES_MORE = ["trailing_stop_limit", "relative", "marketonclose", "limitonclose"]
_EXTENDED_BEFORE = timedelta(hours=5, minutes=30)
_EXTENDED_AFTER = timedelta(hours=4)


def search(world: World, request: Request) -> Answer:
    """`/iserver/secdef/search`: conids are text here, foreign listings come too."""
    symbol, kind = request.asked("symbol"), request.asked("secType", "STK")
    if not symbol:
        return error(400, "Bad Request: Symbol required")
    named = request.asked("name").lower() == "true"
    found = world.listings.by_name(symbol) if named else world.listings.by_symbol(symbol)
    if not found or kind != "STK":
        return ok({"error": "No symbol found"})
    return ok([_found(listing) for listing in found])


def _found(listing: Listing) -> Json:
    sections: list[Json] = [{"secType": "STK"}]
    if listing.is_us:
        sections.append({"secType": "OPT", "months": "JAN13;FEB13;MAR13", "exchange": "SMART;AMEX;CBOE"})
    return {
        "conid": str(listing.conid),
        "companyHeader": f"{listing.company} - {listing.exchange}",
        "companyName": listing.company,
        "symbol": listing.symbol,
        "description": listing.exchange,
        "restricted": None,
        "sections": sections,
    }


def secdef_info(world: World, request: Request) -> Answer:
    """`/iserver/secdef/info`: conids are numbers here."""
    listing = _listing(world, request.asked("conid"))
    if listing is None:
        return error(400, "Bad Request: invalid conid")
    return ok(
        [
            {
                "conid": listing.conid,
                "symbol": listing.symbol,
                "secType": "STK",
                "exchange": "SMART",
                "listingExchange": listing.exchange,
                "right": "?",
                "strike": 0.0,
                "currency": listing.currency,
                "cusip": listing.cusip,
                "coupon": "No Coupon",
                "desc1": listing.symbol,
                "desc2": listing.company,
                "maturityDate": "",
                "multiplier": "0",
                "tradingClass": "NMS",
                "validExchanges": _VENUES,
            }
        ]
    )


def stocks(world: World, request: Request) -> Answer:
    """`/trsrv/stocks`: the best way from symbol to conid; unknown symbols are missing."""
    symbols = [symbol.strip().upper() for symbol in request.asked("symbols").split(",") if symbol.strip()]
    return ok({symbol: _stock(found) for symbol in symbols if (found := world.listings.by_symbol(symbol))})


def _stock(listed: list[Listing]) -> list[Json]:
    contracts = [{"conid": each.conid, "exchange": each.exchange, "isUS": each.is_us} for each in listed]
    return [{"name": listed[0].company, "chineseName": None, "assetClass": "STK", "contracts": contracts}]


def secdef(world: World, request: Request) -> Answer:
    """`/trsrv/secdef`: details of up to 200 conids."""
    conids = [part for part in request.asked("conids").strip("[]").split(",") if part]
    found = [_listing(world, conid) for conid in conids[:200]]
    return ok({"secdef": [_definition(listing) for listing in found if listing]})


def _definition(listing: Listing) -> Json:
    return {
        "conid": listing.conid,
        "currency": listing.currency,
        "time": 12,
        "chineseName": None,
        "allExchanges": _VENUES,
        "listingExchange": listing.exchange,
        "countryCode": listing.country,
        "name": listing.company,
        "assetClass": "STK",
        "expiry": None,
        "lastTradingDay": None,
        "group": listing.category,
        "putOrCall": None,
        "sector": listing.industry,
        "sectorGroup": listing.category,
        "strike": "0",
        "ticker": listing.symbol,
        "undConid": 0,
        "multiplier": 0.0,
        "type": "COMMON",
        "hasOptions": listing.is_us,
        "fullName": listing.symbol,
        "isUS": listing.is_us,
        "incrementRules": [{"lowerEdge": 0.0, "increment": 0.01}],
        "displayRule": {
            "magnification": 0,
            "displayRuleStep": [{"decimalDigits": 2, "lowerEdge": 0.0, "wholeDigits": 4}],
        },
        "isEventContract": False,
        "pageSize": 100,
    }


def info(world: World, request: Request) -> Answer:
    """`/iserver/contract/{conid}/info`: snake case."""
    listing = _listing(world, request.params["conid"])
    return ok(_info(listing)) if listing else error(400, "Bad Request: invalid conid")


def _info(listing: Listing) -> dict[str, Json]:
    nothing = ("multiplier", "maturity_date", "expiry_full", "contract_month", "cusip", "classifier", "text")
    absent = dict.fromkeys((*nothing, "underlying_issuer", "contract_clarification_type"))
    return absent | {
        "cfi_code": "",
        "symbol": listing.symbol,
        "underlying_con_id": 0,
        "con_id": listing.conid,
        "company_name": listing.company,
        "currency": listing.currency,
        "instrument_type": "STK",
        "trading_class": "NMS",
        "exchange": listing.exchange,
        "valid_exchanges": _VENUES if listing.is_us else listing.exchange,
        "local_symbol": listing.symbol,
        "r_t_h": True,
        "industry": listing.industry,
        "category": listing.category,
        "has_related_contracts": listing.is_us,
        "smart_available": listing.is_us,
        "allow_sell_long": False,
        "is_zero_commission_security": False,
    }


def info_and_rules(world: World, request: Request) -> Answer:
    """`/iserver/contract/{conid}/info-and-rules`."""
    listing = _listing(world, request.params["conid"])
    if listing is None:
        return error(400, "Bad Request: invalid conid")
    return ok(_info(listing) | {"rules": _rules(world, listing)})


def rules(world: World, request: Request) -> Answer:
    """`POST /iserver/contract/rules`."""
    listing = _listing(world, request.asked("conid"))
    return ok(_rules(world, listing)) if listing else error(400, "Bad Request: invalid conid")


def _rules(world: World, listing: Listing) -> Json:
    quote = world.exchange.quote(listing.conid)
    last = money.number(quote.last) if quote else None
    return {
        "algoEligible": True,
        "overnightEligible": False,
        "costReport": False,
        "canTradeAcctIds": list(world.accounts) if listing.is_us else [],
        "error": None if listing.is_us else "No trading permissions.",
        "orderTypes": _ORDER_TYPES + _ORDER_TYPES_MORE,
        "orderTypesOutside": ["limit", "stop_limit"],
        "fraqTypes": ["limit", "market"],
        "cqtTypes": ["limit", "market"],
        "tifTypes": ["IOC/MARKET,LIMIT,o", "GTC/o,a", "OPG/LIMIT,MARKET,a", "GTD/o,a", "DAY/o,a"],
        "defaultSize": 100,
        "sizeIncrement": 100,
        "cashSize": 0.0,
        "cashCcy": listing.currency,
        "increment": 0.01,
        "incrementDigits": 2,
        "incrementRules": [{"lowerEdge": 0.0, "increment": 0.01}],
        "limitPrice": last,
        "stopprice": last,
        "negativeCapable": False,
        "preview": True,
    }


def schedule(world: World, request: Request) -> Answer:
    """`/contract/trading-schedule`: six days around now; a missing day is closed."""
    listing = _listing(world, request.asked("conid"))
    if listing is None or not listing.is_us:
        return bare_error(400, "Bad Request: invalid conid")
    sessions = world.exchange.market.sessions
    first = max(0, sessions.latest(new_york_midnight(new_york_day(world.now))))
    first += 1 if first < len(sessions) and sessions.days[first] < new_york_day(world.now) else 0
    days = range(first, min(first + 6, len(sessions)))
    return ok({"exchange_time_zone": "US/Eastern", "schedules": dict(_hours(world, index) for index in days)})


def _hours(world: World, index: int) -> tuple[str, Json]:
    sessions = world.exchange.market.sessions
    opens, closes = sessions.opens[index], sessions.closes[index]
    extended = {
        "opening": seconds(from_datetime(to_datetime(opens) - _EXTENDED_BEFORE)),
        "closing": seconds(from_datetime(to_datetime(closes) + _EXTENDED_AFTER)),
        "cancel_daily_orders": True,
    }
    liquid = {"opening": seconds(opens), "closing": seconds(closes)}
    return sessions.days[index].strftime("%Y%m%d"), {"liquid_hours": [liquid], "extended_hours": [extended]}


def _listing(world: World, conid: str) -> Listing | None:
    return world.listings.by_conid.get(int(conid)) if conid.isdigit() else None


ROUTES = (
    Route(methods="GET|POST", pattern="/iserver/secdef/search", handler=search),
    Route(methods="GET", pattern="/iserver/secdef/info", handler=secdef_info),
    Route(methods="GET", pattern="/trsrv/stocks", handler=stocks),
    Route(methods="GET", pattern="/trsrv/secdef", handler=secdef),
    Route(methods="GET", pattern="/iserver/contract/{conid}/info", handler=info),
    Route(methods="GET", pattern="/iserver/contract/{conid}/info-and-rules", handler=info_and_rules),
    Route(methods="POST", pattern="/iserver/contract/rules", handler=rules),
    Route(methods="GET", pattern="/contract/trading-schedule", handler=schedule),
)
