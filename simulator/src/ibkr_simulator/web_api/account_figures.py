"""`/iserver/account/{id}/summary/…`: the same amounts as formatted texts, by segment [§6]."""

from collections.abc import Callable, Mapping

from ibkr_simulator.exchange import money
from ibkr_simulator.exchange.accounts import Account
from ibkr_simulator.exchange.money import Cents
from ibkr_simulator.messages import Answer, Json, Request, Route, error, ok
from ibkr_simulator.web_api.portfolio import balances
from ibkr_simulator.world import World

Figures = Mapping[str, str]
_OTHER_SEGMENTS = ("Crypto at Paxos", "commodities")


def _usd(amount: Cents) -> str:
    return f"{money.grouped(amount)} USD"


def _balances(known: Mapping[str, Cents], account: Account) -> Figures:
    return {
        "net_liquidation": _usd(known["netliquidation"]),
        "equity_with_loan": _usd(known["equitywithloanvalue"]),
        "cash": _usd(known["totalcashvalue"]),
        "MTD Interest": _usd(known["accruedcash"]),
        "previous_day_equity_with_loan": _usd(account.opened_with),
    }


def _margins(known: Mapping[str, Cents], account: Account) -> Figures:
    return {
        "current_initial": _usd(known["initmarginreq"]),
        "current_maint": _usd(known["maintmarginreq"]),
        "look_ahead_initial": _usd(known["fullinitmarginreq"]),
        "look_ahead_maint": _usd(known["fullmaintmarginreq"]),
        "RegT Margin": _usd(known["initmarginreq"]),
    }


def _available_funds(known: Mapping[str, Cents], account: Account) -> Figures:
    net = known["netliquidation"]
    leverage = known["grosspositionvalue"] / net if net > 0 else 0.0
    return {
        "current_available": _usd(known["availablefunds"]),
        "current_excess": _usd(known["excessliquidity"]),
        "buying_power": _usd(known["buyingpower"]),
        "leverage": f"{leverage:.2f}",
        "look_ahead_available": _usd(known["fullavailablefunds"]),
        "look_ahead_excess": _usd(known["fullexcessliquidity"]),
    }


def _segments(
    figures: Callable[[Mapping[str, Cents], Account], Figures],
) -> Callable[[World, Request], Answer]:
    def handler(world: World, request: Request) -> Answer:
        """Total and securities are equal: everything here is a stock or cash."""
        account = _account(world, request)
        if isinstance(account, Answer):
            return account
        found = figures(balances(world, account), account)
        nothing = {name: "0.00" if name == "leverage" else "0 USD" for name in found}
        return ok({"total": found, **dict.fromkeys(_OTHER_SEGMENTS, nothing), "securities": found})

    return handler


def market_value(world: World, request: Request) -> Answer:
    """By currency, without its name in the figures."""
    account = _account(world, request)
    if isinstance(account, Answer):
        return account
    known = {name: money.grouped(amount) for name, amount in balances(world, account).items()}
    figures: Json = {
        "total_cash": known["totalcashvalue"],
        "stock": known["stockmarketvalue"],
        "options": "0",
        "futures": "0",
        "net_liquidation": known["netliquidation"],
        "unrealized_pnl": known["unrealizedpnl"],
        "realized_pnl": known["realizedpnl"],
    }
    return ok({"USD": figures})


def _account(world: World, request: Request) -> Account | Answer:
    asked = request.params["account"]
    return world.accounts.get(asked) or error(400, f"Bad Request: accountId is not valid: {asked}")


_BASE = "/iserver/account/{account}/summary"
ROUTES = (
    Route(methods="GET", pattern=f"{_BASE}/balances", handler=_segments(_balances)),
    Route(methods="GET", pattern=f"{_BASE}/margins", handler=_segments(_margins)),
    Route(methods="GET", pattern=f"{_BASE}/available_funds", handler=_segments(_available_funds)),
    Route(methods="GET", pattern=f"{_BASE}/market_value", handler=market_value),
)
