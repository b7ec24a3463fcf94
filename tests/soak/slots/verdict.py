"""What the desk's rows say, held against what the definition and the plan say: the desk is not asked what was
eligible."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from glassdesk.workflow.schedules.model import Cause, Outcome, SlotState
from glassdesk.workflow.schedules.service_level import cause_of
from tests.soak.slots.plan import DEADLINE, ENOUGH, NEW_YORK, Expected, Plan, expected
from tests.workflow.runs.harness import Harness

LEAD = timedelta(minutes=30)


@dataclass(kw_only=True)
class Verdict:
    """Figures of one plan."""

    eligible: int = 0
    complete: int = 0
    lost: Counter[str] = field(default_factory=Counter)
    """Slots that the plan made impossible, by its cause."""
    close_calls: int = 0
    """Slots with less than a minute to begin: either end is right."""
    wrong: list[str] = field(default_factory=list)

    @property
    def share(self) -> float:
        """Of the eligible slots, those that were decided."""
        return self.complete / self.eligible if self.eligible else 1.0


def judged(made: Harness, plan: Plan) -> Verdict:
    """Every slot of the plan, one by one."""
    with made.desk.transactions.read() as t:
        outcomes = made.desk.schedules.outcomes(t, limit=100_000)
        recent = made.desk.notifications.recent(t, limit=10_000)
    warned: dict[date, datetime] = {}
    for told in recent:
        if told.key.startswith("sign-in:"):
            day = told.created_at.astimezone(NEW_YORK).date()
            warned[day] = min(told.created_at, warned.get(day, told.created_at))
    rows = {(one.slot.strategy, one.slot.instant): one for one in outcomes}
    verdict = Verdict()
    for one in expected(plan):
        outcome = rows.pop((one.strategy, one.instant), None)
        if outcome is None:
            verdict.wrong.append(f"{_said(one)}: no row, a silent miss")
            continue
        _judge(verdict, plan, one, outcome)
        first = warned.get(one.instant.astimezone(NEW_YORK).date())
        late = first is None or first > one.instant - LEAD
        blocked = not one.closed and cause_of(outcome, DEADLINE) is Cause.SIGN_IN
        if blocked and late and plan.could_warn(one, LEAD):
            verdict.wrong.append(f"{_said(one)}: lost, and nobody was told in time")
    verdict.wrong += [f"{strategy} {instant}: a row nobody was due at" for strategy, instant in rows]
    return verdict


def _judge(verdict: Verdict, plan: Plan, one: Expected, outcome: Outcome) -> None:
    cause, state = cause_of(outcome, DEADLINE), outcome.slot.state
    if one.closed or state is SlotState.HOLIDAY:
        if not (one.closed and state is SlotState.HOLIDAY):
            verdict.wrong.append(f"{_said(one)}: {state} although the exchange was otherwise")
        return
    possible = plan.possible(one)
    if possible >= ENOUGH:
        verdict.eligible += 1
        verdict.complete += cause is None
        if cause is not None:
            reasons = [run.reason for run in outcome.runs]
            verdict.wrong.append(f"{_said(one)}: {state} {cause}: {outcome.slot.reason} {reasons}")
    elif possible >= timedelta(0):
        verdict.close_calls += 1
    else:
        _impossible(verdict, plan, one, cause)


def _impossible(verdict: Verdict, plan: Plan, one: Expected, cause: Cause | None) -> None:
    asleep = plan.asleep(one)
    verdict.lost["asleep" if asleep else "late sign-in"] += 1
    if cause is None:
        verdict.wrong.append(f"{_said(one)}: decided although it was impossible")
    elif asleep and cause not in (Cause.ASLEEP, Cause.OWN):
        verdict.wrong.append(f"{_said(one)}: {cause}, but the desk was down")
    elif not asleep and cause not in (Cause.SIGN_IN, Cause.ASLEEP):
        verdict.wrong.append(f"{_said(one)}: {cause}, but nobody had signed in")


def _said(one: Expected) -> str:
    return f"{one.strategy} {one.instant.astimezone(NEW_YORK):%a %d %b %H:%M}"
