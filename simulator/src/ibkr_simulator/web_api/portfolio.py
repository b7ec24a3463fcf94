"""Accounts, balances and profit [§6]."""

from typing import Any

from ibkr_simulator.exchange import money
from ibkr_simulator.exchange.money import Cents
from ibkr_simulator.instants import millis, seconds
from ibkr_simulator.messages import Answer, Json, Request, Route, error, ok
from ibkr_simulator.web_api.portfolio_access import account_or_refusal
from ibkr_simulator.world import World


def accounts(world: World, request: Request) -> Answer:
    """`/portfolio/accounts`: must come before every other portfolio request."""
    world.gateway.portfolio_primed = True
    return ok([_account(world)])


def _account(world: World) -> Json:
    account = world.account.account_id
    return {
        "id": account,
        "PrepaidCrypto-Z": False,
        "PrepaidCrypto-P": False,
        "accountId": account,
        "accountVan": account,
        "accountTitle": "Simulated Trader",
        "displayName": "Simulated Trader",
        "accountAlias": None,
        "accountStatus": 946_684_800_000,
        "currency": "USD",
        "type": "DEMO" if world.account.is_paper else "INDIVIDUAL",
        "tradingType": "STKNOPT",
        "businessType": "IB_SALES",
        "category": "",
        "ibEntity": "IBLLC-US",
        "faclient": False,
        "clearingStatus": "O",
        "covestor": False,
        "noClientTrading": False,
        "trackVirtualFXPortfolio": True,
        "acctCustType": "INDIVIDUAL",
        "brokerageAccess": False,
        "parent": {"mmc": [], "accountId": "", "isMParent": False, "isMChild": False, "isMultiplex": False},
        "desc": account,
    }


def balances(world: World) -> dict[str, Cents]:
    """The amounts every summary is made of, in cents."""
    account, mark = world.account, world.exchange.mark
    net, margin = world.exchange.equity(), account.margin(mark)
    positions = account.positions.values()
    return {
        "netliquidation": net,
        "equitywithloanvalue": net,
        "totalcashvalue": account.cash,
        "settledcash": account.cash,
        "grosspositionvalue": account.gross_value(mark),
        "stockmarketvalue": account.stock_value(mark),
        "initmarginreq": margin,
        "maintmarginreq": margin,
        "fullinitmarginreq": margin,
        "fullmaintmarginreq": margin,
        "availablefunds": net - margin,
        "excessliquidity": net - margin,
        "fullavailablefunds": net - margin,
        "fullexcessliquidity": net - margin,
        "buyingpower": account.buying_power(mark),
        "unrealizedpnl": sum(account.unrealized(position, mark) for position in positions),
        "realizedpnl": sum(money.nearest_cents(position.realized / 100) for position in positions),
    }


_SUMMARY = (
    "netliquidation",
    "equitywithloanvalue",
    "totalcashvalue",
    "settledcash",
    "grosspositionvalue",
    "initmarginreq",
    "maintmarginreq",
    "fullinitmarginreq",
    "fullmaintmarginreq",
    "availablefunds",
    "excessliquidity",
    "fullavailablefunds",
    "fullexcessliquidity",
    "buyingpower",
)
_ZERO = (
    "accruedcash",
    "accrueddividend",
    "billable",
    "guarantee",
    "indianstockhaircut",
    "postexpirationexcess",
)


def summary(world: World, request: Request) -> Answer:
    """`/portfolio/{id}/summary`: lower-case keys, with a `-s` twin for securities."""
    refused = account_or_refusal(world, request)
    if refused is not None:
        return refused
    known = balances(world)
    rows: dict[str, Json] = {}
    for name in (*_SUMMARY, *_ZERO):
        rows[name] = rows[f"{name}-s"] = _amount(world, known.get(name, 0))
        rows[f"{name}-c"] = _amount(world, 0)
    cushion = known["excessliquidity"] / known["netliquidation"] if known["netliquidation"] else 0.0
    rows["cushion"] = _amount(world, 0) | {"amount": round(cushion, 6), "currency": None}
    texts = {"accountcode": world.account.account_id, "accountready": "true", "accounttype": "INDIVIDUAL"}
    return ok(rows | {name: _words(world, value) for name, value in texts.items()})


def _amount(world: World, amount: Cents) -> dict[str, Any]:
    return {
        "amount": money.number(amount),
        "currency": "USD",
        "isNull": False,
        "timestamp": millis(world.now),
        "value": None,
        "severity": 0,
    }


