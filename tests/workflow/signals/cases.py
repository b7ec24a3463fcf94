"""Questions and answers for tests of the signals step."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

from glassdesk.workflow.indicators.compute import compute
from glassdesk.workflow.indicators.model import IndicatorSet, IndicatorSpec
from glassdesk.workflow.signals.confirmations import SPECS
from glassdesk.workflow.signals.facts import ATR, gather
from glassdesk.workflow.signals.model import Facts, Question, RawAnswer, Signal, SignalPolicy
from glassdesk.workflow.signals.service import judge
from tests.workflow.indicators.worlds import bar_set, walk

BARS = bar_set(walk(250, seed=7))
TICK = Decimal("0.01")


def length(kind: str, bars: float) -> IndicatorSpec:
    return IndicatorSpec(kind=kind, params=(("length", bars),))


EVERYTHING = IndicatorSet(
    name="everything",
    indicators=(
        *SPECS,
        ATR,
        length("sma", 200),
        length("sma", 5),
        length("rsi", 2),
        length("ema", 20),
        length("ema", 50),
    ),
)

TRUE = gather(
    bars=BARS,
    values=compute(EVERYTHING, BARS.bars),
    chart_code="K7QX",
    tick=TICK,
    stop_atr=Decimal(2),
    target_atr=Decimal(4),
    holding=False,
)
# Round numbers, so that a test can say a distance in ATR.
FACTS = replace(TRUE, last_close=Decimal(100), atr=Decimal(2))


def question(facts: Facts = FACTS, policy: SignalPolicy | None = None) -> Question:
    return Question(
        run="run-1", facts=facts, policy=policy or SignalPolicy(), system="s", user="u", images=(b"png",)
    )


def answer(facts: Facts = FACTS, **changes: Any) -> dict[str, Any]:
    """A BUY that passes every rule on `facts`; `changes` replace top-level fields."""
    checks = facts.confirmations
    said: dict[str, Any] = {
        "schema_version": 2,
        "echo": {
            "symbol": facts.symbol,
            "timeframe": facts.timeframe,
            "last_bar": facts.last_bar.isoformat(),
            "last_close": float(facts.last_close),
            "n_bars": facts.n_bars,
            "chart_code": facts.chart_code,
        },
        "evidence": [evidence("rsi_14", facts.values.last("rsi_14"))],
        "confirmations": {
            "supertrend": checks.supertrend.value,
            "price_vs_sma20": checks.price_vs_sma20.value,
            "macd": checks.macd.value,
            "rsi": checks.rsi.value,
        },
        "weekly_agreement": "na",
        "trend": "neutral",
        "counter_case": "It may turn.",
        "invalidation": "A close below the stop.",
        "action": "BUY",
        "entry_low": 99.5,
        "entry_high": 100.5,
        "stop": 96.5,
        "target_1": 108.5,
        "target_2": 110.0,
        "target_1_basis": "resistance",
        "target_2_basis": "",
        "horizon_bars": 20,
        "confidence": 0.6,
        "rationale": "Trend and momentum agree.",
        "data_issues": [],
    }
    return {**said, **changes}


def evidence(indicator: str, value: float | None) -> dict[str, Any]:
    return {
        "panel": "numbers",
        "indicator": indicator,
        "reading": "as given",
        "value": value,
        "direction": "bull",
    }


NO_PRICES: dict[str, Any] = dict.fromkeys(
    ("entry_low", "entry_high", "stop", "target_1", "target_2", "horizon_bars")
)


def raw(text: str, *, failure: str = "") -> RawAnswer:
    return RawAnswer(text=text, engine="memory", model="m", failure=failure)


def judged(said: dict[str, Any] | str, facts: Facts = FACTS, policy: SignalPolicy | None = None) -> Signal:
    text = said if isinstance(said, str) else json.dumps(said)
    return judge(raw(text), question(facts, policy))


def effects(signal: Signal) -> dict[str, str]:
    """The rules that did not pass, with what followed."""
    return {check.rule: check.effect for check in signal.checks if not check.passed}
