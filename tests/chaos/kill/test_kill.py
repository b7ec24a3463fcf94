"""The dealer dies at system calls, by a real SIGKILL, and begins again over the files it left: never two
orders for one intent, none lost, and the books are the broker's."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.chaos.kill.point import Range, numbered
from tests.chaos.kill.proxy import Break
from tests.chaos.kill.scenes import SCENES
from tests.chaos.kill.sweep import AT_LEAST, chosen, spread
from tests.servers.starting import absent

ROOT = Path(__file__).resolve().parents[3]
POINTS = 20
"""The short form; `make chaos-kill` plays 500."""


def _program(*words: str) -> str:
    """What it said. It forks, which a process with threads should not: so it is one of its own."""
    if shutil.which("strace") is None:
        absent("strace, which kills at system calls,")
    command = [sys.executable, "-m", "tests.chaos.kill", *words]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stdout + told.stderr
    return told.stdout


@pytest.mark.slow
@pytest.mark.process
def test_the_dealer_is_killed_at_system_calls_and_nothing_is_doubled_or_lost(tmp_path: Path) -> None:
    # Another day takes other scenes and other calls; the same day always the same.
    day, out = datetime.now(UTC).date().toordinal(), tmp_path / "kill.json"
    _program("--points", str(POINTS), "--seed", str(day), "--out", str(out))
    report = json.loads(out.read_text())
    assert report["violations"] == []
    assert report["points"] >= POINTS * 0.8
    assert report["killed_twice"] > 0
    assert len(report["by_scene"]) == POINTS // AT_LEAST


@pytest.mark.slow
@pytest.mark.process
def test_a_dealer_that_nobody_kills_plays_a_scene_to_its_end() -> None:
    assert _program("--scene", "entry-filled").splitlines() == [
        "entry-filled at (): killed 0 times, 3 orders at the broker",
        "nothing violated",
    ]


def test_few_points_take_scenes_in_turn_and_many_take_all() -> None:
    first, second = ([scene.name for scene, _ in chosen(20, seed)] for seed in (1, 2))
    assert not set(first) & set(second)
    assert {scene.name for scene, _ in chosen(500, 1)} == {scene.name for scene in SCENES}
    assert all(sum(count for _, count in chosen(points, 3)) == points for points in (1, AT_LEAST, 50, 500))


def _numbered(pages: int, messages: int) -> tuple[str, ...]:
    """Calls of a busy thread: ten pages, a message, ten pages, …"""
    every = pages // messages
    return numbered("sendto" if n % (every + 1) == every else "pwrite64" for n in range(pages + messages))


def test_points_are_spread_over_the_whole_range_and_some_die_twice() -> None:
    calls = _numbered(300, 30)
    points = spread(Range(calls={"dealer": calls}, commits=0), 30, seed=5)
    places = [calls.index(one.kills[0]) for one in points]
    assert min(places) <= 10
    assert max(places) >= 300
    assert sum(len(one.kills) == 2 for one in points) == 10
    assert len({one.outage for one in points}) == 3


def test_half_of_the_points_are_no_pages_of_a_database() -> None:
    points = spread(Range(calls={"dealer": _numbered(300, 30)}, commits=0), 30, seed=5)
    names = Counter(one.kills[0].partition(":")[0] for one in points)
    assert names["sendto"] >= 15
    assert names["pwrite64"] >= 10


def test_a_call_is_known_by_its_name_and_by_how_often_it_has_come() -> None:
    assert numbered(["write", "sendto", "write"]) == ("write:1", "sendto:1", "write:2")


def test_where_there_is_a_wire_every_third_point_cuts_it_and_roles_die_by_turns() -> None:
    roles = {"dealer": _numbered(300, 30), "worker": numbered(["sendmsg"] * 100)}
    points = spread(Range(calls=roles, commits=60), 30, seed=5)
    cuts = [one.cut for one in points if one.cut is not None]
    assert len(cuts) == 10
    assert {one.kind for one in cuts} == set(Break)
    assert all(1 <= one.commit <= 60 for one in cuts)
    assert {one.victim for one in points if one.kills} == {"dealer", "worker"}
    assert all(one.kills[0] in roles[one.victim] for one in points if one.kills)
