"""The semantic rules V01 … V20: all are applied to every answer and stored; one that fails ends in no order.

A model is asked once more where every rule that voids its answer is one of form (`repair.py`); what the rules
void then stays void.
"""

from __future__ import annotations

from decimal import Decimal

from glassdesk.workflow.signals import pricing, reading
from glassdesk.workflow.signals.case import (
    ABSTAIN,
    DOWNGRADE,
    FLAG,
    HALVE,
    REJECT,
    Case,
    Finding,
    Rule,
    not_applicable,
    unless,
)
from glassdesk.workflow.signals.conditions.model import Truth
from glassdesk.workflow.signals.confirmations import agreement
from glassdesk.workflow.signals.levels import NO_LEVELS, as_answered, on_grid
from glassdesk.workflow.signals.model import Action, Agreement, Answer, Check, Facts, SignalPolicy

_AT_CONFLICT = {"hold": DOWNGRADE, "half": HALVE, "flag": FLAG}


def v16(case: Case) -> Finding:
    """The weekly chart does not contradict, and the analyst read it so. An exit is never held back by it."""
    if not case.trades:
        return not_applicable("no trade")
    said, true = case.answer.weekly_agreement, agreement(case.answer.action, case.facts.weekly)
    told = f"said {said}, is {true}"
    if true is Agreement.CONFLICT and case.buys:
        return Finding(detail=told, effect=_AT_CONFLICT[case.policy.weekly_conflict])
    return unless(said is true and true is not Agreement.CONFLICT, told, FLAG)


def v19(case: Case) -> Finding:
    """The newest closed bar is of the session that was expected, or later."""
    last, expected = case.facts.last_bar, case.facts.expected_last
    if expected is None:
        return not_applicable("no session was expected")
    return unless(last >= expected, f"the last bar is of {last}, expected is {expected}", REJECT)


def v21(case: Case) -> Finding:
    """A BUY needs the strategy's buy condition to be true: neither false nor unknown."""
    screening = case.facts.screening
    buy = screening.buy if screening is not None else None
    if not case.buys or buy is None:
        return not_applicable("no BUY, or no buy condition")
    return unless(buy.truth is Truth.TRUE, buy.said, DOWNGRADE)


RULES: tuple[Rule, ...] = (
    Rule(id="V01", meaning="Symbol and timeframe were read.", examine=reading.v01),
    Rule(id="V02", meaning="The last closed bar was read.", examine=reading.v02),
    Rule(id="V03", meaning="The last close was read, within 0.5 % or a tick.", examine=reading.v03),
    Rule(id="V04", meaning="The code in the picture was read.", examine=reading.v04),
    Rule(id="V05", meaning="Stop and entry are in order.", examine=pricing.v05),
    Rule(id="V06", meaning="Entry and targets are in order.", examine=pricing.v06),
    Rule(id="V07", meaning="No trade has no prices.", examine=pricing.v07),
    Rule(id="V08", meaning="The entry lies within one ATR of the last close.", examine=pricing.v08),
    Rule(id="V09", meaning="The stop is 0.5 to 4 ATR away.", examine=pricing.v09),
    Rule(id="V10", meaning="The target is at most 8 ATR away.", examine=pricing.v10),
    Rule(id="V11", meaning="R reaches the strategy's minimum.", examine=pricing.v11),
    Rule(id="V12", meaning="The profit is worth the trouble.", examine=pricing.v12),
    Rule(id="V13", meaning="The confirmations are what the indicators say.", examine=reading.v13),
    Rule(id="V14", meaning="A BUY has enough bullish checks.", examine=pricing.v14),
    Rule(id="V15", meaning="Quoted values are true.", examine=reading.v15),
    Rule(id="V16", meaning="The weekly chart does not contradict.", examine=v16),
    Rule(id="V17", meaning="Confidence is a probability.", examine=reading.v17),
    Rule(id="V18", meaning="On the price grid the prices are still in order.", examine=pricing.v18),
    Rule(id="V19", meaning="The bar is fresh.", examine=v19),
    Rule(id="V20", meaning="The words are about this contract only.", examine=reading.v20),
)

OF_CONDITIONS = Rule(id="V21", meaning="A BUY meets the strategy's conditions.", examine=v21)
"""Asked where there are conditions only: what was judged before there were any is judged the same."""

_ENDS_IN = {ABSTAIN: Action.ABSTAIN, REJECT: Action.ABSTAIN, DOWNGRADE: Action.HOLD}
"""A rejected trade is no HOLD: the analyst did not say so."""


def case_of(answer: Answer, facts: Facts, policy: SignalPolicy) -> Case:
    """The answer with its prices on the grid; without a grid it has none."""
    asked = as_answered(answer)
    levels = on_grid(asked, facts.tick) if facts.tick > Decimal(0) else NO_LEVELS
    return Case(answer=answer, facts=facts, policy=policy, asked=asked, levels=levels)


def check(case: Case) -> tuple[Check, ...]:
    """All rules, in order."""
    rules = RULES if case.facts.screening is None else (*RULES, OF_CONDITIONS)
    return tuple(rule.check(case) for rule in rules)


def outcome(said: Action, checks: tuple[Check, ...]) -> tuple[Action, Check | None]:
    """What is left of the analyst's action, and the check that changed it: the gravest, then the first."""
    for effect, ending in _ENDS_IN.items():
        for failed in checks:
            if failed.effect == effect:
                return ending, failed
    return said, None
