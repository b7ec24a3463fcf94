"""The market and the strategies of a soak: a seeded tape with dividends and splits, and what trades on it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import partial

from glassdesk.adapters.bundles.strategies import load_strategy
from glassdesk.desk import Desk
from ibkr_simulator.exchange.tapes import companies, synthetic
from ibkr_simulator.instants import iso

_OPTIONS = {"SYMBOLS": "40", "START": "2011-01-03", "DAYS": "540"}
TAPE = "synthetic:" + ",".join(f"{name}={value}" for name, value in _OPTIONS.items())
SEED = 18
START = date(2012, 1, 18)
SWITCHES = {
    "interest_credit_percent": "2.00",
    "commission_delay_seconds": "90",
    "partial_fills": "2",
}
"""Cash earns interest, commissions come late, an order fills in two pieces."""

REVERSION = """
name: {symbol}-reversion
description: RSI(2) low above an average; leaves on strength.
symbols: [{symbol}]
bars: {{size: 1d, history: 80}}
indicators:
- {{kind: sma, length: 20}}
- {{kind: sma, length: 5}}
- {{kind: rsi, length: 2}}
- {{kind: atr, length: 14}}
chart: {{bars: 60}}
prompt: {{name: chart-analyst, label: live}}
signal: {{rule: rsi2_reversion, params: {{trend: 20, low: 30, high: 65, exit: 5}}}}
timing: {{cron: 0 9 * * 1-5, zone: America/New_York, exchange: XNYS, enter_after_open: 5, enter_before: 60}}
exits: {{stop_atr: 1.5, target_atr: 2}}
"""
CROSS = """
name: {symbol}-cross
description: EMA(5) crosses EMA(15) upwards; leaves when it is below.
symbols: [{symbol}]
bars: {{size: 1d, history: 80}}
indicators:
- {{kind: ema, length: 5}}
- {{kind: ema, length: 15}}
- {{kind: rsi, length: 14}}
- {{kind: atr, length: 14}}
chart: {{bars: 60}}
prompt: {{name: chart-analyst, label: live}}
signal: {{rule: ema_cross, params: {{fast: 5, slow: 15}}}}
timing: {{cron: 0 9 * * 1-5, zone: America/New_York, exchange: XNYS, enter_after_open: 5, enter_before: 60}}
exits: {{stop_atr: 2, target_atr: 3}}
"""
STRATEGIES = (
    ("NIU", REVERSION),
    ("QUR", REVERSION),
    ("EMB", REVERSION),
    ("TIB", REVERSION),
    ("DEE", REVERSION),
    ("OAI", CROSS),
    ("NOE", CROSS),
    ("PRM", CROSS),
    ("HAF", REVERSION),
)
BY_HAND = "IRS"
"""What the owner trades at the broker; no strategy has it. It is split on 20 July 2012, HAF on 23 August."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """From this instant each share is `ratio` shares."""

    conid: int
    at: str
    ratio: Decimal


def splits() -> list[Split]:
    """All splits of the tape."""
    tape = synthetic.make(synthetic.plan(_OPTIONS), SEED)
    return [
        Split(
            conid=one.conid,
            at=iso(one.at),
            ratio=Decimal(one.ratio.numerator) / one.ratio.denominator,
        )
        for one in tape.splits
    ]


def symbols() -> list[str]:
    """Tickers of the tape."""
    return [one.symbol for one in companies.listings(int(_OPTIONS["SYMBOLS"]))]


def take_in(desk: Desk) -> None:
    """Keep and enable the strategies, as a person would."""
    for symbol, text in STRATEGIES:
        strategy = load_strategy(
            text.format(symbol=symbol.lower()).replace(f"[{symbol.lower()}]", f"[{symbol}]"),
            file=f"{symbol}.yaml",
            account=desk.account,
            resolve=partial(resolved, desk),
        )
        with desk.transactions.begin() as t:
            desk.strategies.create(t, strategy, author="soak", message="for the soak")
            desk.strategies.enable(t, strategy.name, "soak")


def resolved(desk: Desk, symbol: str) -> int:
    """The contract of a symbol, remembered."""
    contract = desk.contracts.resolve(symbol)
    with desk.transactions.begin() as t:
        desk.contracts.remember(t, contract)
    return contract.conid
