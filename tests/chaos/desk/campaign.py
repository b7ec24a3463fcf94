"""The whole desk's part of a campaign: seeds, some of them twice, and crash points of scenarios."""

from __future__ import annotations

import json
import os
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import groupby
from multiprocessing import get_context
from pathlib import Path
from typing import TypeVar

from ibkr_simulator import certificate
from tests.chaos.desk.draw import FAULTS, SWITCHES, draw
from tests.chaos.desk.play import Played, play
from tests.chaos.desk.scenarios import SCENARIOS
from tests.chaos.desk.sweep import Swept, run, sweep
from tests.chaos.registry import Share

Job = TypeVar("Job")
Answer = TypeVar("Answer")
OF_ALL = 10
"""One seed of the whole desk for so many of the order path."""
ALL_POINTS = 10_000
"""From so many seeds on every crash point of every scenario is tried."""
SOME_POINTS = 20
"""Below that, so many of each scenario's, evenly spread; which ones hangs on the campaign's first seed."""
AT_ONCE = 200
"""So many points are one process's job, where all are tried."""
LARGE = 50
"""From so many seeds on they are asked for enough orders, deaths and late arrivals."""
TWICE = 100
"""Of so many seeds one is played again in another process."""


@dataclass(slots=True)
class Sum:
    """What some seeds came to."""

    seeds: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    evaluations: Counter[str] = field(default_factory=Counter)
    struck: Counter[str] = field(default_factory=Counter)
    crash_steps: Counter[str] = field(default_factory=Counter)
    settings: Counter[str] = field(default_factory=Counter)
    hours: float = 0.0
    hashes: dict[int, str] = field(default_factory=dict)
    violations: list[str] = field(default_factory=list)

    def take(self, played: Played) -> None:
        """One seed more."""
        self.seeds += 1
        self.counts["crashes"] += played.crashes
        self.counts["orders"] += played.orders
        self.counts["adoptions"] += played.adoptions
        self.counts["late_arrivals"] += played.late
        self.hours += played.hours
        self.evaluations.update({name: one.evaluations for name, one in played.verdicts.items()})
        self.struck.update({f"F-{number:02}": count for number, count in played.struck.items()})
        self.crash_steps.update(played.crash_steps)
        self.settings.update(f"{name}={value}" for name, value in draw(played.seed).switches.items())
        self.hashes[played.seed] = played.trace
        self.violations += [f"seed {played.seed} {line}; {replay(played.seed)}" for line in played.violations]

    def add(self, other: Sum) -> None:
        """Another process's seeds."""
        self.seeds += other.seeds
        for name in ("counts", "evaluations", "struck", "crash_steps", "settings"):
            getattr(self, name).update(getattr(other, name))
        self.hours += other.hours
        self.hashes |= other.hashes
        self.violations += other.violations


def replay(seed: int, without: tuple[int, ...] = ()) -> str:
    """The one command that plays a seed again."""
    words = f" --without {','.join(map(str, without))}" if without else ""
    return f"python -m tests.chaos.desk {seed}{words}"


@contextmanager
def ground() -> Iterator[tuple[tuple[Path, Path], Path]]:
    """A certificate and a folder; the simulator's answers are held against its schemas here too."""
    with tempfile.TemporaryDirectory(prefix="glassdesk-chaos-") as folder:
        report = Path(folder) / "violations"
        os.environ["IBKR_SIMULATOR_VIOLATIONS"] = str(report)
        for name in ("pem", "home"):
            (Path(folder) / name).mkdir()
        yield certificate.ensure(Path(folder) / "pem"), Path(folder) / "home"


def seeds(span: tuple[int, int]) -> Sum:
    """Some seeds in this process."""
    total = Sum()
    with ground() as (pem, home):
        for seed in range(*span):
            total.take(play(seed, pem, home))
    return total


def points(asked: tuple[str, tuple[int, ...]]) -> Swept:
    """These crash points of one scenario, in this process."""
    name, wanted = asked
    scenario = next(one for one in SCENARIOS if one.name == name)
    with ground() as (pem, home):
        return sweep(scenario, pem, home, wanted=wanted)


def counted(name: str) -> tuple[str, int]:
    """A scenario, and how many crash points it has."""
    with ground() as (pem, home):
        return name, len(run(next(one for one in SCENARIOS if one.name == name), 0, pem, home)[0].steps)


