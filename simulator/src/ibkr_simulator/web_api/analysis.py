"""`/pa/…`: performance, summary and transactions from the truth log [§2, §6]."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from ibkr_simulator.exchange import money
from ibkr_simulator.exchange.accounts import Account
from ibkr_simulator.exchange.money import Cents
from ibkr_simulator.exchange.orders import Execution
from ibkr_simulator.instants import DAY, NEW_YORK, Instant, millis, new_york_day, new_york_midnight
from ibkr_simulator.messages import Answer, Json, Request, Route, bare_error, ok
from ibkr_simulator.web_api.nav import NetAssetValue, net_asset_values
from ibkr_simulator.world import World

_DAY = "%Y%m%d"
_PERIODS = {"1D": 1, "7D": 7, "1M": 30, "3M": 91, "6M": 182, "12M": 365, "1Y": 365}
_MOST_DAYS = 90


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """An account's days inside a period, and its worth before the first of them."""

    account: Account
    before: NetAssetValue
    days: list[NetAssetValue]

    def returns(self) -> list[float]:
        """Return since the beginning at each day, weighted by time: deposits do not count."""
        growth, last, found = 1.0, self.before.amount, []
        for day in self.days:
            growth *= (day.amount - day.flows) / last if last > 0 else 1.0
            last = day.amount
            found.append(round(growth - 1, 8))
        return found


def performance(world: World, request: Request) -> Answer:
    """`POST /pa/performance`: daily and monthly returns and net asset values of a period."""
    found = _asked_series(world, request)
    if isinstance(found, Answer):
        return found
    dates = [day.day.strftime(_DAY) for day in found[0].days]
    return ok(
        {
            "currencyType": "base",
            "cps": {"freq": "D", "dates": dates, "data": [_returns(series, dates) for series in found]},
            "tpps": _by_month(found, dates),
            "nav": {"freq": "D", "dates": dates, "data": [_values(series, dates) for series in found]},
            "pm": "TWR",
            "nd": len(dates),
            "id": "getPerformanceData",
            "included": [series.account.account_id for series in found],
        }
    )


def summary(world: World, request: Request) -> Answer:
    """`POST /pa/summary`: how each account changed over a month, and all together."""
    found = _asked_series(world, request)
    if isinstance(found, Answer):
        return found
    changes = {series.account.account_id: _change([series]) for series in found}
    return ok({"total": _change(found), **changes})


def _change(found: list[Series]) -> Json:
    before = sum(series.before.amount for series in found)
    after = sum(series.days[-1].amount for series in found)
    flows = sum(day.flows for series in found for day in series.days)
    gained = after - before - flows
    rate = round(gained / before, 8) if before else 0.0
    return {
        "startVal": money.number(before),
        "endVal": money.number(after),
        "chg": money.number(gained),
        "rtn": rate,
    }


def _asked_series(world: World, request: Request) -> list[Series] | Answer:
    """The accounts of `acctIds` over `period`; an unknown period is a month."""
    accounts = _accounts(world, request)
    if isinstance(accounts, Answer):
        return accounts
    first = _first_day(request.asked("period", "1M"), new_york_day(world.now))
    return [_series(world, account, first) for account in accounts]


def _accounts(world: World, request: Request) -> list[Account] | Answer:
    asked = request.fields().get("acctIds")
    if not isinstance(asked, list) or not asked or any(each not in world.accounts for each in asked):
        return bare_error(400, "Bad Request: acctIds required")
    return [world.accounts[each] for each in asked]


def _first_day(period: str, today: date) -> date:
    if period == "MTD":
        return today.replace(day=1)
    if period == "YTD":
        return today.replace(month=1, day=1)
    return today - timedelta(days=_PERIODS.get(period, _PERIODS["1M"]) - 1)


def _series(world: World, account: Account, first: date) -> Series:
    values = net_asset_values(world, account)
    inside = [value for value in values if value.day >= first]
    earlier = [value for value in values if value.day < first]
    before = earlier[-1] if earlier else NetAssetValue(day=inside[0].day, amount=0, flows=0)
    return Series(account=account, before=before, days=inside)


def _head(series: Series, dates: list[str]) -> dict[str, Any]:
    return {
        "id": series.account.account_id,
        "idType": "acctid",
        "start": dates[0],
        "end": dates[-1],
        "baseCurrency": "USD",
    }


def _returns(series: Series, dates: list[str]) -> Json:
    return _head(series, dates) | {"returns": series.returns()}


def _values(series: Series, dates: list[str]) -> Json:
    before = {"date": series.before.day.strftime(_DAY), "val": money.number(series.before.amount)}
    values = [money.number(day.amount) for day in series.days]
    return _head(series, dates) | {"startNAV": before, "navs": values}


