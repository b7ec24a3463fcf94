"""The card of a signal: claims beside the truth, prices, what it cost, the chart with its levels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from glassdesk.desk import Desk
from glassdesk.kernel.errors import InvalidInput, NotFound
from glassdesk.kernel.ids import short
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.charts.model import Level, LevelKind
from glassdesk.workflow.evaluation.service import Told
from glassdesk.workflow.prompts.model import Rendered
from glassdesk.workflow.runs.model import Run, RunState
from glassdesk.workflow.runs.outputs import Story
from glassdesk.workflow.signals.answers import parse
from glassdesk.workflow.signals.beside import Beside, beside, reading_score
from glassdesk.workflow.signals.calls import CallRecord
from glassdesk.workflow.signals.model import Action, Signal, SignalRow


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalCard:
    """One signal as a person reads it."""

    run: Run
    row: SignalRow
    story: Story
    claims: tuple[Beside, ...]
    calls: Sequence[CallRecord]
    score: Decimal | None
    """Share of the reading rules that passed."""
    probability: str
    """The confidence as it may be used; empty where none was stated."""
    readings: tuple[Rendered, ...]
    """What was asked of each picture alone before the deciding prompt."""
    trend: str
    valid_until: datetime | None
    state: str
    """What became of it, in a word."""
    used: int
    """Signals that its prompt version has made."""
    ended: Told | None
    """What became of it; `None` before the first daily pass that sees it."""


def signal_card(desk: Desk, t: Transaction, run: Run) -> SignalCard:
    """The card of a run's signal. Raises `NotFound`."""
    row = desk.signals.of_run(t, run.run)
    if row is None:
        raise NotFound(f"run {short(run.run)} has no signal", where="run", remedy=run.reason or "it goes on")
    story = desk.runs.story(t, run.run)
    known = story.answer is not None and story.question is not None
    ended = desk.scoreboard.told(t, run.run)
    return SignalCard(
        run=run,
        row=row,
        story=story,
        claims=beside(story.answer, story.question.facts) if known else (),  # type: ignore[union-attr, arg-type]
        calls=desk.governor.calls(t, run=run.run),
        score=reading_score(row.signal.checks),
        readings=story.question.readings if story.question else (),
        trend=_trend(story),
        valid_until=story.preflight.window_closes if story.preflight else None,
        state=_state(desk, t, run, row),
        probability=desk.scoreboard.probability(t, run.run, row.signal.confidence),
        used=desk.scoreboard.used(t, ended.scored.prompt, ended.scored.prompt_version) if ended else 0,
        ended=ended,
    )


def _trend(story: Story) -> str:
    try:
        return parse(story.answer.text).trend.value if story.answer else ""
    except InvalidInput:
        return ""


def _state(desk: Desk, t: Transaction, run: Run, row: SignalRow) -> str:
    """Active, executed, expired or cancelled, by the intent that it became."""
    if row.signal.action in (Action.HOLD, Action.ABSTAIN):
        return "no order"
    if not run.state.final and run.state is not RunState.QUEUED:
        return "active"
    intents = [state.value for intent, state in desk.orders.intents(t, run=run.run) if intent.leg == "main"]
    return intents[0].replace("_", " ") if intents else run.state.value.replace("_", " ")


def chart_with_levels(desk: Desk, t: Transaction, run: Run) -> bytes:
    """The decision chart as SVG, with the signal's prices over it. Raises `NotFound`."""
    card = signal_card(desk, t, run)
    story = card.story
    if story.bars is None or story.indicators is None or story.preflight is None:
        raise NotFound(f"run {short(run.run)} has no chart", where="run")
    strategy = desk.strategies.get(t, run.strategy, run.version).strategy
    return desk.charts.with_levels(
        strategy.chart,
        story.preflight.contract,
        story.bars.daily,
        story.indicators,
        _levels(card.row.signal),
        zone=story.preflight.zone,
    )


def _levels(signal: Signal) -> tuple[Level, ...]:
    prices = (
        ("entry up to", signal.entry_high, LevelKind.ENTRY),
        ("stop", signal.stop, LevelKind.STOP),
        ("target", signal.target, LevelKind.TARGET),
    )
    return tuple(
        Level(name=name, price=price, kind=kind) for name, price, kind in prices if price is not None
    )
