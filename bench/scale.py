"""What more hands buy: five hundred runs due at once, and one worker process beside four."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench.answer import Answer, less_is_better, more_is_better
from bench.fleet import THINKS, open_fleet

SIZES = (28,) * 17 + (24,)
RUNS = sum(SIZES)
PARALLEL = 16
BUDGET_SECONDS = 300.0
WORKERS = 4


def ask() -> Iterator[Answer]:
    """Seconds on the clock, with a model that takes three seconds."""
    with (
        tempfile.TemporaryDirectory(prefix="glassdesk-scale-") as folder,
        open_fleet(Path(folder), SIZES) as (fleet, names),
    ):
        with fleet.workers(1, threads=PARALLEL):
            took = fleet.decide(names)
        yield less_is_better(
            f"{RUNS} runs due at once, {PARALLEL} at a time, all decided", took, BUDGET_SECONDS, "budget", "s"
        )
        with fleet.workers(1, threads=1):
            alone = fleet.decide(names[:1])
        with fleet.workers(WORKERS, threads=1):
            together = fleet.decide(names[:1])
        yield more_is_better(
            f"{SIZES[0]} runs by {WORKERS} workers of one run at a time",
            alone / together,
            3.5,
            f"the same by one worker: {alone:.0f} s of {SIZES[0] * THINKS:.0f} s of model",
            "times as fast",
        )