def _by_month(found: list[Series], dates: list[str]) -> Json:
    months = sorted({text[:6] for text in dates})
    rows = [_head(series, dates) | {"returns": _monthly(series, months)} for series in found]
    return {"freq": "M", "dates": months, "data": rows}


def _monthly(series: Series, months: list[str]) -> list[float]:
    totals = {
        day.day.strftime("%Y%m"): total for day, total in zip(series.days, series.returns(), strict=True)
    }
    last, found = 1.0, []
    for month in months:
        found.append(round((1 + totals[month]) / last - 1, 8))
        last = 1 + totals[month]
    return found


def transactions(world: World, request: Request) -> Answer:
    """`POST /pa/transactions`: trades and payments of `conids` over up to 90 `days`, and gains."""
    accounts, fields = _accounts(world, request), request.fields()
    if isinstance(accounts, Answer):
        return accounts
    conids = {str(each) for each in fields.get("conids") or ()}
    if not conids:
        return bare_error(400, "Bad Request: conids required")
    count = min(_MOST_DAYS, int(fields.get("days") or _MOST_DAYS))
    since = new_york_midnight(new_york_day(world.now - (count - 1) * DAY))
    names = {account.account_id for account in accounts}
    rows = [
        each
        for each in world.exchange.effective()
        if each.at >= since and str(each.conid) in conids and _owner(world, each) in names
    ]
    realised = list(_realised(world, names, conids, new_york_day(since)))
    return ok(
        {
            "nd": count + 1,
            "rpnl": {"data": realised, "amt": str(round(sum(row["amt"] for row in realised), 2))},
            "currency": "USD",
            "from": millis(since),
            "to": millis(new_york_midnight(new_york_day(world.now))),
            "id": "getTransactions",
            "transactions": [_transaction(world, each) for each in rows]
            + [row for account in accounts for row in _payments(account, conids, since)],
        }
    )


_PAYMENTS = {"dividend": "Dividend Payment", "cash_in_lieu": "Corporate Action"}


def _payments(account: Account, conids: set[str], since: Instant) -> Iterator[Json]:
    """Dividends, and cash in lieu of fractions: they have neither price nor quantity."""
    for entry in account.ledger:
        conid = entry.reference.split("-")[1] if entry.lane in _PAYMENTS else ""
        if conid in conids and entry.at >= since:
            day = new_york_day(entry.at)
            yield {
                "cur": "USD",
                "date": _spelled(day),
                "rawDate": day.strftime(_DAY),
                "fxRate": 1.0,
                "acctid": account.account_id,
                "amt": money.number(entry.amount),
                "conid": int(conid),
                "type": _PAYMENTS[entry.lane],
                "desc": account.account_id,
            }


def _owner(world: World, execution: Execution) -> str:
    return world.exchange.books.of(execution.account).account_id


def _transaction(world: World, execution: Execution) -> Json:
    day = new_york_day(execution.at)
    buying = execution.side == "BUY"
    owner = _owner(world, execution)
    return {
        "cur": "USD",
        "date": _spelled(day),
        "rawDate": day.strftime(_DAY),
        "fxRate": 1.0,
        "pr": money.number(execution.price),
        "qty": float(execution.quantity if buying else -execution.quantity),
        "acctid": owner,
        "amt": money.number(-execution.sign * execution.value),
        "conid": execution.conid,
        "type": "Buy" if buying else "Sell",
        "desc": owner,
    }


def _realised(world: World, names: set[str], conids: set[str], first: date) -> Iterator[dict[str, Any]]:
    """Gains and losses as they were booked, from one state of a position to the next."""
    last: dict[tuple[str, str], Cents] = {}
    for at, body in world.truth.timed("position"):
        key = str(body["account"]), str(body["conid"])
        gained, last[key] = body["realized"] - last.get(key, 0), body["realized"]
        day = new_york_day(at)
        if gained and key[0] in names and key[1] in conids and day >= first:
            yield {
                "date": day.strftime(_DAY),
                "cur": "USD",
                "fxRate": 1,
                "side": "G" if gained > 0 else "L",
                "acctid": key[0],
                "amt": money.number(gained),
                "conid": key[1],
            }


def _spelled(day: date) -> str:
    moment = datetime.combine(day, time(), NEW_YORK)
    return moment.strftime("%a %b %d 00:00:00 ") + (moment.tzname() or "EST") + moment.strftime(" %Y")


ROUTES = (
    Route(methods="POST", pattern="/pa/performance", handler=performance),
    Route(methods="POST", pattern="/pa/summary", handler=summary),
    Route(methods="POST", pattern="/pa/transactions", handler=transactions),
)
