"""The rules analyst: the same question, the same form of answer, no model.

It has no demonstrated edge; it is the baseline, and the default that needs no key.
"""

from __future__ import annotations

from decimal import Decimal

from glassdesk.kernel.errors import InvalidInput
from glassdesk.kernel.money import down_to_tick, up_to_tick
from glassdesk.workflow.signals.answers import SCHEMA_VERSION, write
from glassdesk.workflow.signals.confirmations import agreement, last, trend
from glassdesk.workflow.signals.levels import NO_LEVELS, Levels
from glassdesk.workflow.signals.model import Action, Answer, Echo, Evidence, Facts, Question, RawAnswer, View
from glassdesk.workflow.signals.rules.catalogue import params_of, rule_of
from glassdesk.workflow.signals.rules.rule import Decision

ENGINE = "rules"
MODEL = "rules-1"

_ALLOWANCE_ATR = Decimal("0.5")
_ALLOWANCE_CAP = Decimal("0.02")
_HORIZON_BARS = 20
_PANEL = "numbers"


class RulesAnalyst:
    """The `Analyst` port. Reads `Question.facts` and the policy's rule, nothing else; deterministic."""

    engine = ENGINE

    def ask(self, question: Question) -> RawAnswer:
        """The rule's answer; an unknown rule or parameter is a failure, not an error."""
        try:
            text = write(answer(question))
        except InvalidInput as failure:
            return RawAnswer(text="", engine=ENGINE, model=MODEL, failure=str(failure), cost=Decimal(0))
        return RawAnswer(text=text, engine=ENGINE, model=MODEL, cost=Decimal(0))


def answer(question: Question) -> Answer:
    """The rule applied to the facts. Raises `InvalidInput` for an unknown rule or parameter."""
    facts = question.facts
    decision = rule_of(question.policy).decide(facts, params_of(question.policy))
    if decision.action is Action.BUY and (not facts.atr or facts.tick <= 0):
        decision = Decision(action=Action.ABSTAIN, why="no value for atr_14", missing=("atr_14",))
    levels = long_levels(facts) if decision.action is Action.BUY else NO_LEVELS
    return Answer(
        schema_version=SCHEMA_VERSION,
        echo=_echo(facts),
        evidence=_evidence(facts, decision),
        confirmations=facts.confirmations,
        weekly_agreement=agreement(decision.action, facts.weekly),
        trend=trend(facts.confirmations),
        counter_case="",
        invalidation=f"a close below {levels.stop}" if levels.stop is not None else "",
        action=decision.action,
        entry_low=levels.entry_low,
        entry_high=levels.entry_high,
        stop=levels.stop,
        target_1=levels.target_1,
        target_2=None,
        target_1_basis="" if levels.target_1 is None else f"entry + {facts.target_atr} ATR",
        target_2_basis="",
        horizon_bars=_HORIZON_BARS if decision.action is Action.BUY else None,
        confidence=None,
        rationale=f"{question.policy.rule}: {decision.why}",
        data_issues=tuple(f"no value for {name}" for name in decision.missing),
    )


def long_levels(facts: Facts) -> Levels:
    """Prices of an entry, on the grid.

    entry_high is the last close + 0.5 ATR, at most + 2 %: as far as the price may drift before an entry is
    called off (`T-03`), so that whatever opens inside it is bought (`T-21`: never above ask + 0.1 %).
    Stop and target are measured from entry_high, the worst price that is paid: a cheaper fill risks less than
    planned and R is the strategy's target_atr ÷ stop_atr at least (X-3). The target is rounded up, here only,
    so that rounding cannot push R below that.
    """
    atr, close = facts.atr or Decimal(0), facts.last_close
    allowance = min(_ALLOWANCE_ATR * atr, _ALLOWANCE_CAP * close)
    high = down_to_tick(close + allowance, facts.tick)
    target = None if facts.target_atr is None else up_to_tick(high + facts.target_atr * atr, facts.tick)
    return Levels(
        entry_low=down_to_tick(close - allowance, facts.tick),
        entry_high=high,
        stop=up_to_tick(high - facts.stop_atr * atr, facts.tick),
        target_1=target,
    )


def _echo(facts: Facts) -> Echo:
    return Echo(
        symbol=facts.symbol,
        timeframe=facts.timeframe,
        last_bar=facts.last_bar,
        last_close=facts.last_close,
        n_bars=facts.n_bars,
        chart_code=facts.chart_code,
    )


def _evidence(facts: Facts, decision: Decision) -> tuple[Evidence, ...]:
    close = Evidence(
        panel=_PANEL,
        indicator="close",
        reading="last close",
        value=float(facts.last_close),
        direction=View.NEUTRAL,
    )
    readings = (
        Evidence(
            panel=_PANEL,
            indicator=name,
            reading="newest value",
            value=last(facts.values, name),
            direction=View.NEUTRAL,
        )
        for name in decision.read[:7]
    )
    return (close, *readings)
