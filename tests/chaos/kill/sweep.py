"""A campaign of kill points: spread over scenes and over the whole range of each scene's system calls."""

from __future__ import annotations

import json
import os
import shutil
import traceback
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import redis

from tests.chaos.kill.checks import CHECKS, violations
from tests.chaos.kill.databases import Databases
from tests.chaos.kill.evidence import gathered
from tests.chaos.kill.point import Played, Point, Range, ended, played, range_of
from tests.chaos.kill.proxy import Break, Cut
from tests.chaos.kill.scenes import SCENES, Prepared, Scene, prepared

DEPLOYMENT = "tests"
OUTAGES = (timedelta(0), timedelta(seconds=20), timedelta(seconds=70))
_PAGE = "pwrite64:"
AT_LEAST = 4
"""Points a scene is worth preparing for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What the product stands on: where its rows are, and which queue rings its workers."""

    databases: Databases
    queue: str = ""
    """`redis://…`; without one workers ring by threads of their own."""

    def settings(self) -> dict[str, str]:
        """For every process of a story; the queue is emptied."""
        plain = {"deployment": DEPLOYMENT}
        if not self.queue:
            return plain
        with redis.Redis.from_url(self.queue) as queue:
            queue.flushdb()
        return plain | {"jobs_url": self.queue}


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One point, as the report keeps it."""

    scene: str
    kills: tuple[str, ...]
    outage: float
    victim: str
    cut: str
    """`12:after`: the wire breaks so at the twelfth commit; empty where it holds."""
    killed: int
    broke: bool
    orders: int
    """Orders of ours that the broker accepted."""
    violations: tuple[str, ...]

    @property
    def struck(self) -> bool:
        """Somebody died, or the wire broke."""
        return self.killed > 0 or self.broke

    @property
    def replay(self) -> str:
        """The command that plays it again."""
        at = ",".join(self.kills)
        kills = f"--at {at} --victim {self.victim} --outage {self.outage:g}" if self.kills else ""
        cut = f"--cut {self.cut} --on postgres" if self.cut else ""
        return " ".join(f"python -m tests.chaos.kill --scene {self.scene} {kills} {cut}".split())


@dataclass(slots=True, kw_only=True)
class Report:
    """A whole campaign."""

    results: list[Result] = field(default_factory=list)
    ranges: dict[str, dict[str, dict[str, int]]] = field(default_factory=dict)
    """Calls of each name and commits of each scene when nothing breaks: over these the points are spread."""

    @property
    def struck(self) -> list[Result]:
        """Points at which something broke; the story of the others was over before."""
        return [one for one in self.results if one.struck]

    @property
    def violated(self) -> list[Result]:
        return [one for one in self.results if one.violations]

    def rows(self) -> dict[str, object]:
        """As `build/chaos-kill.json` has it."""
        return {
            "points": len(self.struck),
            "broker_orders": sum(one.orders for one in self.results),
            "killed": sum(one.killed > 0 for one in self.results),
            "killed_twice": sum(one.killed > 1 for one in self.results),
            "killed_roles": dict(Counter(one.victim for one in self.results if one.killed)),
            "cut": dict(Counter(one.cut.partition(":")[2] for one in self.results if one.broke)),
            "missed": len(self.results) - len(self.struck),
            "violations": [asdict(one) | {"replay": one.replay} for one in self.violated],
            "killed_at": dict(Counter(one.kills[0].partition(":")[0] for one in self.struck if one.kills)),
            "by_scene": dict(Counter(one.scene for one in self.struck)),
            "ranges": self.ranges,
            "invariants": list(CHECKS),
        }


def chosen(points: int, seed: int) -> Sequence[tuple[Scene, int]]:
    """Scenes with their numbers of points. Where there are few, each campaign takes others in turn."""
    count = max(1, min(len(SCENES), points // AT_LEAST))
    picked = [SCENES[(seed * count + index) % len(SCENES)] for index in range(count)]
    each, more = divmod(points, count)
    return [(scene, each + (index < more)) for index, scene in enumerate(picked)]


def spread(found: Range, points: int, seed: int) -> list[Point]:
    """Points over the whole range, by turns of each role and by turns of all calls and of those that are no
    page of a database: messages and syncs, which would be one in ten. Every third dies again while its first
    death is mended; where there is a wire to cut, every third breaks that instead."""
    return [_point(found, index, points, seed) for index in range(points)]


def _point(found: Range, index: int, points: int, seed: int) -> Point:
    victim = list(found.calls)[(index + seed) % len(found.calls)]
    calls = _eligible(found.calls[victim], index)
    at = _along(len(calls), index, points, seed) - 1
    outage = OUTAGES[(index + seed) % len(OUTAGES)]
    if index % 3 == 2:
        again = (at * 7 + seed) % max(1, len(calls) // 2)
        return Point(kills=(calls[at], calls[again]), outage=outage, victim=victim)
    if found.commits and index % 3 == 1:
        kind = list(Break)[(index // 3 + seed) % len(Break)]
        cut = Cut(commit=_along(found.commits, index, points, seed), kind=kind)
        return Point(kills=(), outage=outage, cut=cut)
    return Point(kills=(calls[at],), outage=outage, victim=victim)


def _eligible(calls: Sequence[str], index: int) -> Sequence[str]:
    rarer = [one for one in calls if not one.startswith(_PAGE)]
    return rarer if rarer and index % 2 else calls


def _along(whole: int, index: int, points: int, seed: int) -> int:
    """The place of one of so many points; another seed shifts it within its stretch."""
    return 1 + (whole - 1) * index // points + seed % max(1, whole // points)


def campaign(
    points: int, folder: Path, make: Callable[[int], Ground], *, seed: int = 1, shards: int = 2
) -> Report:
    """Play so many points, each shard its share of the scenes in a process of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    plan = chosen(points, seed)
    children = [_forked(plan[n::shards], folder / str(n), make(n), seed) for n in range(shards)]
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


