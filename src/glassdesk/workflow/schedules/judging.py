"""What becomes of instants that are due, from the calendar, the clock and what the desk did meanwhile."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from glassdesk.workflow.contracts.model import Hours
from glassdesk.workflow.schedules.model import Pause, SlotState
from glassdesk.workflow.strategies.model import Strategy
from glassdesk.workflow.strategies.timing import closed, start_deadline

NOBODY_TICKED = timedelta(minutes=2)
"""A worker says that it ticks at least so often while it lives."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What becomes of one instant."""

    instant: datetime
    state: SlotState
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What an instant is judged by."""

    now: datetime
    zone: ZoneInfo
    """Of the exchange."""
    pause: Pause | None
    ticked_at: datetime | None
    """When a worker last ticked before now."""


def judge(strategy: Strategy, due: Sequence[tuple[datetime, Hours | None]], scene: Scene) -> list[Judged]:
    """Of all instants that became due since the last look at most the latest runs: nothing is caught up with
    (`reliability.md` §3.2)."""
    judged = [_judge(strategy, instant, hours, scene) for instant, hours in due]
    running = [number for number, one in enumerate(judged) if one.state is SlotState.RUN]
    for number in running[:-1]:
        later = f"LATE: the slot of {_at(judged[running[-1]].instant, scene)} takes its place"
        judged[number] = Judged(instant=judged[number].instant, state=SlotState.MISSED, reason=later)
    return judged


def _judge(strategy: Strategy, instant: datetime, hours: Hours | None, scene: Scene) -> Judged:
    why = closed(strategy.timing, instant, hours, scene.zone)
    if why:
        return Judged(instant=instant, state=SlotState.HOLIDAY, reason=why)
    if scene.pause is not None:
        return Judged(instant=instant, state=SlotState.PAUSED, reason=scene.pause.said)
    late, limit = scene.now - instant, start_deadline(strategy.bar_size)
    if late <= limit:
        return Judged(instant=instant, state=SlotState.RUN)
    said = f"{_minutes(late)} min late, the limit is {_minutes(limit)} min"
    slept = _slept(instant, scene)
    if slept:
        return Judged(instant=instant, state=SlotState.MACHINE_ASLEEP, reason=f"{slept}: {said}")
    return Judged(instant=instant, state=SlotState.MISSED, reason=f"LATE: {said}")


def _slept(instant: datetime, scene: Scene) -> str:
    """That no worker ticked when the instant came; empty where one did."""
    before = scene.ticked_at
    if before is None:
        return "ASLEEP: no worker had run yet"
    if before >= instant or scene.now - before <= NOBODY_TICKED:
        return ""
    return f"ASLEEP: no worker ran from {_at(before, scene)} to {_at(scene.now, scene)}"


def _at(instant: datetime, scene: Scene) -> str:
    return f"{instant.astimezone(scene.zone):%a %d %b %H:%M}"


def _minutes(span: timedelta) -> str:
    whole, rest = divmod(int(span.total_seconds()), 60)
    return f"{whole}.5" if rest == 30 else str(whole)
