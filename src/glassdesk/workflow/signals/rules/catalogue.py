"""Which rules there are, and what each asks of a strategy. A new one is a file here and a line in `RULES`."""

from __future__ import annotations

from glassdesk.kernel.errors import InvalidInput
from glassdesk.workflow.indicators.catalogue import complete
from glassdesk.workflow.indicators.model import IndicatorSpec
from glassdesk.workflow.signals.facts import ATR
from glassdesk.workflow.signals.model import SignalPolicy
from glassdesk.workflow.signals.rules.by_conditions import BY_CONDITIONS
from glassdesk.workflow.signals.rules.ema_cross import EMA_CROSS
from glassdesk.workflow.signals.rules.rsi2_reversion import RSI2_REVERSION
from glassdesk.workflow.signals.rules.rule import Params, RuleParameter, RulesRule
from glassdesk.workflow.signals.rules.three_of_four import THREE_OF_FOUR

RULES: tuple[RulesRule, ...] = (THREE_OF_FOUR, RSI2_REVERSION, EMA_CROSS, BY_CONDITIONS)

_BY_NAME = {rule.name: rule for rule in RULES}


def rule_of(policy: SignalPolicy) -> RulesRule:
    """The rule a policy names. Raises `InvalidInput` with the names there are."""
    if policy.rule not in _BY_NAME:
        raise InvalidInput(
            f"there is no rule {policy.rule!r}", where="policy.rule", remedy=f"one of {', '.join(_BY_NAME)}"
        )
    return _BY_NAME[policy.rule]


def params_of(policy: SignalPolicy) -> Params:
    """Every parameter of the policy's rule. Raises `InvalidInput` naming the parameter and its range."""
    rule, given = rule_of(policy), dict(policy.params)
    known = {parameter.name for parameter in rule.parameters}
    for name in given:
        if name not in known:
            raise InvalidInput(
                f"{rule.name} has no parameter {name!r}",
                where=f"policy.params.{name}",
                remedy=f"it has {', '.join(sorted(known))}",
            )
    chosen = {p.name: _in_range(p, given.get(p.name, p.default)) for p in rule.parameters}
    if problem := rule.refuse(chosen):
        raise InvalidInput(problem, where="policy.params")
    return chosen


def needed_indicators(policy: SignalPolicy) -> tuple[IndicatorSpec, ...]:
    """What a strategy's indicator set must hold for its rule, the ATR of every decision included.

    Every parameter is spelled out. Raises `InvalidInput`.
    """
    return tuple(complete(spec) for spec in (*rule_of(policy).needs(params_of(policy)), ATR))


def _in_range(parameter: RuleParameter, value: float) -> float:
    fits = parameter.low <= value <= parameter.high and (not parameter.whole or value == int(value))
    if fits:
        return value
    number = "a whole number" if parameter.whole else "a number"
    raise InvalidInput(
        f"{value:.12g} cannot be",
        where=f"policy.params.{parameter.name}",
        remedy=f"{number} from {parameter.low:g} to {parameter.high:g}",
    )
