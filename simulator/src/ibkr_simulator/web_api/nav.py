"""What an account was worth at the end of each trading day, read from the truth log."""

from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass
from datetime import date

from ibkr_simulator.exchange.accounts import Account
from ibkr_simulator.exchange.money import Cents
from ibkr_simulator.instants import new_york_day, new_york_midnight
from ibkr_simulator.world import World

_FLOWS = ("deposit", "withdrawal")


@dataclass(frozen=True, slots=True, kw_only=True)
class NetAssetValue:
    """Net liquidation at the end of a day; `flows` are the day's deposits less withdrawals."""

    day: date
    amount: Cents
    flows: Cents


def net_asset_values(world: World, account: Account) -> list[NetAssetValue]:
    """Every trading day so far, oldest first; the last one is the running day."""
    worth = _worth_at_nights(world, account)
    today = new_york_day(world.now)
    worth[today] = world.exchange.equity(account)
    trading = set(world.exchange.market.sessions.days) | {today}
    days = [day for day in sorted(worth) if day in trading]
    flows = _flows(account, days)
    return [NetAssetValue(day=day, amount=worth[day], flows=flows[day]) for day in days]


def _flows(account: Account, days: list[date]) -> "Counter[date]":
    """Deposits less withdrawals; what comes in while the market is closed belongs to the next trading day."""
    flows: Counter[date] = Counter()
    for entry in account.ledger:
        if entry.lane in _FLOWS:
            index = bisect_left(days, new_york_day(entry.at))
            flows[days[min(index, len(days) - 1)]] += entry.amount
    return flows


def _worth_at_nights(world: World, account: Account) -> dict[date, Cents]:
    """The books restate an account at each New York midnight: its worth as the day before ended."""
    found: dict[date, Cents] = {}
    for at, body in world.truth.timed("account"):
        if body["account"] == account.account_id and at == new_york_midnight(new_york_day(at)):
            found[new_york_day(at - 1)] = body["opened_with"]
    return found
