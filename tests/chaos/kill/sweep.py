"""A campaign of kill points: spread over scenes and over the whole range of each scene's system calls."""

from __future__ import annotations

import json
import os
import shutil
import traceback
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from tests.chaos.kill.checks import CHECKS, violations
from tests.chaos.kill.evidence import gathered
from tests.chaos.kill.point import Played, Point, calls_of, ended, played
from tests.chaos.kill.scenes import SCENES, Prepared, Scene, prepared

DEPLOYMENT = "tests"
OUTAGES = (timedelta(0), timedelta(seconds=20), timedelta(seconds=70))
AT_LEAST = 4
"""Points a scene is worth preparing for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One point, as the report keeps it."""

    scene: str
    kills: tuple[int, ...]
    outage: float
    killed: int
    violations: tuple[str, ...]

    @property
    def replay(self) -> str:
        """The command that plays it again."""
        kills = ",".join(map(str, self.kills))
        return f"python -m tests.chaos.kill --scene {self.scene} --at {kills} --outage {self.outage:g}"


@dataclass(slots=True, kw_only=True)
class Report:
    """A whole campaign."""

    results: list[Result] = field(default_factory=list)
    calls: dict[str, int] = field(default_factory=dict)
    """System calls of the busiest thread of each scene when nobody kills it: the range of the points."""

    @property
    def struck(self) -> list[Result]:
        """Points at which the dealer was killed; the story of the others was over before."""
        return [one for one in self.results if one.killed]

    @property
    def violated(self) -> list[Result]:
        return [one for one in self.results if one.violations]

    def rows(self) -> dict[str, object]:
        """As `build/chaos-kill.json` has it."""
        return {
            "points": len(self.struck),
            "second_kills": sum(one.killed > 1 for one in self.results),
            "missed": len(self.results) - len(self.struck),
            "violations": [asdict(one) | {"replay": one.replay} for one in self.violated],
            "by_scene": dict(Counter(one.scene for one in self.struck)),
            "calls": self.calls,
            "invariants": list(CHECKS),
        }


def chosen(points: int, seed: int) -> Sequence[tuple[Scene, int]]:
    """Scenes with their numbers of points. Where there are few, each campaign takes others in turn."""
    count = max(1, min(len(SCENES), points // AT_LEAST))
    picked = [SCENES[(seed * count + index) % len(SCENES)] for index in range(count)]
    each, more = divmod(points, count)
    return [(scene, each + (index < more)) for index, scene in enumerate(picked)]


def spread(calls: int, points: int, seed: int) -> list[Point]:
    """Points over the whole range, every third with a second death while the first is mended."""
    found = []
    for index in range(points):
        at = 1 + (calls - 1) * index // points + seed % max(1, calls // points)
        again = (1 + (at * 7 + seed) % max(2, calls // 2),) if index % 3 == 2 else ()
        found.append(Point(kills=(at, *again), outage=OUTAGES[(index + seed) % len(OUTAGES)]))
    return found


def campaign(points: int, folder: Path, *, seed: int = 1, shards: int = 2) -> Report:
    """Play so many points, each shard its share of the scenes in a process of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    plan = chosen(points, seed)
    children = [_forked(plan[shard::shards], folder / str(shard), seed) for shard in range(shards)]
    try:
        codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
    except BaseException:
        for child in children:
            ended(child)
        raise
    report = Report()
    for shard, code in enumerate(codes):
        assert code == 0, (folder / str(shard) / "failure.txt").read_text()
        _take_in(report, json.loads((folder / str(shard) / "results.json").read_text()))
    return report


def _forked(plan: Sequence[tuple[Scene, int]], folder: Path, seed: int) -> int:
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        folder.mkdir(parents=True)
        report = _played(plan, folder, seed)
        rows = {"calls": report.calls, "results": [asdict(one) for one in report.results]}
        (folder / "results.json").write_text(json.dumps(rows))
        code = 0
    except Exception:  # noqa: BLE001 - the parent says what it was
        (folder / "failure.txt").write_text(traceback.format_exc())
    finally:
        os._exit(code)


def _played(plan: Sequence[tuple[Scene, int]], folder: Path, seed: int) -> Report:
    report = Report()
    for scene, points in plan:
        with prepared(scene, folder / scene.name) as ready:
            calls = calls_of(ready, folder / f"{scene.name}-calls", deployment=DEPLOYMENT)
            report.calls[scene.name] = calls
            for number, point in enumerate(spread(calls, points, seed)):
                report.results.append(one_point(ready, folder / f"{scene.name}-{number}", point))
    return report


def one_point(ready: Prepared, home: Path, point: Point) -> Result:
    """Play it and judge; the home stays where something was violated."""
    with played(ready, home, point, deployment=DEPLOYMENT) as story:
        found = tuple(_judged(story))
    if not found:
        shutil.rmtree(home)
    return Result(
        scene=ready.scene.name,
        kills=point.kills,
        outage=point.outage.total_seconds(),
        killed=story.killed,
        violations=found,
    )


def _judged(story: Played) -> Iterator[str]:
    yield from story.complaints
    if "Traceback" in (story.home / "dealer.log").read_text(errors="replace"):
        yield f"the dealer complained: {story.home / 'dealer.log'}"
    seen = gathered(f"sqlite:///{story.home / 'glassdesk.sqlite'}", story.endpoint)
    try:
        yield from violations(seen)
    finally:
        seen.engine.dispose()


def _take_in(report: Report, rows: dict[str, Any]) -> None:
    report.calls |= rows["calls"]
    for one in rows["results"]:
        words = {"kills": tuple(one["kills"]), "violations": tuple(one["violations"])}
        report.results.append(Result(**(one | words)))
