"""By conditions: the strategy's own statements decide, and nothing else."""

from __future__ import annotations

from glassdesk.workflow.indicators.model import IndicatorSpec
from glassdesk.workflow.signals.conditions.model import Observation, Truth
from glassdesk.workflow.signals.model import Action, Facts
from glassdesk.workflow.signals.rules.rule import Decision, Params, RulesRule

NAME = "conditions"


def needs(params: Params) -> tuple[IndicatorSpec, ...]:
    """Nothing of its own: the statements name what they read."""
    return ()


def decide(facts: Facts, params: Params) -> Decision:
    """BUY where `buy` is true and nothing is held, SELL where `sell` is true and it is, HOLD where they are
    false; what cannot be told is ABSTAIN."""
    screening = facts.screening
    if screening is None:
        return Decision(action=Action.ABSTAIN, why="no value for conditions", missing=(NAME,))
    side = screening.sell if facts.holding else screening.buy
    if side is None:
        wanted = "sell" if facts.holding else "buy"
        return Decision(action=Action.HOLD, why=f"the strategy states no {wanted} condition")
    if side.truth is Truth.UNKNOWN:
        return Decision(action=Action.ABSTAIN, why=side.said, missing=_missing(side))
    trade = Action.SELL if facts.holding else Action.BUY
    return Decision(
        action=trade if side.truth is Truth.TRUE else Action.HOLD, why=side.said, read=_read(side, facts)
    )


def _missing(side: Observation) -> tuple[str, ...]:
    own = tuple(seen.name for seen in side.values if seen.value is None)
    return own + tuple(name for part in side.of for name in _missing(part))


def _read(side: Observation, facts: Facts) -> tuple[str, ...]:
    """Lines of the decision bars it looked at, each once."""
    names = [seen.name for seen in side.values] + [name for part in side.of for name in _read(part, facts)]
    return tuple(dict.fromkeys(name for name in names if name in facts.values.names))


BY_CONDITIONS = RulesRule(
    name=NAME,
    title="Conditions",
    meaning="The strategy's buy condition being true, or its sell condition for what is held.",
    parameters=(),
    needs=needs,
    decide=decide,
)
