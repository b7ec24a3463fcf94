"""What a run's page costs where a million steps are stored, beside the same page over ten thousand.

The desk lived two days; one of its runs is then repeated, with all its steps, over five hundred contracts and
as many earlier days as that takes. The median of sixty visits counts.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import text

from bench.answer import Answer, less_is_better
from glassdesk.adapters.database.transactions import unit
from tests.web.conftest import door_of
from tests.web.world import World, live_a_week, open_world

FEW, MANY = 10_000, 1_000_000
CONTRACTS = 500
VISITS = 60

REPEATED = "WITH RECURSIVE copies(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM copies WHERE n < :copies)"
RUNS = """
    INSERT INTO runs SELECT run || '-' || n, 'manual', strategy, version,
        strftime('%Y-%m-%dT%H:%M:%S.000000Z', slot, '-' || (n / :contracts) || ' days'), NULL,
        conid + n % :contracts, symbol, account, state, reason, created_at, claimed_at, ended_at,
        NULL, NULL, fence, losses
    FROM runs JOIN copies WHERE run = :run
"""
STEPS = """
    INSERT INTO run_steps SELECT run || '-' || n, name, number, output, output_sha256, node,
        committed_at, machine_ms
    FROM run_steps JOIN copies WHERE run = :run
"""


def ask() -> Iterator[Answer]:
    """Milliseconds on the clock."""
    few, many = _page(FEW), _page(MANY)
    yield less_is_better(f"a run's page over {MANY:,} steps", many, few, f"{FEW:,} steps", "ms")


def _page(steps: int) -> float:
    with tempfile.TemporaryDirectory() as folder, open_world(Path(folder)) as world:
        live_a_week(world, days=2)
        run = _repeat(world, steps)
        with door_of(world) as visitor:
            visitor.enter()
            taken = []
            for _ in range(VISITS):
                began = time.perf_counter()
                assert visitor.get(f"/runs/{run}").status_code == 200
                taken.append((time.perf_counter() - began) * 1000)
    return statistics.median(taken)


def _repeat(world: World, steps: int) -> str:
    """The run that has the most steps, repeated until so many are stored."""
    with world.desk.transactions.begin() as t:
        counted = "SELECT run, count(*) AS steps FROM run_steps GROUP BY run ORDER BY 2 DESC, 1 LIMIT 1"
        found = unit(t).execute(text(counted)).mappings().one()
        run, each = str(found["run"]), int(found["steps"])
        stated = {"run": run, "copies": steps // each, "contracts": CONTRACTS}
        for table in (RUNS, STEPS):
            unit(t).execute(text(table.replace("SELECT", f"{REPEATED} SELECT", 1)), stated)
        stored = unit(t).execute(text("SELECT count(*) FROM run_steps")).scalar_one()
    assert stored >= steps, stored
    return run
