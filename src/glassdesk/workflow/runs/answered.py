"""What a model's earlier answers tell of it: pictures it did not read (V04), one confidence for all (V17)."""

from __future__ import annotations

from collections.abc import Iterable

from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.notifications.model import Severity
from glassdesk.workflow.runs.model import Run
from glassdesk.workflow.runs.parts import Parts
from glassdesk.workflow.signals.model import Signal
from glassdesk.workflow.signals.reading import REPEATS
from glassdesk.workflow.signals.rules.analyst import ENGINE as RULES

RULE = "V04"
LOOKS_BACK = 200
MOST = 0.01


def watch_reading(parts: Parts, t: Transaction, run: Run, signal: Signal) -> None:
    """Tells a person once a day that V04 failed in more than 1 % of a model's answers, where a signal is
    kept."""
    if _read(signal) is not False:
        return
    rows = parts.signals.recent(t, limit=LOOKS_BACK)
    of_model = [row.signal for row in rows if (row.signal.engine, row.signal.model) == _who(signal)]
    read = [one for one in map(_read, of_model) if one is not None]
    unread = read.count(False)
    if unread <= MOST * len(read):
        return
    name = " ".join(_who(signal))
    parts.notifications.tell(
        t,
        f"models:{name}:unread:{run.slot.date()}",
        Severity.ALARM,
        f"{name} does not read its pictures",
        f"In {unread} of its last {len(read)} answers the code drawn in the picture was wrong (V04). "
        "`glassdesk models probe` tells whether it sees pictures.",
        f"run:{run.run}",
        strategy=run.strategy,
    )


def confidences(parts: Parts, run: Run, engine: str) -> tuple[float, ...]:
    """Those of the strategy's last answers by the model that is asked now, newest first; rules have none."""
    if engine == RULES:
        return ()
    with parts.transactions.read() as t:
        rows = parts.signals.recent(t, strategy=run.strategy, before=run.slot, limit=2 * REPEATS)
    said = (row.signal.confidence for row in rows if row.signal.engine == engine)
    return tuple(one for one in said if one is not None)[:REPEATS]


def _who(signal: Signal) -> tuple[str, str]:
    return signal.engine, signal.model


def _read(signal: Signal) -> bool | None:
    """Whether the picture's code was read; `None` where there was no answer or no picture."""
    found: Iterable[bool] = (
        one.passed
        for one in signal.checks
        if one.rule == RULE and not one.detail.startswith("not applicable")
    )
    return next(iter(found), None)
