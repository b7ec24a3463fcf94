"""What the desk trades while things break: strategies of one company each that buy at one slot and sell at
the next, all day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime

from glassdesk.adapters.bundles.strategies import load_strategy
from glassdesk.desk import Desk

DAY = date(2012, 10, 10)
BEGIN = datetime(2012, 10, 10, 13, 45, tzinfo=UTC)
"""A quarter of an hour after the open in New York."""
SYMBOLS = ("AAPL", "GOOG", "IBM")

_FILE = """
name: {name}
symbols: [{symbol}]
bars: {{size: 1min, history: 40}}
indicators:
- {{kind: atr, length: 14}}
chart: {{bars: 30}}
prompt: {{name: chart-analyst, label: live}}
conditions: {{buy: close above 1, sell: close above 1}}
signal: {{rule: conditions}}
timing: {{cron: "* 9-15 * * 1-5", enter_after_open: null, enter_before: 5}}
exits: {{stop_atr: 3.9, target_atr: 5}}
limits: {{max_orders_per_day: 900, max_account_orders: 3000, max_symbol_orders: 900,
  max_orders_per_minute: 60, max_losses: 900, max_daily_loss: 0.5, max_drawdown: 0.5,
  cooldown_bars: 0, max_commission: 0.05,
  max_drift_atr: 4, price_collar: 0.02, risk_per_trade: 0.01, max_open_risk: 0.2}}
"""


def take_in(desk: Desk, symbols: Sequence[str]) -> None:
    """Keep and enable a strategy for each of these."""
    with desk.transactions.begin() as t:
        desk.prompts.seed(t)
    for symbol in symbols:
        contract = desk.contracts.resolve(symbol)
        text = _FILE.format(name=name_of(symbol), symbol=symbol)
        strategy = load_strategy(
            text.encode(),
            file=f"{symbol}.yaml",
            account=desk.account,
            resolve={symbol: contract.conid}.__getitem__,
        )
        with desk.transactions.begin() as t:
            desk.contracts.remember(t, contract)
            desk.strategies.create(t, strategy, author="person", message="")
            desk.strategies.enable(t, strategy.name, "person")


def leave(desk: Desk) -> None:
    """No more entries; what is held is sold at the next slot."""
    with desk.transactions.begin() as t:
        held = {one.strategy for one in desk.positions.held(t, desk.account)}
        for row in desk.strategies.list(t):
            name = row.strategy.name
            desk.strategies.disable(t, name, "person", holds_shares=name in held)


def name_of(symbol: str) -> str:
    """Of the strategy that trades it."""
    return f"{symbol.lower()}-turns"
