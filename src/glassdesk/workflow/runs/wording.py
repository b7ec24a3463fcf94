"""The variables of a run's prompt, from what the run committed: for a decision, a preview and a replay."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.prompts.catalogue import MISSING
from glassdesk.workflow.prompts.context import build
from glassdesk.workflow.runs.model import Run
from glassdesk.workflow.runs.outputs import Story
from glassdesk.workflow.signals.confirmations import as_words
from glassdesk.workflow.signals.flow import PLACES
from glassdesk.workflow.signals.model import Facts, SignalRow
from glassdesk.workflow.signals.service import Signals
from glassdesk.workflow.strategies.model import Strategy

EARLIER = 5
"""Signals of slots before this one that a prompt may read."""


def earlier_signals(signals: Signals, t: Transaction, run: Run) -> Sequence[SignalRow]:
    """The strategy's last signals for the contract before the run's slot, newest first."""
    return signals.recent(t, strategy=run.strategy, conid=run.conid, before=run.slot, limit=EARLIER)


def context_of(
    run: Run,
    strategy: Strategy,
    story: Story,
    facts: Facts,
    earlier: Sequence[SignalRow],
    *,
    in_steps: bool = False,
) -> dict[str, object]:
    """Exactly the variables of the catalogue; `in_steps` leaves places for the readings of the steps before.
    Raises RuntimeError where the run did not get that far."""
    if story.preflight is None or story.bars is None or story.indicators is None:
        raise RuntimeError("a step ran before the step it reads")
    return build(
        contract=story.preflight.contract,
        bars=story.bars.daily,
        weekly=story.bars.weekly,
        values=story.indicators,
        now=run.slot,
        zone=story.preflight.zone,
        strategy=strategy.name,
        parameters=dict(strategy.policy.params),
        chart_code=facts.chart_code,
        checks=as_words(facts.confirmations),
        weekly_checks=as_words(facts.weekly) if facts.weekly else None,
        earlier=[_earlier(row, facts.timeframe) for row in earlier],
        daily_analysis=PLACES["daily"] if in_steps else MISSING,
        weekly_analysis=PLACES["weekly"] if in_steps else MISSING,
    )


def _earlier(row: SignalRow, timeframe: str) -> Mapping[str, object]:
    r = row.signal.r_multiple
    return {
        "date": row.signal.last_bar.isoformat(),
        "timeframe": timeframe,
        "signal": row.signal.action.value,
        "r_multiple": MISSING if r is None else float(r),
    }
