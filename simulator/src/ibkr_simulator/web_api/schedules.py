"""Trading hours [§3]: of a contract in the coming days, and of a venue in general."""

from datetime import date, timedelta

from ibkr_simulator.exchange.listings import Listing
from ibkr_simulator.exchange.sessions import Sessions
from ibkr_simulator.instants import (
    NEW_YORK,
    Instant,
    from_datetime,
    new_york_day,
    new_york_midnight,
    seconds,
    to_datetime,
)
from ibkr_simulator.messages import Answer, Json, Request, Route, bare_error, error, ok
from ibkr_simulator.world import World

_EXTENDED_BEFORE = timedelta(hours=5, minutes=30)
_EXTENDED_AFTER = timedelta(hours=4)
_DAYS_SHOWN = 6
# 20000101 was a Saturday; the seven days from it on stand for the days of any week.
_GENERIC_SATURDAY = date(2000, 1, 1)
_WEEKEND_DAYS = 2
_USUAL_CLOSE = "1600"


def trading_schedule(world: World, request: Request) -> Answer:
    """`/contract/trading-schedule`: six sessions from today on; a missing day is closed."""
    listing = world.listings.find(request.asked("conid"))
    if listing is None or not listing.is_us:
        return bare_error(400, "Bad Request: invalid conid")
    sessions = world.exchange.market.sessions
    shown = dict(_hours(sessions, index) for index in _coming(world))
    return ok({"exchange_time_zone": "US/Eastern", "schedules": shown})


def _coming(world: World) -> range:
    sessions, today = world.exchange.market.sessions, new_york_day(world.now)
    first = max(0, sessions.latest(new_york_midnight(today)))
    first += 1 if first < len(sessions) and sessions.days[first] < today else 0
    return range(first, min(first + _DAYS_SHOWN, len(sessions)))


def _hours(sessions: Sessions, index: int) -> tuple[str, Json]:
    opens, closes = sessions.opens[index], sessions.closes[index]
    extended = {
        "opening": seconds(_shifted(opens, -_EXTENDED_BEFORE)),
        "closing": seconds(_shifted(closes, _EXTENDED_AFTER)),
        "cancel_daily_orders": True,
    }
    liquid = {"opening": seconds(opens), "closing": seconds(closes)}
    return sessions.days[index].strftime("%Y%m%d"), {"liquid_hours": [liquid], "extended_hours": [extended]}


def _shifted(at: Instant, by: timedelta) -> Instant:
    return from_datetime(to_datetime(at) + by)


def venue_schedule(world: World, request: Request) -> Answer:
    """`/trsrv/secdef/schedule`: seven generic days from Saturday on, then the coming days that differ."""
    if not request.asked("symbol") or request.asked("assetClass") != "STK":
        return error(400, "Bad Request: assetClass STK and symbol required")
    listed = [each for each in world.listings.by_symbol(request.asked("symbol")) if each.tradable]
    if not listed:
        return error(400, "Bad Request: no such contract")
    if not request.asked("exchange"):
        body = {"error": "Bad Request: exchange required", "conid": listed[0].conid, "statusCode": 400}
        return Answer(status=400, body=body)
    return ok([_venue(world, listed[0])])


def _venue(world: World, listing: Listing) -> Json:
    week = [_GENERIC_SATURDAY + timedelta(days=number) for number in range(7)]
    generic = [_day(day, closed=place < _WEEKEND_DAYS) for place, day in enumerate(week)]
    return {
        "id": f"p{100_000 + listing.conid % 1000}",
        "tradeVenueId": f"v{listing.conid % 100_000}",
        "timezone": "America/New_York",
        "schedules": [*generic, *_exceptions(world)],
    }


def _exceptions(world: World) -> list[Json]:
    """Holidays and early closes among the coming days."""
    sessions, coming = world.exchange.market.sessions, _coming(world)
    open_days = {sessions.days[index]: index for index in coming}
    today = new_york_day(world.now)
    found = []
    for ahead in range((max(open_days, default=today) - today).days + 1):
        day = today + timedelta(days=ahead)
        index = open_days.get(day)
        close = None if index is None else _clock(sessions.closes[index])
        if (index is None and day.weekday() < 5) or (close is not None and close != _USUAL_CLOSE):
            found.append(_day(day, closed=index is None, close=close or _USUAL_CLOSE))
    return found


def _clock(at: Instant) -> str:
    return to_datetime(at).astimezone(NEW_YORK).strftime("%H%M")


def _day(day: date, *, closed: bool, close: str = _USUAL_CLOSE) -> Json:
    late = "2000" if close == _USUAL_CLOSE else "1700"
    return {
        "clearingCycleEndTime": "0000",
        "tradingScheduleDate": f"{day:%Y%m%d}",
        "sessions": [] if closed else [{"openingTime": "0930", "closingTime": close, "prop": "LIQUID"}],
        "tradingtimes": []
        if closed
        else [{"openingTime": "0400", "closingTime": late, "cancelDayOrders": "Y"}],
    }


ROUTES = (
    Route(methods="GET", pattern="/contract/trading-schedule", handler=trading_schedule),
    Route(methods="GET", pattern="/trsrv/secdef/schedule", handler=venue_schedule),
)
