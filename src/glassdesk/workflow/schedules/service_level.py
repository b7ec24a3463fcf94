"""The service level: 99 % of the slots that could be decided are, and of the others each has a cause."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from glassdesk.workflow.runs.model import BLOCKED, Run, RunState
from glassdesk.workflow.schedules.model import BREAKER, Cause, Outcome, Slot, SlotState

PROMISED = Decimal("0.99")
SPAN = timedelta(days=30)
MOST = 20_000
"""Slots looked at, the newest."""
TO_DECIDE = timedelta(minutes=5)
"""After its start deadline a slot has so long to be decided."""

_UNDECIDED = {
    BLOCKED: Cause.SIGN_IN,
    "READ_FAILED": Cause.DATA,
    "DATA:": Cause.DATA,
    "NO_SIGNAL: no answer": Cause.MODEL,
}
"""How the reason of a run begins that could not be decided."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceLevel:
    """Of one span. A slot is eligible where the exchange was open and no person had paused it."""

    since: datetime
    eligible: int
    complete: int
    pending: int
    """Still being decided; not counted yet."""
    misses: Mapping[Cause, int] = field(default_factory=dict)

    @property
    def share(self) -> Decimal | None:
        """`None` before the first slot."""
        return Decimal(self.complete) / self.eligible if self.eligible else None

    @property
    def kept(self) -> bool:
        """The promise holds, or nothing was due."""
        return self.share is None or self.share >= PROMISED


def service_level(
    outcomes: Iterable[Outcome], since: datetime, deadline: Callable[[Slot], timedelta]
) -> ServiceLevel:
    """`deadline` tells how late a slot may begin."""
    misses, complete, pending = Counter[Cause](), 0, 0
    for one in outcomes:
        if not eligible(one.slot):
            continue
        if is_pending(one):
            pending += 1
            continue
        cause = cause_of(one, deadline(one.slot))
        if cause is None:
            complete += 1
        else:
            misses[cause] += 1
    counted = {cause: misses[cause] for cause in Cause if misses[cause]}
    eligible_ones = complete + sum(misses.values())
    return ServiceLevel(
        since=since, eligible=eligible_ones, complete=complete, pending=pending, misses=counted
    )


def eligible(slot: Slot) -> bool:
    """Whether the service level counts it."""
    by_person = slot.state is SlotState.PAUSED and not slot.reason.startswith(BREAKER)
    return not (slot.by_hand or by_person or slot.state is SlotState.HOLIDAY)


def is_pending(outcome: Outcome) -> bool:
    """Not all its runs have ended."""
    return outcome.slot.state is SlotState.RUN and any(not run.state.final for run in outcome.runs)


def cause_of(outcome: Outcome, deadline: timedelta) -> Cause | None:
    """Why it was lost; `None` where it was not."""
    slot = outcome.slot
    if slot.state is SlotState.RUN:
        causes = [cause_of_run(run) for run in outcome.runs if _lost(run)]
        if causes:
            return min(causes, key=list(Cause).index)
        latest = slot.instant + deadline + TO_DECIDE
        slow = any(run.ended_at is not None and run.ended_at > latest for run in outcome.runs)
        return Cause.OWN if slow else None
    if slot.state is SlotState.MACHINE_ASLEEP:
        return Cause.ASLEEP
    waits = slot.state is SlotState.SKIPPED_OVERLAP and BLOCKED in slot.reason
    return Cause.SIGN_IN if waits else Cause.OWN


def cause_of_run(run: Run) -> Cause:
    """What kept a run from deciding, by the code its reason begins with."""
    found = (cause for code, cause in _UNDECIDED.items() if run.reason.startswith(code))
    return next(found, Cause.OWN)


def _lost(run: Run) -> bool:
    """A contract that is not listed yet has no bars, and no decision is missing."""
    undecided = run.state is RunState.NO_TRADE and run.reason.startswith(("DATA:", "NO_SIGNAL: no answer"))
    return undecided or run.state in (RunState.FAILED, RunState.QUARANTINED)
