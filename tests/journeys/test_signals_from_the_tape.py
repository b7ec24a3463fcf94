"""Every signal of forty days, computed again from the data package's file with formulas written out here.

Of the program nothing is used but what it stored; holdings come from the simulated broker's executions.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pytest

from tests.journeys import stage
from tests.journeys.conftest import DAYS

pytestmark = [pytest.mark.journey, pytest.mark.process, pytest.mark.slow]

Floats = npt.NDArray[np.float64]
Decide = Callable[[list[stage.TapeBar], bool], str]


def _recursive(values: Floats, length: int, weight: float) -> Floats:
    """An average seeded with the plain mean of its first `length` values."""
    out = np.full(len(values), np.nan)
    first = int(np.flatnonzero(~np.isnan(values))[0]) + length - 1
    out[first] = values[first - length + 1 : first + 1].mean()
    for i in range(first + 1, len(values)):
        out[i] = weight * values[i] + (1 - weight) * out[i - 1]
    return out


def ema(values: Floats, length: int) -> Floats:
    return _recursive(values, length, 2 / (length + 1))


def wilder(values: Floats, length: int) -> Floats:
    return _recursive(values, length, 1 / length)


def sma(values: Floats, length: int) -> float:
    return float(values[-length:].mean())


def rsi(closes: Floats, length: int) -> float:
    changes = np.concatenate([[np.nan], np.diff(closes)])
    gain = wilder(np.where(changes > 0, changes, np.where(np.isnan(changes), np.nan, 0)), length)[-1]
    loss = wilder(np.where(changes < 0, -changes, np.where(np.isnan(changes), np.nan, 0)), length)[-1]
    return 100.0 if loss == 0 else float(100 - 100 / (1 + gain / loss))


def supertrend_is_up(bars: list[stage.TapeBar], length: int, factor: float) -> bool:
    high, low, close = (np.array([getattr(bar, name) for bar in bars]) for name in ("high", "low", "close"))
    ranges = high - low
    for i in range(1, len(bars)):
        ranges[i] = max(ranges[i], abs(high[i] - close[i - 1]), abs(low[i] - close[i - 1]))
    atr = wilder(ranges, length)
    up = False
    upper = lower = np.nan
    for i in range(length - 1, len(bars)):
        middle = (high[i] + low[i]) / 2
        fresh_upper, fresh_lower = middle + factor * atr[i], middle - factor * atr[i]
        if np.isnan(upper):
            upper, lower = fresh_upper, fresh_lower
            continue
        lower = fresh_lower if fresh_lower > lower or close[i - 1] < lower else lower
        upper = fresh_upper if fresh_upper < upper or close[i - 1] > upper else upper
        up = bool(close[i] >= lower) if up else bool(close[i] > upper)
    return up


def three_of_four(bars: list[stage.TapeBar], holding: bool) -> str:
    closes = np.array([bar.close for bar in bars])
    line = ema(closes, 12) - ema(closes, 26)
    bulls = [
        supertrend_is_up(bars, 10, 3.0),
        closes[-1] > sma(closes, 20),
        line[-1] > ema(line, 9)[-1],
        rsi(closes, 14) > 50,
    ]
    if sum(bulls) >= 3 and not holding:
        return "BUY"
    return "SELL" if 4 - sum(bulls) >= 3 and holding else "HOLD"


def reversion(trend: int, low: float, high: float, leave: int) -> Decide:
    def decide(bars: list[stage.TapeBar], holding: bool) -> str:
        closes = np.array([bar.close for bar in bars])
        strength = rsi(closes, 2)
        if holding:
            return "SELL" if strength > high or closes[-1] > sma(closes, leave) else "HOLD"
        return "BUY" if closes[-1] > sma(closes, trend) and strength < low else "HOLD"

    return decide


def cross(fast: int, slow: int) -> Decide:
    def decide(bars: list[stage.TapeBar], holding: bool) -> str:
        closes = np.array([bar.close for bar in bars])
        quick, calm = ema(closes, fast), ema(closes, slow)
        if holding:
            return "SELL" if quick[-1] < calm[-1] else "HOLD"
        return "BUY" if quick[-1] > calm[-1] and quick[-2] <= calm[-2] else "HOLD"

    return decide


RULES: dict[str, tuple[Decide, int]] = {
    "aapl-confirmation": (three_of_four, 250),
    "goog-confirmation": (three_of_four, 250),
    "ibm-reversion": (reversion(200, 10, 70, 5), 250),
    "fb-reversion": (reversion(20, 15, 70, 5), 80),
    "msft-cross": (cross(10, 30), 250),
}
"""Rule and number of bars, as the example files say."""


def _held(executions: list[dict[str, Any]], symbol: str, before: datetime) -> bool:
    done = [row for row in executions if row["symbol"] == symbol and stage.instant(row["at"]) < before]
    bought = sum(row["quantity"] * (1 if row["side"] == "BUY" else -1) for row in done)
    return bool(bought > 0)


def _stored(home: stage.Home) -> dict[tuple[str, date], tuple[str, datetime]]:
    zone = ZoneInfo("America/New_York")
    rows = home.rows("select strategy, slot, action from signals")
    found = {}
    for row in rows:
        slot = stage.instant(row["slot"])
        found[row["strategy"], slot.astimezone(zone).date()] = (row["action"], slot)
    return found


def _disagreements(home: stage.Home, rules: dict[str, tuple[Decide, int]]) -> list[str]:
    executions, other = home.truth("execution"), []
    for (name, day), (action, slot) in sorted(_stored(home).items()):
        decide, count = rules[name]
        symbol = stage.STRATEGIES[name]
        bars = [bar for bar in stage.tape()[symbol] if bar.day < day][-count:]
        again = decide(bars, _held(executions, symbol, slot))
        if again != action:
            other.append(f"{name} {day}: the desk said {action}, the tape says {again}")
    return other


def test_every_action_of_every_day_is_what_the_tape_says(forty_days: stage.Demo) -> None:
    stored = _stored(forty_days.home)
    traded = stage.sessions(date(2012, 10, 1), DAYS)
    assert set(stored) == {(name, day) for name in RULES for day in traded}
    assert {action for action, _ in stored.values()} >= {"BUY", "SELL", "HOLD"}
    assert _disagreements(forty_days.home, RULES) == []


@pytest.mark.parametrize(
    ("name", "decide"),
    [
        ("ibm-reversion", reversion(200, 20, 70, 5)),
        ("fb-reversion", reversion(20, 40, 70, 5)),
        ("goog-confirmation", cross(10, 30)),
        ("msft-cross", cross(2, 3)),
        ("aapl-confirmation", reversion(20, 40, 70, 5)),
    ],
)
def test_another_rule_does_not_agree(forty_days: stage.Demo, name: str, decide: Decide) -> None:
    """The comparison can fail: a rule a little beside the strategy's is told from it."""
    beside = RULES | {name: (decide, RULES[name][1])}
    assert any(told.startswith(name) for told in _disagreements(forty_days.home, beside))
