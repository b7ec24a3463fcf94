"""What an account is made of, and what else the portfolio paths tell about it [§6]."""

from collections import Counter
from collections.abc import Iterable

from ibkr_simulator.exchange import money
from ibkr_simulator.exchange.accounts import Account
from ibkr_simulator.messages import Answer, Json, Request, Route, empty, error, ok
from ibkr_simulator.web_api.portfolio import account_row
from ibkr_simulator.web_api.portfolio_access import readable_account
from ibkr_simulator.world import World

_PER_PAGE = 20


def meta(world: World, request: Request) -> Answer:
    """`/portfolio/{id}/meta`: the account's row of `/portfolio/accounts`."""
    account = readable_account(world, request)
    return account if isinstance(account, Answer) else ok(account_row(account))


def subaccounts_by_page(world: World, request: Request) -> Answer:
    """`/portfolio/subaccounts2`: the same rows in pages of 20."""
    world.gateway.portfolio_primed = True
    text = request.asked("page", "0")
    number = int(text) if text.isdigit() else 0
    rows = [account_row(account) for account in world.accounts.values()]
    metadata = {"total": len(rows), "pageSize": _PER_PAGE, "pageNum": number}
    shown = rows[number * _PER_PAGE : (number + 1) * _PER_PAGE]
    return ok({"metadata": metadata, "subaccounts": shown})


def combinations(world: World, request: Request) -> Answer:
    """`/portfolio/{id}/combo/positions`: none, since only single stocks can be traded here."""
    account = readable_account(world, request)
    return account if isinstance(account, Answer) else ok([])


def of_one(world: World, request: Request) -> Answer:
    """`/portfolio/{id}/allocation`."""
    account = readable_account(world, request)
    return account if isinstance(account, Answer) else ok(_allocation(world, [account]))


def of_several(world: World, request: Request) -> Answer:
    """`POST /portfolio/allocation`: the sum over `acctIds`."""
    asked = request.fields().get("acctIds")
    if not world.gateway.portfolio_primed:
        return empty(401)
    if not isinstance(asked, list) or not asked:
        return error(400, "Bad Request: acctIds required")
    if any(account_id not in world.accounts for account_id in asked):
        return empty(401)
    return ok(_allocation(world, [world.accounts[account_id] for account_id in asked]))


def _allocation(world: World, accounts: Iterable[Account]) -> Json:
    """Market values by asset class, sector and group, long and short apart."""
    classes: Counter[str] = Counter()
    sectors: Counter[str] = Counter()
    groups: Counter[str] = Counter()
    for account in accounts:
        classes["CASH"] += account.cash
        for position in account.held():
            listing = world.listings.by_conid[position.conid]
            value = position.quantity * world.exchange.mark(position.conid)
            side = "" if value >= 0 else "-"
            classes[f"{side}STK"] += value
            sectors[f"{side}{listing.industry}"] += value
            groups[f"{side}{listing.category}"] += value
    return {"assetClass": _sides(classes), "sector": _sides(sectors), "group": _sides(groups)}


def _sides(values: "Counter[str]") -> Json:
    return {
        "long": {name: money.number(value) for name, value in values.items() if not name.startswith("-")},
        "short": {name[1:]: money.number(value) for name, value in values.items() if name.startswith("-")},
    }


ROUTES = (
    Route(methods="GET", pattern="/portfolio/subaccounts2", handler=subaccounts_by_page),
    Route(methods="GET", pattern="/portfolio/{account}/meta", handler=meta),
    Route(methods="GET", pattern="/portfolio/{account}/allocation", handler=of_one),
    Route(methods="POST", pattern="/portfolio/allocation", handler=of_several),
    Route(methods="GET", pattern="/portfolio/{account}/combo/positions", handler=combinations),
)
