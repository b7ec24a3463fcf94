"""RSI(2) reversion: buy weakness above a long average, leave on strength."""

from __future__ import annotations

from glassdesk.workflow.indicators.model import IndicatorSpec
from glassdesk.workflow.signals.model import Action, Facts
from glassdesk.workflow.signals.rules.rule import (
    Decision,
    Params,
    RuleParameter,
    RulesRule,
    average,
    cannot,
    line,
    newest,
)


def needs(params: Params) -> tuple[IndicatorSpec, ...]:
    """SMA(trend), RSI(2), SMA(exit)."""
    return (average("sma", params["trend"]), average("rsi", 2), average("sma", params["exit"]))


def decide(facts: Facts, params: Params) -> Decision:
    """BUY: close above SMA(trend), RSI(2) below `low`. SELL: RSI(2) above `high` or close above SMA(exit)."""
    names = tuple(line(spec) for spec in needs(params))
    found = newest(facts, *names)
    if found is None:
        return cannot(facts, *names)
    trend, rsi, leave = found
    close = float(facts.last_close)
    told = f"close {close:g}, {names[0]} {trend:.6g}, rsi_2 {rsi:.1f}, {names[2]} {leave:.6g}"
    if facts.holding:
        out = rsi > params["high"] or close > leave
        return Decision(action=Action.SELL if out else Action.HOLD, why=told, read=names)
    bought = close > trend and rsi < params["low"]
    return Decision(action=Action.BUY if bought else Action.HOLD, why=told, read=names)


RSI2_REVERSION = RulesRule(
    name="rsi2_reversion",
    title="RSI(2) reversion",
    meaning="Buys when RSI(2) is washed out while the close stays above a long average; leaves on strength.",
    parameters=(
        RuleParameter(name="trend", default=200, low=5, high=400, meaning="Length of the trend's average."),
        RuleParameter(name="low", default=10, low=1, high=50, meaning="Buys below it.", whole=False),
        RuleParameter(name="high", default=70, low=50, high=99, meaning="Leaves above it.", whole=False),
        RuleParameter(name="exit", default=5, low=2, high=50, meaning="Leaves above this average."),
    ),
    needs=needs,
    decide=decide,
    refuse=lambda params: "" if params["trend"] > params["exit"] else "trend must be longer than exit",
)
