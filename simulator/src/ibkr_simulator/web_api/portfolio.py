"""Accounts, balances and profit [§6]."""

from typing import Any

from ibkr_simulator.exchange import money
from ibkr_simulator.exchange.accounts import Account
from ibkr_simulator.exchange.money import Cents
from ibkr_simulator.instants import millis, seconds
from ibkr_simulator.messages import Answer, Json, Request, Route, error, ok
from ibkr_simulator.web_api.portfolio_access import readable_account
from ibkr_simulator.world import World


def accounts(world: World, request: Request) -> Answer:
    """`/portfolio/accounts`: must come before every other portfolio request."""
    world.gateway.portfolio_primed = True
    return ok([account_row(each) for each in world.accounts.values()])


def account_row(found: Account) -> Json:
    """One account of `/portfolio/accounts`."""
    account = found.account_id
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
        "type": "DEMO" if found.is_paper else "INDIVIDUAL",
        "tradingType": "STKCASH" if found.is_cash else "STKNOPT",
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


def balances(world: World, account: Account) -> dict[str, Cents]:
    """The amounts every summary is made of, in cents."""
    mark = world.exchange.mark
    value, needed = account.loan_value(mark), account.requirement(mark)
    free = account.available(mark, world.now)
    excess = free if account.is_cash else value - needed.maintenance
    return {
        "netliquidation": world.exchange.equity(account),
        "equitywithloanvalue": value,
        "totalcashvalue": account.cash,
        "settledcash": account.settled(world.now),
        "accruedcash": account.accruals.interest_cents,
        "accrueddividend": account.accruals.dividend_cents,
        "grosspositionvalue": account.gross_value(mark),
        "stockmarketvalue": account.stock_value(mark),
        "initmarginreq": needed.initial,
        "maintmarginreq": needed.maintenance,
        "fullinitmarginreq": needed.initial,
        "fullmaintmarginreq": needed.maintenance,
        "availablefunds": free,
        "excessliquidity": excess,
        "fullavailablefunds": free,
        "fullexcessliquidity": excess,
        "buyingpower": account.buying_power(mark, world.now),
        "unrealizedpnl": sum(account.unrealized(position, mark) for position in account.held()),
        "realizedpnl": sum(position.realized for position in account.positions.values()),
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
    "accruedcash",
    "accrueddividend",
)
_ZERO = (
    "billable",
    "guarantee",
    "indianstockhaircut",
    "postexpirationexcess",
)


def summary(world: World, request: Request) -> Answer:
    """`/portfolio/{id}/summary`: lower-case keys, with a `-s` twin for securities."""
    account = readable_account(world, request)
    if isinstance(account, Answer):
        return account
    known = balances(world, account)
    rows: dict[str, Json] = {}
    for name in (*_SUMMARY, *_ZERO):
        rows[name] = rows[f"{name}-s"] = _amount(world, known.get(name, 0))
        rows[f"{name}-c"] = _amount(world, 0)
    cushion = known["excessliquidity"] / known["netliquidation"] if known["netliquidation"] else 0.0
    rows["cushion"] = _amount(world, 0) | {"amount": round(cushion, 6), "currency": None}
    texts = {"accountcode": account.account_id, "accountready": "true", "accounttype": "INDIVIDUAL"}
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
    account = readable_account(world, request)
    if isinstance(account, Answer):
        return account
    return ok({currency: _ledger(world, account, currency) for currency in ("USD", "BASE")})


def _ledger(world: World, account: Account, currency: str) -> Json:
    known = balances(world, account)
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
        "interest": money.number(known["accruedcash"]),
        "unrealizedpnl": money.number(known["unrealizedpnl"]),
        "stockmarketvalue": money.number(known["stockmarketvalue"]),
        "moneyfunds": 0.0,
        "currency": currency,
        "realizedpnl": money.number(known["realizedpnl"]),
        "funds": 0.0,
        "acctcode": account.account_id,
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
        "dividends": money.number(known["accrueddividend"]),
        "cryptocurrencyvalue": 0.0,
    }


def numeric_summary(world: World, request: Request) -> Answer:
    """`/iserver/account/{id}/summary`: the numeric variant; an unknown account is a 400."""
    account = world.accounts.get(request.params["account"])
    if account is None:
        return error(400, f"Bad Request: accountId is not valid: {request.params['account']}")
    known = {name: money.number(amount) for name, amount in balances(world, account).items()}
    borrowed = max(0, -account.cash)
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
            "regTLoan": money.number(borrowed),
            "securitiesGVP": known["grosspositionvalue"],
            "totalCashValue": known["totalcashvalue"],
            "accruedInterest": known["accruedcash"],
            "regTMargin": known["initmarginreq"],
            "initialMargin": known["initmarginreq"],
            "maintenanceMargin": known["maintmarginreq"],
            "cashBalances": [
                {"currency": "USD", "balance": known["totalcashvalue"], "settledCash": known["settledcash"]}
            ],
        }
    )


def profit_row(world: World) -> Json:
    """Rows of the partitioned profit, one per account; also sent as `spl`."""
    return {f"{name}.Core": _profit(world, account) for name, account in world.accounts.items()}


def _profit(world: World, account: Account) -> Json:
    known = {name: money.number(amount) for name, amount in balances(world, account).items()}
    return {
        "rowType": 1,
        "dpl": money.number(world.day_profit(account)),
        "nl": known["netliquidation"],
        "upl": known["unrealizedpnl"],
        "el": known["excessliquidity"],
        "uel": known["excessliquidity"],
        "mv": known["stockmarketvalue"],
    }


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
