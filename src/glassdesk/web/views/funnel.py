"""From slots to fills, and where each symbol stopped (`T-73`)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from glassdesk.desk import Desk
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.orders.model import IntentState
from glassdesk.workflow.runs.model import Run, RunState
from glassdesk.workflow.signals.model import Action

_MOST = 1000
_SENT = (IntentState.SENT, IntentState.DONE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """How many came this far; `meaning` says what is counted."""

    name: str
    count: int
    meaning: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Funnel:
    """Six stages, and per strategy and symbol the newest run that made no order, with its reason."""

    since: datetime
    stages: tuple[Stage, ...]
    stopped: tuple[Run, ...]

    def width(self, stage: Stage) -> float:
        """0 to 100, relative to the widest stage."""
        widest = max((one.count for one in self.stages), default=0)
        return round(100 * stage.count / widest, 1) if widest else 0.0


def funnel_of(desk: Desk, t: Transaction, since: datetime) -> Funnel:
    """Counts of everything whose slot lies after `since`."""
    slots = [slot for slot in desk.schedules.slots(t, limit=_MOST) if slot.instant >= since]
    runs = [run for run in desk.runs.runs(t, limit=_MOST) if run.slot >= since]
    signals = [row for row in desk.signals.recent(t, limit=_MOST) if row.slot >= since]
    known = {run.run for run in runs}
    mains = {i.run: (i, s) for i, s in desk.orders.intents(t) if i.leg == "main" and i.run in known}
    sent = {run for run, (_, state) in mains.items() if state in _SENT}
    filled = {order.run for order in desk.orders.orders(t, limit=_MOST) if order.run in sent and order.filled}
    asked = [row for row in signals if row.signal.action in (Action.BUY, Action.SELL)]
    stages = (
        Stage(name="Slots", count=len(slots), meaning="instants at which a strategy was due"),
        Stage(
            name="Runs",
            count=sum(r.state is not RunState.DUE for r in runs),
            meaning="one per symbol, started",
        ),
        Stage(name="BUY or SELL", count=len(asked), meaning="signals that ask for an order"),
        Stage(name="Passed risk", count=len(mains), meaning="reserved: size above zero, no rule denied it"),
        Stage(name="Sent", count=len(sent), meaning="handed to the broker"),
        Stage(name="Filled", count=len(filled), meaning="at least one share"),
    )
    return Funnel(since=since, stages=stages, stopped=_stopped(runs))


def _stopped(runs: list[Run]) -> tuple[Run, ...]:
    newest: dict[tuple[str, int], Run] = {}
    for run in runs:
        newest.setdefault((run.strategy, run.conid), run)
    return tuple(run for run in newest.values() if run.state in (RunState.NO_TRADE, RunState.FAILED))
