"""A strategy whose slots fail three times in a row is left alone until a person looks."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from glassdesk.workflow.runs.model import RunState
from glassdesk.workflow.schedules.model import BREAKER, Cause, Outcome, SlotState
from glassdesk.workflow.schedules.service_level import cause_of_run

FAILURES = 3


def failures(outcomes: Iterable[Outcome], since: datetime | None) -> str:
    """Why the breaker opens; empty where it does not. `outcomes` are newest first; a slot without runs says
    nothing, neither does one that waited for a person."""
    said: list[str] = []
    for one in outcomes:
        if len(said) == FAILURES or (since is not None and one.slot.instant <= since):
            break
        if one.slot.state is not SlotState.RUN or not one.runs:
            continue
        lost = [run for run in one.runs if run.state in (RunState.FAILED, RunState.QUARANTINED)]
        if len(lost) < len(one.runs) or any(cause_of_run(run) is Cause.SIGN_IN for run in lost):
            break
        said.append(lost[0].reason)
    if len(said) < FAILURES:
        return ""
    return f"{BREAKER}: {FAILURES} slots in a row failed, the last: {said[0]}"