def _words(world: World, value: str) -> dict[str, Any]:
    return _amount(world, 0) | {"currency": None, "value": value}


def ledger(world: World, request: Request) -> Answer:
    """`/portfolio/{id}/ledger`: per currency and BASE; its timestamp is in seconds."""
    refused = account_or_refusal(world, request)
    return refused or ok({"USD": _ledger(world, "USD"), "BASE": _ledger(world, "BASE")})


def _ledger(world: World, currency: str) -> Json:
    known = balances(world)
    return {
        "commoditymarketvalue": 0.0,
        "futuremarketvalue": 0.0,
        "settledcash": money.number(known["settledcash"]),
        "exchangerate": 1,
        "sessionid": 1,
        "cashbalance": money.number(known["totalcashvalue"]),
        "corporatebondsmarketvalue": 0.0,
        "warrantsmarketvalue": 0.0,
        "netliquidationvalue": money.number(known["netliquidation"]),
        "interest": 0.0,
        "unrealizedpnl": money.number(known["unrealizedpnl"]),
        "stockmarketvalue": money.number(known["stockmarketvalue"]),
        "moneyfunds": 0.0,
        "currency": currency,
        "realizedpnl": money.number(known["realizedpnl"]),
        "funds": 0.0,
        "acctcode": world.account.account_id,
        "issueroptionsmarketvalue": 0.0,
        "key": "LedgerList",
        "timestamp": seconds(world.now),
        "severity": 0,
        "stockoptionmarketvalue": 0.0,
        "futuresonlypnl": 0.0,
        "tbondsmarketvalue": 0.0,
        "futureoptionmarketvalue": 0.0,
        "cashbalancefxsegment": 0.0,
        "secondkey": currency,
        "tbillsmarketvalue": 0.0,
        "dividends": 0.0,
        "cryptocurrencyvalue": 0.0,
    }


def numeric_summary(world: World, request: Request) -> Answer:
    """`/iserver/account/{id}/summary`: the numeric variant; an unknown account is a 400."""
    if request.params["account"] != world.account.account_id:
        return error(400, f"Bad Request: accountId is not valid: {request.params['account']}")
    known = {name: money.number(amount) for name, amount in balances(world).items()}
    return ok(
        {
            "accountType": "INDIVIDUAL",
            "status": "",
            "balance": known["netliquidation"],
            "SMA": 0.0,
            "buyingPower": known["buyingpower"],
            "availableFunds": known["availablefunds"],
            "excessLiquidity": known["excessliquidity"],
            "netLiquidationValue": known["netliquidation"],
            "equityWithLoanValue": known["equitywithloanvalue"],
            "regTLoan": 0.0,
            "securitiesGVP": known["grosspositionvalue"],
            "totalCashValue": known["totalcashvalue"],
            "accruedInterest": 0.0,
            "regTMargin": 0.0,
            "initialMargin": known["initmarginreq"],
            "maintenanceMargin": known["maintmarginreq"],
            "cashBalances": [
                {"currency": "USD", "balance": known["totalcashvalue"], "settledCash": known["settledcash"]}
            ],
        }
    )


def profit_row(world: World) -> Json:
    """Rows of the partitioned profit, also sent as `spl`."""
    known = {name: money.number(amount) for name, amount in balances(world).items()}
    row = {
        "rowType": 1,
        "dpl": money.number(world.day_profit()),
        "nl": known["netliquidation"],
        "upl": known["unrealizedpnl"],
        "el": known["excessliquidity"],
        "uel": known["excessliquidity"],
        "mv": known["stockmarketvalue"],
    }
    return {f"{world.account.account_id}.Core": row}


def profit(world: World, request: Request) -> Answer:
    """`/iserver/account/pnl/partitioned`: the first call is empty [F-75]."""
    brokerage = world.gateway.open_session
    primed, brokerage.pnl_primed = brokerage.pnl_primed, True
    return ok({"upnl": profit_row(world) if primed else {}})


ROUTES = (
    Route(methods="GET", pattern="/portfolio/accounts", handler=accounts),
    Route(methods="GET", pattern="/portfolio/subaccounts", handler=accounts),
    Route(methods="GET", pattern="/portfolio/{account}/summary", handler=summary),
    Route(methods="GET", pattern="/portfolio/{account}/ledger", handler=ledger),
    Route(methods="GET", pattern="/iserver/account/{account}/summary", handler=numeric_summary),
    Route(methods="GET", pattern="/iserver/account/pnl/partitioned", handler=profit),
)
