"""One code base on two sets of parts: PostgreSQL, Celery and S3 in three processes trade like SQLite, threads
and a folder in one, also when the queue loses or repeats what it carries."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from glassdesk.composition.simulation import start_simulator
from glassdesk.settings import load
from tests.journeys import stage
from tests.journeys.person import CAUGHT
from tests.servers import objects, postgres, valkey

pytestmark = [pytest.mark.journey, pytest.mark.services, pytest.mark.process, pytest.mark.slow]

START, DAYS = date(2012, 10, 9), 8
PATIENCE = 240.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Journey:
    """What was told at the end of the same days on both sets of parts."""

    distributed: dict[str, Any]
    embedded: dict[str, Any]
    said: str
    """What the person at the distributed desk said on the way."""
    codes: dict[str, int]
    """Exit codes of the roles after SIGTERM."""
    logs: dict[str, str]
    home: Path


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
    began = time.monotonic()
    with _home(folder / "three") as home:
        said, codes = _three_processes(home, folder, parts, queue)
    middle = time.monotonic()
    with _home(folder / "one") as alone:
        person = _person(alone, folder / "one.log", {}, "--embedded")
        told, _ = person.communicate(timeout=PATIENCE)
        assert person.returncode == 0, (folder / "one.log").read_text()[-3000:]
    print(f"distributed {middle - began:.1f} s, embedded {time.monotonic() - middle:.1f} s")
    Path("/tmp/journey.json").write_text(
        json.dumps([json.loads(said.splitlines()[-1]), json.loads(told.splitlines()[-1])])
    )
    logs = {file.stem: file.read_text(errors="replace") for file in folder.glob("*.log")}
    return Journey(
        distributed=json.loads(said.splitlines()[-1]),
        embedded=json.loads(told.splitlines()[-1]),
        said=said,
        codes=codes,
        logs=logs,
        home=home,
    )


@contextmanager
def _home(folder: Path) -> Iterator[Path]:
    start_simulator(load(folder, simulator_start=START), speed=None)
    try:
        yield folder
    finally:
        stage.Home(folder=folder).end_simulator()


def _three_processes(
    home: Path, folder: Path, parts: dict[str, str], queue: str
) -> tuple[str, dict[str, int]]:
    with ExitStack() as running:
        person = _person(home, folder / "person.log", parts, "--queue", queue)
        running.callback(person.kill)
        assert person.stdout is not None
        first = person.stdout.readline()
        assert first == "seated\n", (folder / "person.log").read_text()[-3000:]
        roles = {name: _role(name, home, folder, parts) for name in ("dealer", "worker")}
        for role in roles.values():
            running.callback(role.kill)
        said, _ = person.communicate(timeout=PATIENCE)
        logs = "\n".join((folder / f"{name}.log").read_text()[-3000:] for name in ("person", *roles))
        assert person.returncode == 0, logs
        return said, {name: _told_to_end(role) for name, role in roles.items()}


def _person(home: Path, log: Path, parts: dict[str, str], *words: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.journeys.person", str(home), "--days", str(DAYS), *words]
    with log.open("w") as stream:
        return subprocess.Popen(
            command,
            cwd=stage.ROOT,
            env=stage.environment(**parts),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=stream,
            text=True,
        )


def _role(name: str, home: Path, folder: Path, parts: dict[str, str]) -> subprocess.Popen[bytes]:
    with (folder / f"{name}.log").open("wb") as stream:
        return subprocess.Popen(
            [str(stage.PROGRAM), name, "--home", str(home)],
            cwd="/",
            env=stage.environment(**parts),
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=stream,
        )


def _told_to_end(role: subprocess.Popen[bytes]) -> int:
    print(
        subprocess.run(["ps", "-eo", "pid,ppid,time,etimes,args"], capture_output=True, text=True).stdout
        if role.args[1] == "dealer"
        else ""
    )
    os.kill(role.pid, signal.SIGTERM)
    return role.wait(timeout=30)


SAME = ("runs", "orders", "executions", "positions", "equity", "calls", "broker")


@pytest.mark.parametrize("what", SAME)
def test_both_sets_of_parts_tell_the_same(journey: Journey, what: str) -> None:
    assert journey.distributed[what] == journey.embedded[what]


def test_the_days_hold_entries_and_exits(journey: Journey) -> None:
    roles = {execution[1] for execution in journey.embedded["executions"]}
    assert "entry" in roles
    assert roles & {"exit", "stop", "target"}


def test_lineage_is_the_same_to_the_last_hash_though_the_runs_are_others(journey: Journey) -> None:
    ours, theirs = journey.distributed, journey.embedded
    assert ours["deployment"] != theirs["deployment"]
    assert not set(ours["run_ids"]) & set(theirs["run_ids"])
    assert _different(ours["lineage"], theirs["lineage"]) == []
    assert len(ours["lineage"]) > 7 * len(ours["run_ids"])


def _different(ours: list[list[str]], theirs: list[list[str]]) -> list[list[str]]:
    """Nodes that only one side has, without what differs only above them."""
    one, other = {tuple(node[1:3]) for node in ours}, {tuple(node[1:3]) for node in theirs}
    return [node for node in [*ours, *theirs] if tuple(node[1:3]) in one ^ other]


@pytest.mark.parametrize("side", ["distributed", "embedded"])
def test_every_hash_holds_and_the_audit_chain_too(journey: Journey, side: str) -> None:
    told = getattr(journey, side)
    assert told["findings"] == []
    assert told["audited"] > 0


def test_the_desk_agrees_with_the_broker(journey: Journey) -> None:
    told = journey.distributed
    assert told["broker"]["executions"] == len(told["executions"])
    assert told["broker"]["orders"] == told["sent"]


def test_messages_were_lost_with_the_whole_queue_and_others_came_several_times(journey: Journey) -> None:
    said = dict(line.split() for line in journey.said.splitlines()[:-1])
    assert said == {"lost": str(CAUGHT), "doubled": str(CAUGHT)}
    assert journey.distributed["losses"] == 0, "no claim ended without a result"


def test_both_roles_leave_in_order_when_told(journey: Journey) -> None:
    assert journey.codes == {"dealer": 0, "worker": 0}
    assert "worker ended" in journey.logs["worker"]
    assert "dealer ended" in journey.logs["dealer"]
    assert not (journey.home / "gate.json").exists()
    for name in ("dealer", "worker"):
        assert "Traceback" not in journey.logs[name]
    assert time.monotonic() > 0
