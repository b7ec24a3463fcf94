"""What the dealer costs itself: from a reserved order to the wire, and a minute's work beside a long past.

The peer of each figure is the budget of the specification, or the same work with a short past: a cost that
grows with the rows shows as a ratio below 1.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from bench.answer import Answer, less_is_better
from glassdesk.adapters.database.order_tracking import DatabaseTrackingStore
from ibkr_simulator import certificate
from tests.chaos.recovery.past import Counted, counted, engine_of, until_it_may_send, with_a_past
from tests.faults.stage import ACCOUNT, MINUTE, SECOND, Stage, build

ROUNDS = 10
PASTS = ((33, 10), (333, 10), (333, 100))
"""Brackets and facts of each order: about 1,000, 10,000 and 100,000 facts."""
RECONCILED_SECONDS = 10.0
BOOKS_MS = 150.0


def ask() -> Iterator[Answer]:
    """On SQLite in memory, the real adapter over the simulator's world in one process."""
    yield from _to_the_wire()
    short: tuple[float, Counted] | None = None
    for brackets, facts in PASTS:
        with _stage(brackets, facts) as stage:
            rows = 3 * brackets * facts
            restarted, market = _reconciled(stage)
            spent = restarted + market.total_seconds()
            yield less_is_better(
                f"restart to reconciled, {rows:,} facts", spent, RECONCILED_SECONDS, "budget", "s"
            )
            minute = _minute(stage)
            short = short or minute
            yield less_is_better(
                f"own time of a minute's work, {rows:,} facts", minute[0], short[0], "1,000 facts", "ms"
            )
            yield less_is_better(
                f"statements of a minute's work, {rows:,} facts",
                minute[1].statements,
                short[1].statements,
                "1,000 facts",
                "statements",
            )
            anew, again = _books(stage)
            yield less_is_better(
                f"books when an execution came, {2 * brackets} executions", anew, BOOKS_MS, "budget", "ms"
            )
            yield less_is_better(
                f"books when none came, {2 * brackets} executions", again, BOOKS_MS, "budget", "ms"
            )


@contextmanager
def _stage(brackets: int, facts: int) -> Iterator[Stage]:
    with tempfile.TemporaryDirectory() as folder:
        os.environ.setdefault("IBKR_SIMULATOR_VIOLATIONS", str(Path(folder) / "violations.txt"))
        stage = build(certificate.ensure(Path(folder)), Path(folder), poll=6 * SECOND)
        stage.run(10 * SECOND)
        if brackets:
            with_a_past(stage, brackets, facts)
        yield stage
        stage.broker.close()
        stage.ground.stores.close()
        stage.world.truth.close()


def _to_the_wire() -> Iterator[Answer]:
    """From the pass that finds a reserved bracket to the answer written down: own time and commits."""
    times, commits = [], 0
    for _ in range(ROUNDS):
        with _stage(0, 0) as stage:
            stage.reserve_entry()
            began, before = time.process_time(), stage.placements()
            with counted(engine_of(stage)) as found:
                while stage.placements() == before:
                    due = stage.turn()
                    stage.travel(due or stage.now + SECOND)
            times.append((time.process_time() - began) * 1000)
            commits = found.commits
    yield less_is_better("reserve to wire, own time", sorted(times)[len(times) // 2], 150.0, "budget", "ms")
    yield less_is_better("reserve to wire and its answer, commits", commits, 14.0, "budget", "commits")


def _reconciled(stage: Stage) -> tuple[float, timedelta]:
    """Processor seconds and market time until a new dealer may send."""
    stage.restart()
    began = time.process_time()
    passed = until_it_may_send(stage)
    return time.process_time() - began, passed


def _minute(stage: Stage) -> tuple[float, Counted]:
    """A minute beside a fresh position: milliseconds of processor time, and what went to the database."""
    stage.a_position()
    began = time.process_time()
    with counted(engine_of(stage)) as found:
        stage.run(MINUTE)
    return (time.process_time() - began) * 1000, found


def _books(stage: Stage) -> tuple[float, float]:
    """Processor time of everything that Portfolio shows, in milliseconds: counted anew, and once more."""
    tracking = stage.ground.stores.tracking
    assert isinstance(tracking, DatabaseTrackingStore)
    tracking.forget()
    times = []
    for _ in range(2):
        began = time.process_time()
        stage.read(lambda t: stage.desk.portfolio.report(t, ACCOUNT, stage.now))
        times.append((time.process_time() - began) * 1000)
    return times[0], times[1]
