"""Laws of the door-bell: a run rung for is executed, ringing never hurts, and never raises."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from celery.worker import state as worker_state

from glassdesk.adapters.jobs import CeleryBell, InlineJobs, celery_app
from glassdesk.kernel.jobs import Bell
from tests.servers import valkey

BELLS = ["inline", pytest.param("celery", marks=pytest.mark.services)]


class Heard:
    """What was executed, and a way to wait for it."""

    def __init__(self) -> None:
        self.runs: list[str] = []
        self._changed = threading.Condition()

    def execute(self, run: str) -> None:
        with self._changed:
            self.runs.append(run)
            self._changed.notify_all()
        if run.startswith("broken"):
            raise ValueError(run)

    def wait_for(self, *runs: str) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: set(runs) <= set(self.runs), 20), self.runs


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture(params=BELLS)
def bell(request: pytest.FixtureRequest, heard: Heard) -> Iterator[Bell]:
    if request.param == "inline":
        jobs = InlineJobs(heard.execute, threads=4)
        yield jobs
        jobs.close()
        return
    with ExitStack() as opened:
        yield opened.enter_context(working_celery(heard.execute))


class working_celery:  # noqa: N801 - read as a verb
    """A Celery worker on a real queue, on a thread of this process."""

    def __init__(self, execute: Callable[[str], None]) -> None:
        self._app: Any = celery_app(valkey.fresh_url(), execute)
        self._worker: Any = None

    def __enter__(self) -> CeleryBell:
        self._worker = self._app.WorkController(
            pool="threads", concurrency=4, without_gossip=True, without_mingle=True, without_heartbeat=True
        )
        self._thread = threading.Thread(target=self._worker.start, daemon=True)
        self._thread.start()
        return CeleryBell(self._app)

    def __exit__(self, *_: object) -> None:
        self._worker.stop()
        self._thread.join(10)
        self._app.close()
        # Celery remembers for the whole process that a worker was asked to stop
        worker_state.should_stop = worker_state.should_terminate = None


def test_every_run_rung_for_is_executed(bell: Bell, heard: Heard) -> None:
    runs = [f"run-{number}" for number in range(20)]
    for run in runs:
        bell.ring(run)
    heard.wait_for(*runs)
    assert Counter(heard.runs) == Counter(runs)


def test_one_broken_run_does_not_stop_the_others(bell: Bell, heard: Heard) -> None:
    for run in ("broken-1", "broken-2", "whole"):
        bell.ring(run)
    heard.wait_for("broken-1", "broken-2", "whole")


def test_a_run_may_be_rung_for_again_when_it_is_done(bell: Bell, heard: Heard) -> None:
    bell.ring("run")
    heard.wait_for("run")
    heard.runs.clear()
    bell.ring("run")
    heard.wait_for("run")


def test_bells_may_be_rung_from_many_threads(bell: Bell, heard: Heard) -> None:
    runs = [f"run-{number}" for number in range(12)]
    ringing = [threading.Thread(target=bell.ring, args=[run]) for run in runs]
    for thread in ringing:
        thread.start()
    for thread in ringing:
        thread.join()
    heard.wait_for(*runs)
