"""What a tick costs while nothing is due: of ten thousand strategies as much as of a hundred.

The peer is the same desk with a hundred; everything is in memory, and the median of two hundred ticks counts.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from bench.answer import Answer, less_is_better
from tests.adapters.laws.makers import a_strategy
from tests.workflow.runs.harness import SLOT, harness

FEW, MANY = 100, 10_000
TICKS = 200
DUE = SLOT.replace(day=30, month=9, hour=20, minute=30)
"""When all of them are due: at 16:30 in New York."""


def ask() -> list[Answer]:
    """Milliseconds of processor time; the ratio is what counts."""
    few, many = _tick(FEW), _tick(MANY)
    return [less_is_better(f"a tick with {MANY} strategies not due", many, few, f"{FEW} of them", "ms")]


def _tick(count: int) -> float:
    with tempfile.TemporaryDirectory() as folder, harness(Path(folder) / "home") as desk:
        stores = desk.ground.stores
        with desk.desk.transactions.begin() as t:
            for number in range(count):
                row = a_strategy(f"strategy-{number}", conids=(number + 1,))
                stores.strategies.add_version(t, replace(row, created_at=desk.clock.now()))
                stores.slots.plan(t, row.strategy.name, DUE)
        desk.desk.schedules.tick()
        desk.clock.advance(timedelta(hours=1))
        return statistics.median(_one(desk.desk.schedules.tick) for _ in range(TICKS))


def _one(tick: object) -> float:
    began = time.process_time()
    assert callable(tick)
    assert tick() == []
    return (time.process_time() - began) * 1000
