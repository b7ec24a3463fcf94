"""Options of a stock [§3]: months, strikes and contracts. They can be looked up, not traded.

Both want a search first; without one the broker knows no months.
"""

from calendar import Calendar
from datetime import date

from ibkr_simulator.exchange import ids
from ibkr_simulator.exchange.listings import Listing
from ibkr_simulator.instants import new_york_day
from ibkr_simulator.messages import Answer, Json, Request, Route, error, ok
from ibkr_simulator.world import World

_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_AHEAD, _EACH_SIDE = 4, 8
_FRIDAY = 4


def months(world: World) -> dict[str, date]:
    """The coming months as the search names them (OCT12), each with its third Friday."""
    today = new_york_day(world.now)
    found = {}
    for ahead in range(_AHEAD):
        year, month = divmod(today.year * 12 + today.month - 1 + ahead, 12)
        found[f"{_MONTHS[month]}{year % 100:02}"] = _third_friday(year, month + 1)
    return found


def _third_friday(year: int, month: int) -> date:
    days = Calendar().itermonthdates(year, month)
    return [day for day in days if day.month == month and day.weekday() == _FRIDAY][2]


def strikes_of(world: World, listing: Listing) -> list[float]:
    """Strikes around the last price, dearer stocks with wider steps; none without a price."""
    quote = world.exchange.quote(listing.conid)
    if quote is None or not listing.tradable:
        return []
    dollars = quote.last // 100
    step = 5 if dollars >= 100 else 2 if dollars >= 25 else 1
    middle = dollars // step * step
    return [float(middle + step * n) for n in range(-_EACH_SIDE, _EACH_SIDE + 1) if middle + step * n > 0]


def strikes(world: World, request: Request) -> Answer:
    """`/iserver/secdef/strikes`: empty lists before a search or for a month that is none."""
    listing = world.listings.find(request.asked("conid"))
    if listing is None or not request.asked("month") or not request.asked("sectype"):
        return error(400, "Bad Request: conid, sectype and month required")
    known = listing.conid in world.gateway.open_session.searched and request.asked("month") in months(world)
    listed = strikes_of(world, listing) if known and request.asked("sectype") == "OPT" else []
    return ok({"call": listed, "put": listed})


def options(world: World, request: Request, listing: Listing) -> Answer:
    """`/iserver/secdef/info` for options: of one month, and if asked one strike and one right."""
    ends = months(world).get(request.asked("month"))
    if ends is None or listing.conid not in world.gateway.open_session.searched:
        return error(400, "Bad Request: no contracts retrieved")
    rights = [right for right in ("C", "P") if request.asked("right", right) in (right, "")]
    asked = request.asked("strike")
    found = [strike for strike in strikes_of(world, listing) if not asked or _same(asked, strike)]
    rows = [_option(listing, ends, strike, right) for strike in found for right in rights]
    return ok(rows) if rows else error(400, "Bad Request: no contracts retrieved")


def _same(text: str, strike: float) -> bool:
    try:
        return float(text) == strike
    except ValueError:
        return False


def _option(listing: Listing, ends: date, strike: float, right: str) -> Json:
    number = ids.number("option", listing.conid, ends, strike, right)
    return {
        "conid": 720_000_000 + number % 80_000_000,
        "symbol": listing.symbol,
        "secType": "OPT",
        "exchange": "SMART",
        "listingExchange": None,
        "right": right,
        "strike": strike,
        "currency": listing.currency,
        "cusip": None,
        "coupon": "No Coupon",
        "desc1": listing.symbol,
        "desc2": f"{ends:%b%d'%y} {strike:g} {'Call' if right == 'C' else 'Put'}".upper(),
        "maturityDate": f"{ends:%Y%m%d}",
        "multiplier": "100",
        "tradingClass": listing.symbol,
        "validExchanges": "SMART,AMEX,CBOE,PHLX,ISE",
    }


ROUTES = (Route(methods="GET", pattern="/iserver/secdef/strikes", handler=strikes),)
