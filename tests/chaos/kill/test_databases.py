"""Kill points on PostgreSQL: the wire really breaks around a COMMIT, and copies are copies."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.chaos.kill.databases import name_of, target_of, through
from tests.chaos.kill.scenes import SCENES
from tests.servers.starting import absent

ROOT = Path(__file__).resolve().parents[3]
TCP = "postgresql+psycopg://postgres@127.0.0.1:5433/kill_0_3"
UNIX = "postgresql+psycopg://postgres:@/kill_0_3?host=/tmp/pg"


def test_a_server_is_found_by_its_url_and_reached_through_another_port() -> None:
    assert (target_of(TCP), target_of(UNIX)) == (("127.0.0.1", 5433), "/tmp/pg/.s.PGSQL.5432")
    assert name_of(TCP) == name_of(UNIX) == "kill_0_3"
    assert through(TCP, 6000) == through(UNIX, 6000) == TCP.replace("5433", "6000")


@pytest.mark.slow
@pytest.mark.process
@pytest.mark.services
def test_on_postgres_processes_die_and_wires_break_around_commits_and_the_books_are_the_brokers(
    tmp_path: Path,
) -> None:
    if shutil.which("strace") is None:
        absent("strace, which kills at system calls,")
    out = tmp_path / "kill.json"
    # So few points take one scene: the last, in which a worker decides.
    words = ["--on", "postgres", "--points", "6", "--seed", str(len(SCENES) - 1), "--out", str(out)]
    command = [sys.executable, "-m", "tests.chaos.kill", *words]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stdout + told.stderr
    report = json.loads(out.read_text())
    assert report["violations"] == []
    assert report["killed"] > 0
    assert sum(report["cut"].values()) > 0
