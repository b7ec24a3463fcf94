"""EMA cross: a fast average above a slow one."""

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
    """EMA(fast), EMA(slow)."""
    return (average("ema", params["fast"]), average("ema", params["slow"]))


def decide(facts: Facts, params: Params) -> Decision:
    """BUY when fast crosses above slow on the last bar, with `state` = 1 whenever it is above.

    SELL of what is held whenever fast is below slow: a cross whose slot was missed is made good later.
    """
    names = tuple(line(spec) for spec in needs(params))
    now, before = newest(facts, *names), newest(facts, *names, back=2)
    if now is None:
        return cannot(facts, *names)
    told = f"{names[0]} {now[0]:.6g}, {names[1]} {now[1]:.6g}"
    if facts.holding:
        return Decision(action=Action.SELL if now[0] < now[1] else Action.HOLD, why=told, read=names)
    crossed = before is not None and before[0] <= before[1]
    entered = now[0] > now[1] and (crossed or params["state"] == 1)
    return Decision(action=Action.BUY if entered else Action.HOLD, why=told, read=names)


EMA_CROSS = RulesRule(
    name="ema_cross",
    title="EMA cross",
    meaning="Buys when a fast EMA crosses above a slow one, leaves when it is below.",
    parameters=(
        RuleParameter(name="fast", default=20, low=2, high=200, meaning="Length of the fast average."),
        RuleParameter(name="slow", default=50, low=3, high=400, meaning="Length of the slow average."),
        RuleParameter(name="state", default=0, low=0, high=1, meaning="1 buys without a fresh cross."),
    ),
    needs=needs,
    decide=decide,
    refuse=lambda params: "" if params["fast"] < params["slow"] else "fast must be shorter than slow",
)
