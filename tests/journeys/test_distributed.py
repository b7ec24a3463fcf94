"""One code base on two sets of parts: PostgreSQL, Celery and S3 in processes of their own trade like SQLite,
threads and a folder in one, also when the queue loses or repeats what it carries and a worker leaves."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import psycopg
import pytest

from glassdesk.composition.simulation import start_simulator
from glassdesk.settings import load
from tests.journeys import stage
from tests.journeys.person import CAUGHT
from tests.servers import objects, postgres, valkey

pytestmark = [pytest.mark.journey, pytest.mark.services, pytest.mark.process, pytest.mark.slow]

START, DAYS = date(2012, 10, 9), 8
"""Five brackets: three stopped out, one sold at its target by a SELL signal, one never filled."""
CHANGE = 4
"""On the evening of this day another dealer takes over; the next morning one of two workers is told to go, in
the middle of a run."""
PATIENCE = 240.0
FIRST = {"dealer": "dealer", "staying": "worker", "leaving": "worker", "web": "web"}
ROLES = FIRST | {"successor": "dealer"}
"""Processes of the distributed desk and the role of each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Journey:
    """What was told at the end of the same days on both sets of parts."""

    distributed: dict[str, Any]
    embedded: dict[str, Any]
    queue: dict[str, int]
    """Messages that were lost and that were doubled."""
    codes: dict[str, int]
    """Exit codes of the processes after SIGTERM."""
    logs: dict[str, str]
    page: int
    """The web process's answer to a stranger."""
    home: Path


class Desk:
    """A desk in several processes, run through the same days as its embedded twin."""

    def __init__(self, home: Path, parts: dict[str, str]) -> None:
        self._home = home
        self._environment = stage.environment(**parts)
        self.codes: dict[str, int] = {}
        self.page = 0
        self._processes: dict[str, subprocess.Popen[str]] = {}

    def play(self, queue: str) -> list[str]:
        """The days, and then the end of every process. Answers what the person said."""
        with ExitStack() as running:
            person = self._started(
                running, "person", _person(self._home, "--queue", queue, "--change", str(CHANGE))
            )
            said = [self._line(person)]
            for name in FIRST:
                self._begin(running, name)
            while line := self._line(person):
                said.append(line)
                if line == f"day {CHANGE}":
                    self._change(running)
            assert person.wait(timeout=PATIENCE) == 0, self.log("person") + self.log("successor")
            for name in ("staying", "web", "successor"):
                self._end(name)
        return said

    def _change(self, running: ExitStack) -> None:
        self.page = self._visit()
        self._end("dealer")
        assert not (self._home / "gate.json").exists(), "a dealer that left still announces its gate"
        self._begin(running, "successor")
        self._wait_for_a_run_of("leaving")
        self._end("leaving")

    def _wait_for_a_run_of(self, name: str) -> None:
        url = self._environment["GLASSDESK_DATABASE_URL"].replace("+psycopg", "")
        mine = f"worker-{self._processes[name].pid}-%"
        until = time.monotonic() + PATIENCE
        with psycopg.connect(url, autocommit=True) as database:
            while not database.execute(
                "SELECT 1 FROM runs WHERE state = 'running' AND lease_owner LIKE %s", [mine]
            ).fetchone():
                assert time.monotonic() < until, f"{name} never had a run"
                time.sleep(0.005)

    def _begin(self, running: ExitStack, name: str) -> None:
        port = ["--port", "0"] if name == "web" else []
        command = [str(stage.PROGRAM), ROLES[name], "--home", str(self._home), *port]
        self._started(running, name, command, told=False)

    def log(self, name: str) -> str:
        return (self._home / f"{name}.log").read_text(errors="replace")

    def _started(
        self, running: ExitStack, name: str, command: list[str], *, told: bool = True
    ) -> subprocess.Popen[str]:
        with (self._home / f"{name}.log").open("w") as log:
            process = subprocess.Popen(
                command,
                cwd=stage.ROOT,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE if told else log,
                stderr=log,
                text=True,
            )
        running.callback(_killed, process)
        self._processes[name] = process
        return process

    @staticmethod
    def _line(person: subprocess.Popen[str]) -> str:
        assert person.stdout is not None
        return person.stdout.readline().rstrip("\n")

    def _end(self, name: str) -> None:
        process = self._processes[name]
        os.kill(process.pid, signal.SIGTERM)
        self.codes[name] = process.wait(timeout=60)

    def _visit(self) -> int:
        found = re.search(r"is at (http://\S+)", self.log("web"))
        assert found, self.log("web")
        with urllib.request.urlopen(f"{found[1]}/sign-in", timeout=20) as answer:  # noqa: S310 - loopback
            return int(answer.status)


