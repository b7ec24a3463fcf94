"""Account feeds of a websocket: profit, summary, ledger. They need no brokerage session [§7.2]."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ibkr_simulator.exchange import money
from ibkr_simulator.exchange.accounts import Account
from ibkr_simulator.instants import SECOND, Instant, seconds
from ibkr_simulator.web_api.portfolio import balances, profit_row
from ibkr_simulator.web_api.stream_words import Put, Words, refusal
from ibkr_simulator.world import World

_AMOUNTS = {
    "NetLiquidation": "netliquidation",
    "EquityWithLoanValue": "equitywithloanvalue",
    "TotalCashValue": "totalcashvalue",
    "SettledCash": "settledcash",
    "AccruedCash": "accruedcash",
    "AccruedDividend": "accrueddividend",
    "GrossPositionValue": "grosspositionvalue",
    "InitMarginReq": "initmarginreq",
    "MaintMarginReq": "maintmarginreq",
    "FullInitMarginReq": "fullinitmarginreq",
    "FullMaintMarginReq": "fullmaintmarginreq",
    "AvailableFunds": "availablefunds",
    "ExcessLiquidity": "excessliquidity",
    "BuyingPower": "buyingpower",
}
_LEDGER = {
    "cashbalance": "totalcashvalue",
    "settledCash": "settledcash",
    "netLiquidationValue": "netliquidation",
    "stockMarketValue": "stockmarketvalue",
    "unrealizedPnl": "unrealizedpnl",
    "realizedPnl": "realizedpnl",
    "interest": "accruedcash",
    "dividends": "accrueddividend",
}
_NO_LEDGER = (
    "cashBalanceFXSegment",
    "commodityMarketValue",
    "corporateBondsMarketValue",
    "funds",
    "issuerOptionsMarketValue",
    "marketValue",
    "moneyFunds",
    "optionMarketValue",
    "tBillsMarketValue",
    "tBondsMarketValue",
    "warrantsMarketValue",
)
_ALWAYS_LEDGER = ("key", "timestamp", "acctCode", "secondKey")
Rows = dict[str, dict[str, Any]]


@dataclass(slots=True, kw_only=True)
class Wanted:
    """One subscription: which keys and fields (empty: all), and what was shown last."""

    keys: tuple[str, ...]
    fields: tuple[str, ...]
    shown: Rows = field(default_factory=dict)


class AccountFeeds:
    """What one connection has asked for; each tells at most once a second."""

    def __init__(self, world: World, put: Put) -> None:
        self.world = world
        self._put = put
        self._profit: Rows | None = None
        self._summaries: dict[str, Wanted] = {}
        self._ledgers: dict[str, Wanted] = {}
        self._told_at: Instant = 0
        self.topics: Mapping[str, Callable[[Words], None]] = {
            "spl": self._profit_on,
            "upl": self._profit_off,
            "ssd": self._summary_on,
            "usd": self._summary_off,
            "sld": self._ledger_on,
            "uld": self._ledger_off,
        }

    def moved(self) -> None:
        """Time went on, or something happened."""
        if self.world.now - self._told_at < SECOND:
            return
        self._told_at = self.world.now
        if self._profit is not None:
            self._tell_profit(self._profit)
        for account_id in self._summaries:
            self._tell_summary(account_id)
        for account_id in self._ledgers:
            self._tell_ledger(account_id)

    # --- profit

    def _profit_on(self, words: Words) -> None:
        self._profit = {}
        self._tell_profit(self._profit)

    def _profit_off(self, words: Words) -> None:
        self._profit = None

    def _tell_profit(self, before: Rows) -> None:
        rows: Rows = profit_row(self.world)
        fresh = {name: row for name, row in rows.items() if before.get(name) != row}
        self._profit = rows
        if fresh:
            self._put({"topic": "spl", "args": fresh})

    # --- summary

    def _summary_on(self, words: Words) -> None:
        if self._account(words) is not None:
            self._summaries[words.target] = _wanted(words)
            self._tell_summary(words.target)

    def _summary_off(self, words: Words) -> None:
        self._summaries.pop(words.target, None)
        self._put({"result": "unsubscribed from summary"})

    def _tell_summary(self, account_id: str) -> None:
        """Rows that changed; the account's code leads every frame."""
        wanted, stamp = self._summaries[account_id], {"timestamp": seconds(self.world.now)}
        rows = _summary_rows(self.world, self.world.accounts[account_id], wanted)
        fresh = [row | stamp for key, row in rows.items() if wanted.shown.get(key) != row]
        wanted.shown = rows
        if fresh:
            code = {"key": "AccountCode", "value": account_id, "severity": 0}
            self._put({"result": [code | stamp, *fresh], "topic": f"ssd+{account_id}"})

    # --- ledger

    def _ledger_on(self, words: Words) -> None:
        if self._account(words) is not None:
            self._ledgers[words.target] = _wanted(words)
            self._tell_ledger(words.target)

    def _ledger_off(self, words: Words) -> None:
        self._ledgers.pop(words.target, None)
        self._put({"result": "unsubscribed from ledger"})

    def _tell_ledger(self, account_id: str) -> None:
        """By currency, only the fields that changed."""
        wanted, stamp = self._ledgers[account_id], {"timestamp": seconds(self.world.now)}
        rows = _ledger_rows(self.world, self.world.accounts[account_id], wanted)
        fresh = [
            stamp | _changed(row, wanted.shown.get(key, {}))
            for key, row in rows.items()
            if wanted.shown.get(key) != row
        ]
        wanted.shown = rows
        if fresh:
            self._put({"result": fresh, "topic": f"sld+{account_id}"})

    def _account(self, words: Words) -> Account | None:
        account = self.world.accounts.get(words.target)
        if account is None:
            self._put(refusal(f"unknown account {words.target}", 400, words))
        return account


def _wanted(words: Words) -> Wanted:
    keys, fields = words.body.get("keys") or (), words.body.get("fields") or ()
    return Wanted(keys=tuple(map(str, keys)), fields=tuple(map(str, fields)))


def _summary_rows(world: World, account: Account, wanted: Wanted) -> Rows:
    known = balances(world, account)
    rows: Rows = {
        key: {"key": key, "monetaryValue": money.number(known[name]), "currency": "USD", "severity": 0}
        for key, name in _AMOUNTS.items()
    }
    for key, value in (("AccountType", "INDIVIDUAL"), ("AccountReady", "true")):
        rows[key] = {"key": key, "value": value, "severity": 0}
    return {
        key: {name: value for name, value in row.items() if name == "key" or _among(name, wanted.fields)}
        for key, row in rows.items()
        if _among(key, wanted.keys)
    }


def _ledger_rows(world: World, account: Account, wanted: Wanted) -> Rows:
    known = balances(world, account)
    amounts: dict[str, Any] = {name: money.number(known[source]) for name, source in _LEDGER.items()}
    amounts |= dict.fromkeys(_NO_LEDGER, 0.0) | {"exchangeRate": 1.0, "severity": 0}
    amounts = {name: value for name, value in amounts.items() if _among(name, wanted.fields)}
    rows: Rows = {}
    for currency in ("USD", "BASE"):
        head = {"key": f"LedgerList{currency}", "acctCode": account.account_id, "secondKey": currency}
        rows[head["key"]] = head | amounts
    return {key: row for key, row in rows.items() if _among(key, wanted.keys)}


def _changed(row: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value for name, value in row.items() if name in _ALWAYS_LEDGER or before.get(name, ...) != value
    }


def _among(name: str, wanted: tuple[str, ...]) -> bool:
    return not wanted or name in wanted
