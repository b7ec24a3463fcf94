"""`/hmds/…`: the second source of history, which is not found until it is opened [§4.1]."""

from datetime import UTC, datetime

from ibkr_simulator.instants import from_datetime, millis, stamp
from ibkr_simulator.messages import Answer, Json, Request, Route, error, ok
from ibkr_simulator.web_api import history as first_source
from ibkr_simulator.world import World

_STAMP = "%Y%m%d-%H:%M:%S"


def open_source(world: World, request: Request) -> Answer:
    """`POST /hmds/auth/init`: for this brokerage session."""
    brokerage = world.gateway.brokerage
    if brokerage is None:
        return error(400, "Bad Request: no bridge")
    brokerage.history_open = True
    return ok({"authenticated": True, "competing": False, "connected": True})


def history(world: World, request: Request) -> Answer:
    """`/hmds/history`: the bars of `/iserver/marketdata/history` in another frame; 404 until opened."""
    brokerage = world.gateway.brokerage
    if brokerage is None or not brokerage.history_open:
        return error(404, "Not Found")
    answer = first_source.history(world, request)
    return ok(_framed(world, answer.body)) if answer.status == 200 else answer


def _framed(world: World, series: Json) -> Json:
    first = from_datetime(datetime.strptime(series["startTime"], _STAMP).replace(tzinfo=UTC))
    return {
        "startTime": series["startTime"],
        "startTimeVal": millis(first),
        "endTime": stamp(world.now, _STAMP),
        "endTimeVal": millis(world.now),
        "data": series["data"],
        "points": series["points"],
        "mktDataDelay": series["mktDataDelay"],
    }


ROUTES = (
    Route(methods="POST", pattern="/hmds/auth/init", handler=open_source),
    Route(methods="GET", pattern="/hmds/history", handler=history),
)