def chosen(count: int, share: Share) -> Iterator[tuple[int, ...]]:
    """Which of so many points are tried, in halves or in spans that one process takes at a time."""
    if share.full or share.seeds >= ALL_POINTS:
        tried, at_once = range(1, count + 1), AT_ONCE
    else:
        every = max(1, count // SOME_POINTS)
        tried, at_once = range(1 + share.first % every, count + 1, every), SOME_POINTS // 2
    return (tuple(tried[begin : begin + at_once]) for begin in range(0, len(tried), at_once))


def needed(seed: int) -> tuple[int, ...]:
    """Numbers of the acts that a failing seed can do without: each is left out once, and stays out where the
    seed fails all the same."""
    off: frozenset[int] = frozenset()
    with ground() as (pem, home):
        for number in range(len(draw(seed).acts)):
            if play(seed, pem, home, drop=off | {number}).violations:
                off |= {number}
    return tuple(sorted(off))


def campaign(share: Share) -> dict[str, object]:
    """One seed for ten of the order path; every crash point only in a large campaign."""
    count = max(1, share.seeds // OF_ALL)
    chunk = max(1, min(10, count // max(1, share.jobs)))
    last = share.first + count
    spans = [(first, min(first + chunk, last)) for first in range(share.first, last, chunk)]
    total = Sum()
    for one in _pooled(seeds, spans, share.jobs):
        total.add(one)
    _twice(total, share)
    return _report(total, _swept(share))


def _swept(share: Share) -> list[Swept]:
    """The longest scenarios first, so that no core is left with one of them at the end."""
    sizes = sorted(_pooled(counted, [one.name for one in SCENARIOS], share.jobs), key=lambda one: -one[1])
    jobs = [(name, some) for name, count in sizes for some in chosen(count, share)]
    return [
        replace(
            swept[0],
            tried=sum(one.tried for one in swept),
            bad=tuple(bad for one in swept for bad in one.bad),
        )
        for _, parts in groupby(_pooled(points, jobs, share.jobs), key=lambda one: one.scenario)
        for swept in [list(parts)]
    ]


def _twice(total: Sum, share: Share) -> None:
    """I-49: one seed of a hundred once more, in a process with other hash seeds."""
    again = [(seed, seed + 1) for seed in sorted(total.hashes)[:: min(TWICE, max(1, len(total.hashes)))]]
    for repeated in _pooled(seeds, again, max(2, share.jobs)):
        for seed, trace in repeated.hashes.items():
            total.evaluations["I-49"] += 1
            if trace != total.hashes[seed]:
                total.violations.append(f"seed {seed} I-49: two traces; {replay(seed)}")


def _report(total: Sum, swept: list[Swept]) -> dict[str, object]:
    deaths = [
        f"scenario {one.scenario} dies at {point.step}: {line}; "
        f"python -m tests.chaos.desk {one.scenario} --dies {point.k}"
        for one in swept
        for point in one.bad
        for line in point.violations
    ]
    wanted = {f"{name}={value}" for name, values in SWITCHES.items() for value in values}
    return {
        "seeds": total.seeds,
        **total.counts,
        "simulated_hours": round(total.hours, 1),
        "evaluations": dict(sorted(total.evaluations.items())),
        "faults_struck": dict(sorted(total.struck.items())),
        "faults_in_the_pool": len({number for number, _ in FAULTS}),
        "crash_steps": dict(sorted(total.crash_steps.items())),
        "settings_missed": sorted(wanted - set(total.settings)),
        "crash_points": {one.scenario: {"points": one.points, "tried": one.tried} for one in swept},
        "violations": [*total.violations, *deaths, *_too_little(total)],
    }


def _too_little(total: Sum) -> list[str]:
    """Why these seeds show too little, whatever they found."""
    least = {"orders": total.seeds, "crashes": 4 * total.seeds, "late_arrivals": 1}
    if total.seeds < LARGE:
        return []
    return [
        f"{total.counts[name]} {name.replace('_', ' ')} in {total.seeds} seeds: at least {count}"
        for name, count in least.items()
        if total.counts[name] < count
    ]


def _pooled(deed: Callable[[Job], Answer], jobs: list[Job], cores: int) -> Iterator[Answer]:
    if cores <= 1:
        yield from map(deed, jobs)
        return
    with ProcessPoolExecutor(cores, mp_context=get_context("spawn")) as pool:
        yield from pool.map(deed, jobs)


def told(report: dict[str, object]) -> str:
    """For a person."""
    return json.dumps(report, indent=1, sort_keys=True, default=str)
