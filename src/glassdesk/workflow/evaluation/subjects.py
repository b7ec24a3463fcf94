"""From what a run committed to the subject that the scoreboard counts. Pure."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from glassdesk.kernel.canonical import sha256_hex
from glassdesk.kernel.errors import InvalidInput
from glassdesk.workflow.evaluation.model import UNASKED, Barriers, Subject
from glassdesk.workflow.indicators.compute import compute
from glassdesk.workflow.indicators.model import IndicatorValues
from glassdesk.workflow.market_data.model import BarSet
from glassdesk.workflow.runs.model import Run
from glassdesk.workflow.runs.outputs import Bars, Story
from glassdesk.workflow.signals.answers import parse
from glassdesk.workflow.signals.confirmations import confirmations
from glassdesk.workflow.signals.facts import gather
from glassdesk.workflow.signals.model import Action, Facts, Question, RawAnswer, Signal
from glassdesk.workflow.signals.rules.analyst import answer
from glassdesk.workflow.strategies.model import Strategy

HORIZON = 20
"""Bars, where neither the strategy nor the answer names a time."""
LONGEST = 250


def subject(run: Run, strategy: Strategy, story: Story) -> Subject | None:
    """The subject of a run; `None` where it committed no signal and was not kept back by its conditions."""
    signal, asked, raw = story.signal, story.question, story.answer
    if signal is None or asked is None or raw is None or story.bars is None:
        return _kept_back(run, strategy, story)
    return replace(
        _held(run, strategy, story.bars.daily),
        action=signal.action,
        prompt=asked.rendered.name,
        prompt_version=asked.rendered.number,
        prompt_sha256=asked.rendered.prompt_sha256,
        language=asked.rendered.language,
        engine=signal.engine,
        model=signal.model,
        confidence=signal.confidence if signal.action is Action.BUY else None,
        cost=raw.cost,
        rules=rules_say(asked.facts, strategy),
        barriers=barriers_of(signal, strategy, raw),
    )


def _kept_back(run: Run, strategy: Strategy, story: Story) -> Subject | None:
    screening, flight, bars, values = story.conditions, story.preflight, story.bars, story.indicators
    if screening is None or not screening.keeps_back or flight is None or bars is None or values is None:
        return None
    facts = _facts(strategy, story, bars, values, tick=flight.tick_at(bars.daily.last.close))
    return replace(
        _held(run, strategy, bars.daily),
        rules=rules_say(facts, strategy),
        barriers=_distances(strategy, facts.atr),
    )


def _facts(strategy: Strategy, story: Story, bars: Bars, values: IndicatorValues, *, tick: Decimal) -> Facts:
    """What an analyst would have been told, without the chart that was not drawn."""
    weekly = bars.weekly.bars if bars.weekly is not None else ()
    told = compute(strategy.indicators, weekly) if weekly else None
    return gather(
        bars=bars.daily,
        values=values,
        chart_code="",
        tick=tick,
        stop_atr=strategy.exits.stop_atr,
        target_atr=strategy.exits.target_atr,
        holding=False,
        screening=story.conditions,
        weekly=None if told is None else confirmations(told, [bar.close for bar in weekly]),
    )


def _held(run: Run, strategy: Strategy, bars: BarSet) -> Subject:
    """A subject of whom nobody was asked."""
    known = _closed(bars)
    return Subject(
        run=run.run,
        strategy=run.strategy,
        strategy_version=run.version,
        conid=run.conid,
        symbol=run.symbol,
        slot=run.slot,
        action=Action.HOLD,
        prompt="",
        prompt_version=0,
        prompt_sha256="",
        language="",
        engine=UNASKED,
        model="",
        confidence=None,
        cost=Decimal(0),
        rules=Action.ABSTAIN,
        coin=heads(run.run),
        size=strategy.bar_size,
        decided_bar=bars.last.start,
        known_bar=known.last.start,
        known_close=known.last.close,
        barriers=_distances(strategy, None),
    )


def _closed(bars: BarSet) -> BarSet:
    return replace(bars, bars=bars.bars[:-1]) if bars.so_far else bars


def barriers_of(signal: Signal, strategy: Strategy, raw: RawAnswer) -> Barriers:
    """The signal's own prices where it buys, else as far away as the strategy's exits would put them; time by
    the strategy's time exit, else by the answer's horizon."""
    plan = strategy.exits
    if signal.action is Action.BUY and signal.stop is not None:
        return Barriers(
            horizon=min(plan.max_bars or _horizon(raw) or HORIZON, LONGEST),
            entry_high=signal.entry_high,
            stop=signal.stop,
            target=signal.target,
        )
    return _distances(strategy, signal.atr)


def _distances(strategy: Strategy, atr: Decimal | None) -> Barriers:
    plan = strategy.exits
    return Barriers(
        horizon=min(plan.max_bars or HORIZON, LONGEST),
        stop_distance=None if atr is None else plan.stop_atr * atr,
        target_distance=None if atr is None or plan.target_atr is None else plan.target_atr * atr,
    )


def _horizon(raw: RawAnswer) -> int | None:
    try:
        return parse(raw.text).horizon_bars
    except InvalidInput:
        return None


def rules_say(known: Facts, strategy: Strategy) -> Action:
    """What the rules analyst answers to the same facts, whatever is held: its twin is flat at every slot."""
    facts = replace(known, holding=False)
    question = Question(run="", facts=facts, policy=strategy.policy, system="", user="", images=())
    try:
        return answer(question).action
    except InvalidInput:
        return Action.ABSTAIN


def heads(run: str) -> bool:
    """A fair coin made of the run's id: the same for ever, and known to nobody who decides."""
    return int(sha256_hex(f"coin|{run}".encode())[:8], 16) % 2 == 0