def _forked(plan: Sequence[tuple[Scene, int]], folder: Path, ground: Ground, seed: int) -> int:
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        folder.mkdir(parents=True)
        report = _played(plan, folder, ground, seed)
        rows = {"ranges": report.ranges, "results": [asdict(one) for one in report.results]}
        (folder / "results.json").write_text(json.dumps(rows))
        code = 0
    except Exception:  # noqa: BLE001 - the parent says what it was
        (folder / "failure.txt").write_text(traceback.format_exc())
    finally:
        os._exit(code)


def _played(plan: Sequence[tuple[Scene, int]], folder: Path, ground: Ground, seed: int) -> Report:
    report = Report()
    for scene, points in plan:
        with prepared(scene, folder / scene.name, ground.databases) as ready:
            found = range_of(ready, folder / f"{scene.name}-range", **ground.settings())
            report.ranges[scene.name] = _counts(found)
            for number, point in enumerate(spread(found, points, seed)):
                report.results.append(one_point(ready, folder / f"{scene.name}-{number}", point, ground))
    return report


def _counts(found: Range) -> dict[str, dict[str, int]]:
    calls = {
        role: dict(Counter(one.partition(":")[0] for one in calls)) for role, calls in found.calls.items()
    }
    return {**calls, "wire": {"commits": found.commits}}


def one_point(ready: Prepared, home: Path, point: Point, ground: Ground) -> Result:
    """Play it and judge; the home stays where something was violated."""
    with played(ready, home, point, **ground.settings()) as story:
        found, orders = _judged(story, ready.scene.roles)
    if not found:
        shutil.rmtree(home)
    return Result(
        scene=ready.scene.name,
        kills=point.kills,
        outage=point.outage.total_seconds(),
        cut=f"{point.cut.commit}:{point.cut.kind}" if point.cut else "",
        victim=point.victim,
        killed=story.killed,
        broke=story.broke,
        orders=orders,
        violations=tuple(found),
    )


def _judged(story: Played, roles: Collection[str]) -> tuple[list[str], int]:
    """What contradicts an invariant, and how many orders of ours the broker accepted."""
    found = list(story.complaints)
    for role in roles:
        said = (story.home / f"{role}.log").read_text(errors="replace")
        if "Traceback" in said:
            found.append(f"the {role} complained: {said[-1500:]}")
    seen = gathered(story.database, story.endpoint)
    try:
        return found + violations(seen), len(seen.ours)
    finally:
        seen.engine.dispose()


def _take_in(report: Report, rows: dict[str, Any]) -> None:
    report.ranges |= rows["ranges"]
    for one in rows["results"]:
        words = {"kills": tuple(one["kills"]), "violations": tuple(one["violations"])}
        report.results.append(Result(**(one | words)))
