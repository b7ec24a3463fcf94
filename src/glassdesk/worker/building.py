"""A worker over composed parts."""

from __future__ import annotations

from collections.abc import Callable

from glassdesk.composition.ground import Ground
from glassdesk.desk import Desk
from glassdesk.worker.role import Worker
from glassdesk.workflow.runs.parts import Parts
from glassdesk.workflow.runs.sweeper import Sweeper


def build_worker(
    ground: Ground, desk: Desk, parts: Parts, owner: str, dispatch: Callable[[], int] | None = None
) -> Worker:
    """The loop around tick, sweep and dispatch; `dispatch` rings for what sends beside the role, without it
    the worker sends by itself."""
    return Worker(
        name=f"{owner}-ticker",
        clock=ground.clock,
        stopwatch=ground.stopwatch,
        schedules=desk.schedules,
        sign_in=desk.sign_in,
        preflight=desk.preflight,
        sweeper=Sweeper(parts),
        label=desk.labelling.turn,
        dispatch=dispatch or desk.notifications.dispatch,
    )
