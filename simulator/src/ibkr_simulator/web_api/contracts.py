"""Searching contracts, their rules and trading hours [§3]."""

from ibkr_simulator.exchange import money
from ibkr_simulator.exchange.listings import Listing
from ibkr_simulator.messages import Answer, Json, Request, Route, error, ok
from ibkr_simulator.web_api import derivatives
from ibkr_simulator.world import World

_VENUES = "SMART,AMEX,NYSE,CBOE,PHLX,ISE,CHX,ARCA,NASDAQ,DRCTEDGE,BEX,BATS,EDGEA,BYX,IEX"
_ORDER_TYPES = ["limit", "midprice", "market", "stop", "stop_limit", "mit", "lit", "trailing_stop"]
_ORDER_TYPES_MORE = ["trailing_stop_limit", "relative", "marketonclose", "limitonclose"]
_SEC_TYPES = ("STK", "IND")
_MOST_CONIDS = 200


def search(world: World, request: Request) -> Answer:
    """`/iserver/secdef/search`: conids are text here, foreign listings come too. Primes strikes and info."""
    symbol, kind = request.asked("symbol"), request.asked("secType")
    if not symbol:
        return error(400, "Bad Request: Symbol required")
    named = request.asked("name").lower() == "true"
    listed = world.listings.by_name(symbol) if named else world.listings.by_symbol(symbol)
    found = [each for each in listed if each.kind in _SEC_TYPES and kind in ("", each.kind)]
    if not found:
        return ok({"error": "No symbol found"})
    world.gateway.open_session.searched.update(listing.conid for listing in found)
    return ok([_found(world, listing) for listing in found])


def _found(world: World, listing: Listing) -> Json:
    sections: list[Json] = [{"secType": listing.kind}]
    if listing.is_us:
        months = ";".join(derivatives.months(world))
        sections.append({"secType": "OPT", "months": months, "exchange": "SMART;AMEX;CBOE"})
        sections += [_cfd(each) for each in world.listings.by_symbol(listing.symbol) if each.kind == "CFD"]
    return {
        "conid": str(listing.conid),
        "companyHeader": f"{listing.company} - {listing.exchange}",
        "companyName": listing.company,
        "symbol": listing.symbol,
        "description": listing.exchange,
        "restricted": "IND" if listing.kind == "IND" else None,
        "sections": sections,
    }


def _cfd(listing: Listing) -> Json:
    return {"secType": "CFD", "exchange": listing.exchange, "conid": str(listing.conid)}


def secdef_info(world: World, request: Request) -> Answer:
    """`/iserver/secdef/info`: conids are numbers here; a month that is none is 400."""
    listing = world.listings.find(request.asked("conid"))
    if listing is None:
        return error(400, "Bad Request: invalid conid")
    if request.asked("sectype") == "OPT":
        return derivatives.options(world, request, listing)
    return ok(
        [
            {
                "conid": listing.conid,
                "symbol": listing.symbol,
                "secType": listing.kind,
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
                "tradingClass": _trading_class(listing),
                "validExchanges": _VENUES,
            }
        ]
    )


def stocks(world: World, request: Request) -> Answer:
    """`/trsrv/stocks`: the best way from symbol to conid; unknown symbols are missing."""
    symbols = _listed(request.asked("symbols"))
    if not symbols:
        return error(400, "Bad Request: symbols required")
    found = {symbol: _companies(world.listings.by_symbol(symbol)) for symbol in symbols}
    return ok({symbol: rows for symbol, rows in found.items() if rows})


def _companies(listed: list[Listing]) -> list[Json]:
    """One row for each company of that symbol, with all its listings."""
    rows: dict[str, list[Json]] = {}
    for each in listed:
        if each.kind == "STK":
            contract = {"conid": each.conid, "exchange": each.exchange, "isUS": each.is_us}
            rows.setdefault(each.company, []).append(contract)
    return [
        {"name": name, "chineseName": None, "assetClass": "STK", "contracts": contracts}
        for name, contracts in rows.items()
    ]


def _listed(text: str) -> list[str]:
    return [part.strip().upper() for part in text.split(",") if part.strip()]


def futures(world: World, request: Request) -> Answer:
    """`/trsrv/futures`: no tape has any, so every symbol has an empty list."""
    symbols = _listed(request.asked("symbols"))
    return ok({symbol: [] for symbol in symbols}) if symbols else error(400, "Bad Request: symbols required")


def all_conids(world: World, request: Request) -> Answer:
    """`/trsrv/all-conids`: every stock of an exchange."""
    exchange = request.asked("exchange").upper()
    if not exchange:
        return error(400, "Bad Request: exchange required")
    listed = [each for each in world.listings.all if each.exchange == exchange and each.kind == "STK"]
    return ok([{"ticker": each.symbol, "conid": each.conid, "exchange": exchange} for each in listed])


def secdef(world: World, request: Request) -> Answer:
    """`/trsrv/secdef`: details of up to 200 conids; unknown ones are missing."""
    conids = _listed(request.asked("conids").strip("[]"))
    if not conids or len(conids) > _MOST_CONIDS or not all(conid.isdecimal() for conid in conids):
        return error(400, f"Bad Request: conids takes 1 to {_MOST_CONIDS} numbers")
    found = [world.listings.find(conid) for conid in conids]
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
        "assetClass": listing.kind,
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
        "type": _type(listing),
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
    listing = world.listings.find(request.params["conid"])
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
        "instrument_type": listing.kind,
        "trading_class": _trading_class(listing),
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
    listing = world.listings.find(request.params["conid"])
    if listing is None:
        return error(400, "Bad Request: invalid conid")
    return ok(_info(listing) | {"rules": _rules(world, listing)})


def rules(world: World, request: Request) -> Answer:
    """`POST /iserver/contract/rules`."""
    listing = world.listings.find(request.asked("conid"))
    return ok(_rules(world, listing)) if listing else error(400, "Bad Request: invalid conid")


def _rules(world: World, listing: Listing) -> Json:
    quote = world.exchange.quote(listing.conid)
    last = money.number(quote.last) if quote else None
    return {
        "algoEligible": True,
        "overnightEligible": False,
        "costReport": False,
        "canTradeAcctIds": list(world.accounts) if listing.tradable else [],
        "error": None if listing.tradable else "No trading permissions.",
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


def _trading_class(listing: Listing) -> str:
    return "NMS" if listing.kind == "STK" else listing.symbol


def _type(listing: Listing) -> str | None:
    if listing.kind != "STK":
        return None
    return "ETF" if listing.category == "Equity Fund" else "COMMON"


ROUTES = (
    Route(methods="GET|POST", pattern="/iserver/secdef/search", handler=search),
    Route(methods="GET", pattern="/iserver/secdef/info", handler=secdef_info),
    Route(methods="GET", pattern="/trsrv/stocks", handler=stocks),
    Route(methods="GET", pattern="/trsrv/secdef", handler=secdef),
    Route(methods="GET", pattern="/iserver/contract/{conid}/info", handler=info),
    Route(methods="GET", pattern="/iserver/contract/{conid}/info-and-rules", handler=info_and_rules),
    Route(methods="POST", pattern="/iserver/contract/rules", handler=rules),
    Route(methods="GET", pattern="/trsrv/futures", handler=futures),
    Route(methods="GET", pattern="/trsrv/all-conids", handler=all_conids),
)