def _killed(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.wait()
    if process.stdout is not None:
        process.stdout.close()


def _person(home: Path, *words: str) -> list[str]:
    return [sys.executable, "-m", "tests.journeys.person", str(home), "--days", str(DAYS), *words]


@pytest.fixture(scope="module")
def journey(tmp_path_factory: pytest.TempPathFactory) -> Journey:
    folder = tmp_path_factory.mktemp("distributed")
    queue, bucket = valkey.fresh_url(), objects.rclone_bucket()
    parts = {
        "GLASSDESK_DATABASE_URL": postgres.server().empty_database(),
        "GLASSDESK_ARTIFACTS_URL": bucket.url,
        "GLASSDESK_S3_ENDPOINT": bucket.endpoint,
        "GLASSDESK_S3_KEY": bucket.key,
        "GLASSDESK_S3_SECRET": bucket.secret,
        "GLASSDESK_JOBS_URL": queue,
    }
    with _home(folder / "many") as home:
        desk = Desk(home, parts)
        *said, books = desk.play(queue)
    caught = dict(line.split() for line in said if line.startswith(("lost", "doubled")))
    return Journey(
        distributed=json.loads(books),
        embedded=_embedded(folder / "one"),
        queue={name: int(count) for name, count in caught.items()},
        codes=desk.codes,
        logs={name: desk.log(name) for name in ROLES},
        page=desk.page,
        home=home,
    )


def _embedded(folder: Path) -> dict[str, Any]:
    with _home(folder) as home:
        told = subprocess.run(
            _person(home, "--embedded"),
            cwd=stage.ROOT,
            env=stage.environment(),
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
    assert told.returncode == 0, told.stderr[-3000:]
    books: dict[str, Any] = json.loads(told.stdout.splitlines()[-1])
    return books


@contextmanager
def _home(folder: Path) -> Iterator[Path]:
    start_simulator(load(folder, simulator_start=START), speed=None)
    try:
        yield folder
    finally:
        stage.Home(folder=folder).end_simulator()


@pytest.mark.parametrize(
    "what", ["runs", "orders", "executions", "positions", "equity", "calls", "broker", "sent"]
)
def test_both_sets_of_parts_tell_the_same(journey: Journey, what: str) -> None:
    assert journey.distributed[what] == journey.embedded[what]


def test_the_days_hold_entries_and_exits(journey: Journey) -> None:
    roles = [execution[1] for execution in journey.embedded["executions"]]
    assert roles.count("entry") == 4
    assert {"stop", "target"} <= set(roles)


def test_lineage_is_the_same_to_the_last_hash_though_the_runs_are_others(journey: Journey) -> None:
    ours, theirs = journey.distributed, journey.embedded
    assert ours["deployment"] != theirs["deployment"]
    assert not set(ours["run_ids"]) & set(theirs["run_ids"])
    assert _different(ours["lineage"], theirs["lineage"]) == []
    assert len(ours["lineage"]) > 9 * len(ours["run_ids"])


OF_THE_SEND = {"send_verdicts", "what_if"}
"""They tell of their own instant, which differs by what a reading took: books and answers of then."""


def _different(all_ours: list[list[str]], all_theirs: list[list[str]]) -> list[list[str]]:
    """Nodes whose kind and hash only one side has."""
    ours, theirs = ([node for node in side if node[1] not in OF_THE_SEND] for side in (all_ours, all_theirs))
    one, other = [sorted(node[1:3] for node in side) for side in (ours, theirs)]
    return [node for node in [*ours, *theirs] if one.count(list(node[1:3])) != other.count(list(node[1:3]))]


@pytest.mark.parametrize("side", ["distributed", "embedded"])
def test_every_hash_holds_and_the_audit_chain_too(journey: Journey, side: str) -> None:
    told = getattr(journey, side)
    assert told["findings"] == []
    assert told["audited"] > 0


def test_the_desk_agrees_with_the_broker(journey: Journey) -> None:
    told = journey.distributed
    assert told["broker"]["executions"] == len(told["executions"])
    assert told["broker"]["orders"] == told["sent"]


def test_messages_were_lost_with_all_the_queue_held_and_others_came_three_times(journey: Journey) -> None:
    assert journey.queue == {"lost": CAUGHT, "doubled": CAUGHT}


def test_rings_are_repeated_while_simulated_time_stands_so_no_run_begins_after_its_slot(
    journey: Journey,
) -> None:
    assert journey.distributed["late"] == []
    assert journey.embedded["late"] == []


def test_calls_made_for_runs_through_the_gate_are_filed_with_their_answers(journey: Journey) -> None:
    steps = {(run, step) for run, step, *_ in journey.distributed["calls"]}
    runs = {run for run, _ in steps}
    assert len(runs) == len(journey.distributed["run_ids"])
    assert {(run, "bars") for run in runs} <= steps


def test_every_process_leaves_in_order_when_told(journey: Journey) -> None:
    assert journey.codes == dict.fromkeys(ROLES, 0)
    for name in ROLES.keys() - {"web"}:
        assert journey.logs[name].splitlines()[-1] == f"{ROLES[name]} ended", journey.logs[name][-2000:]
        assert "Traceback" not in journey.logs[name]
    assert not (journey.home / "gate.json").exists()


def test_a_web_process_serves_beside_them(journey: Journey) -> None:
    assert journey.page == 200
