"""What one decision costs the desk itself: processor time, commits, broker reads, each against its budget.

There is no peer to measure against in the same run: none of them keeps what we keep. The budget is the
design's (§5): 150 ms of own work without broker, model and disk, 14 commits, 3 broker reads.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from datetime import timedelta
from pathlib import Path

from bench.answer import Answer, less_is_better
from tests.workflow.runs.harness import SLOT, Harness, harness

MORNINGS = 12
BUDGET = "budget"


def ask() -> list[Answer]:
    """Twelve mornings of one strategy with a daily and a weekly chart, everything in memory; the first warms
    up."""
    with tempfile.TemporaryDirectory() as folder, harness(Path(folder) / "home") as desk:
        desk.strategy("rising", "UP", weekly="true")
        mornings = (_morning(desk, day) for day in range(MORNINGS))
        measured = [morning for morning in mornings if morning is not None][1:]
    own, commits, reads = (statistics.median(column) for column in zip(*measured, strict=True))
    return [
        less_is_better("own time of a decision", own, 150.0, BUDGET, "ms"),
        less_is_better("commits of a decision", commits, 14.0, BUDGET, "commits"),
        less_is_better("broker reads of a decision", reads, 3.0, BUDGET, "reads"),
    ]


def _morning(desk: Harness, day: int) -> tuple[float, float, float] | None:
    """Milliseconds of processor time, commits and reads of the run of one slot; nothing on a day without
    one."""
    due = desk.tick_at(SLOT + timedelta(days=day))
    if not due:
        return None
    run = due[0]
    commits, reads, began = desk.counting.commits, desk.broker.reads, time.process_time()
    desk.execute(run)
    own = (time.process_time() - began) * 1000
    return own, float(desk.counting.commits - commits), float(max(1, desk.broker.reads - reads))
