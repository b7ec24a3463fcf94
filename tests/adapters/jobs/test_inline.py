"""The bell of an embedded desk: nothing twice at once, nothing lost silently, and an orderly end."""

from __future__ import annotations

import logging
import threading
import time

import pytest

from glassdesk.adapters.jobs import InlineJobs


class Doors:
    """Executions that wait until they are let go."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.at_once = 0
        self.most_at_once = 0
        self.go = threading.Event()
        self._lock = threading.Lock()

    def execute(self, run: str) -> None:
        with self._lock:
            self.begun.append(run)
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
        self.go.wait(10)
        with self._lock:
            self.at_once -= 1

    def wait_for(self, count: int) -> None:
        until = time.monotonic() + 10
        while len(self.begun) < count:
            assert time.monotonic() < until, self.begun
            time.sleep(0.002)


def test_a_run_that_waits_is_not_queued_again() -> None:
    doors = Doors()
    jobs = InlineJobs(doors.execute, threads=1)
    jobs.ring("first")
    doors.wait_for(1)
    for _ in range(5):
        jobs.ring("second")
    doors.go.set()
    assert jobs.wait(10)
    assert doors.begun == ["first", "second"]
    jobs.close()


def test_a_run_is_never_executed_twice_at_once_but_once_more_when_rung_meanwhile() -> None:
    doors = Doors()
    jobs = InlineJobs(doors.execute, threads=4)
    jobs.ring("run")
    doors.wait_for(1)
    for _ in range(3):
        jobs.ring("run")
    time.sleep(0.02)
    assert doors.begun == ["run"]
    doors.go.set()
    assert jobs.wait(10)
    assert doors.begun == ["run", "run"]
    assert doors.most_at_once == 1
    jobs.close()


def test_as_many_run_at_once_as_there_are_threads_and_no_more() -> None:
    doors = Doors()
    jobs = InlineJobs(doors.execute, threads=3)
    for number in range(9):
        jobs.ring(str(number))
    doors.wait_for(3)
    time.sleep(0.02)
    assert len(doors.begun) == 3
    doors.go.set()
    assert jobs.wait(10)
    assert sorted(doors.begun) == [str(number) for number in range(9)]
    assert doors.most_at_once == 3
    jobs.close()


def test_an_exception_is_logged_with_its_run(caplog: pytest.LogCaptureFixture) -> None:
    def fail(run: str) -> None:
        raise ValueError("no bars")

    jobs = InlineJobs(fail, threads=1)
    with caplog.at_level(logging.ERROR):
        jobs.ring("run-7")
        assert jobs.wait(10)
    jobs.close()
    assert "run-7" in caplog.text
    assert "no bars" in caplog.text


def test_closing_finishes_what_was_taken_and_takes_no_more() -> None:
    done: list[str] = []
    jobs = InlineJobs(done.append, threads=2)
    for number in range(20):
        jobs.ring(str(number))
    jobs.close()
    jobs.ring("late")
    assert sorted(done) == sorted(str(number) for number in range(20))
    assert [thread.name for thread in threading.enumerate() if thread.name.startswith("run-")] == []


def test_closing_does_not_wait_for_ever() -> None:
    doors = Doors()
    jobs = InlineJobs(doors.execute, threads=1)
    jobs.ring("stuck")
    doors.wait_for(1)
    began = time.monotonic()
    jobs.close(timeout=0.05)
    assert time.monotonic() - began < 5
    doors.go.set()


def test_a_desk_without_runs_has_no_threads() -> None:
    before = threading.active_count()
    jobs = InlineJobs(print)
    assert threading.active_count() == before
    jobs.close()
