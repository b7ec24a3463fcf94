"""Positions, cached and fresh [§6]."""

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from ibkr_simulator.exchange import money
from ibkr_simulator.exchange.accounts import Account, Position
from ibkr_simulator.gateway import CachedPositions
from ibkr_simulator.instants import SECOND, seconds
from ibkr_simulator.messages import Answer, Json, Request, Route, empty, ok
from ibkr_simulator.web_api.portfolio_access import readable_account
from ibkr_simulator.world import World

_SIX = Decimal("0.000001")


def page(world: World, request: Request) -> Answer:
    """`/portfolio/{id}/positions/{page}`: cached; the page number is ignored [F-71, F-72]."""
    account = readable_account(world, request)
    return account if isinstance(account, Answer) else ok(_cached(world, account))


def _cached(world: World, account: Account) -> list[Json]:
    """Rows as of the last refresh; how old they may be is a switch."""
    cache = world.gateway.positions.get(account.account_id)
    age = world.switches.number("positions_cache_seconds") * SECOND
    if cache is None or world.now - cache.at >= age:
        cache = CachedPositions(at=world.now, rows=_rows(world, account, sparse=cache is None))
        world.gateway.positions[account.account_id] = cache
    return cache.rows


def _rows(world: World, account: Account, *, sparse: bool) -> list[Json]:
    return [_row(world, account, position, sparse=sparse) for position in account.positions.values()]


def _row(world: World, account: Account, position: Position, *, sparse: bool) -> Json:
    mark = world.exchange.mark(position.conid)
    row: dict[str, Any] = {
        "acctId": account.account_id,
        "conid": position.conid,
        "contractDesc": position.symbol,
        "position": float(position.quantity),
        "mktPrice": money.number(mark),
        "mktValue": money.number(mark * position.quantity),
        "currency": "USD",
        "avgCost": _average(position),
        "avgPrice": _average(position),
        "realizedPnl": money.number(position.realized),
        "unrealizedPnl": money.number(account.unrealized(position, world.exchange.mark)),
        "exchs": None,
        "expiry": None,
        "putOrCall": None,
        "multiplier": None,
        "strike": 0.0,
        "exerciseStyle": None,
        "conExchMap": [],
        "assetClass": "STK",
        "undConid": 0,
        "model": "",
    }
    return row if sparse else row | _enriched(world, position)


def _enriched(world: World, position: Position) -> dict[str, Any]:
    """What later reads add, with the broker's own changes of type [F-73]."""
    listing = world.listings.by_conid[position.conid]
    return {
        "strike": "0",
        "multiplier": 0.0,
        "name": listing.company,
        "ticker": listing.symbol,
        "listingExchange": listing.exchange,
        "countryCode": listing.country,
        "type": "COMMON",
        "hasOptions": True,
        "fullName": listing.symbol,
        "isUS": True,
        "incrementRules": [{"lowerEdge": 0.0, "increment": 0.01}],
        "group": listing.category,
        "sector": listing.industry,
        "pageSize": 100,
    }


def _average(position: Position) -> float:
    return float(position.average.quantize(_SIX, ROUND_HALF_UP))


def invalidate(world: World, request: Request) -> Answer:
    """`…/positions/invalidate`: the next read is fresh."""
    account = readable_account(world, request)
    if isinstance(account, Answer):
        return account
    world.gateway.forget_positions(account.account_id)
    return ok({"message": "success"})


def fresh(world: World, request: Request) -> Answer:
    """`/portfolio2/{id}/positions`: un-cached; conids are text."""
    account = readable_account(world, request, primed=False)
    if isinstance(account, Answer):
        return account
    return ok([_fresh_row(world, account, position) for position in account.positions.values()])


def _fresh_row(world: World, account: Account, position: Position) -> Json:
    mark = world.exchange.mark(position.conid)
    return {
        "position": float(position.quantity),
        "conid": str(position.conid),
        "avgCost": _average(position),
        "avgPrice": _average(position),
        "currency": "USD",
        "description": position.symbol,
        "isLastToLoq": False,
        "marketPrice": money.number(mark),
        "marketValue": money.number(mark * position.quantity),
        "realizedPnl": money.number(position.realized),
        "secType": "STK",
        "timestamp": seconds(world.now),
        "unrealizedPnl": money.number(account.unrealized(position, world.exchange.mark)),
        "assetClass": "STK",
        "sector": world.listings.by_conid[position.conid].industry,
        "group": world.listings.by_conid[position.conid].category,
        "model": "",
    }


def single(world: World, request: Request) -> Answer:
    """`/portfolio/{id}/position/{conid}`: a list, empty when there is none."""
    account = readable_account(world, request)
    if isinstance(account, Answer):
        return account
    held = _held(account, request)
    return ok([_row(world, account, held, sparse=False)] if held else [])


def everywhere(world: World, request: Request) -> Answer:
    """`/portfolio/positions/{conid}`: by account."""
    if not world.gateway.portfolio_primed:
        return empty(401)
    found = {account.account_id: (account, _held(account, request)) for account in world.accounts.values()}
    return ok(
        {name: [_row(world, account, held, sparse=False)] for name, (account, held) in found.items() if held}
    )


def _held(account: Account, request: Request) -> Position | None:
    conid = request.params["conid"]
    return account.positions.get(int(conid)) if conid.isdigit() else None


ROUTES = (
    Route(methods="GET", pattern="/portfolio/{account}/positions/{page}", handler=page),
    Route(methods="GET", pattern="/portfolio/positions/{conid}", handler=everywhere),
    Route(methods="POST", pattern="/portfolio/{account}/positions/invalidate", handler=invalidate),
    Route(methods="GET", pattern="/portfolio2/{account}/positions", handler=fresh),
    Route(methods="GET", pattern="/portfolio/{account}/position/{conid}", handler=single),
)
