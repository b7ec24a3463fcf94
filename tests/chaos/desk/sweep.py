"""Every single crash point of a scenario: a golden run numbers them, then one run dies at each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from tests.chaos.desk.deeds import Acts
from tests.chaos.desk.draw import Act
from tests.chaos.desk.play import Played, act_out
from tests.chaos.desk.scenarios import Scenario
from tests.chaos.scheduler import NO_TIME

SILENT = ("read<", "read>", "end<", "end>", "wait<", "wait>", "begin<")
"""Points after which the world outside is what it was at the point before: dying there is dying there."""


@dataclass(slots=True)
class DieAt:
    """A `Plan`: the process that reaches the k-th point dies there; none does for k = 0.

    An act at a step strikes once. `commit>` is anybody's first commit, `hand commit>` that of a role,
    `hand commit> 7` its seventh, `hand commit> at 13:00` the first in that minute, `sent>` the first commit
    that wrote a send down. Beside the acts of the world a process may `die` there, or `pause` for so many
    seconds.
    """

    k: int = 0
    at_step: dict[str, Act] = field(default_factory=dict)
    acts: Acts | None = None
    steps: list[str] = field(default_factory=list)
    """What was reached, numbered from one."""
    reached: Counter[str] = field(default_factory=Counter)
    pauses: timedelta = NO_TIME

    def dies(self, role: str, number: int, step: str) -> bool:
        struck = bool(self.at_step) and self._strikes(role, step)
        if step in SILENT:
            return struck
        self.steps.append(f"{role} {step}")
        return struck or len(self.steps) == self.k

    def pause(self, role: str, number: int, step: str) -> timedelta:
        due, self.pauses = self.pauses, NO_TIME
        return due

    def _strikes(self, role: str, step: str) -> bool:
        """Do what is due here; true where the process dies of it."""
        mine = f"{role} {step}"
        self.reached[mine] += 1
        when = [f"{mine} at {self.acts.world.now:%H:%M}"] if self.acts is not None else []
        names = [
            *when,
            step,
            mine,
            f"{mine} {self.reached[mine]}",
            *(["sent>"] if self._wrote_a_send(step) else []),
        ]
        due = [self.at_step.pop(name) for name in names if name in self.at_step]
        for one in due:
            if one.what == "pause":
                self.pauses = timedelta(seconds=one.words["seconds"])
            elif one.what != "die" and self.acts is not None:
                self.acts.do(one.what, one.words)
        return any(one.what == "die" for one in due)

    def _wrote_a_send(self, step: str) -> bool:
        commits = self.acts.world.journal.commits if self.acts is not None and step == "commit>" else []
        return bool(commits) and bool(commits[-1].sends)


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A death and what came of it."""

    k: int
    step: str
    violations: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept:
    """One scenario's points."""

    scenario: str
    points: int
    """How many there are."""
    tried: int
    bad: tuple[Point, ...]


def run(scenario: Scenario, k: int, pem: tuple[Path, Path], home: Path) -> tuple[DieAt, Played]:
    """The scenario with one death, or none."""
    plan = DieAt(k=k, at_step=dict(scenario.at_step))

    def known(acts: Acts) -> None:
        plan.acts = acts

    return plan, act_out(scenario.drawn(), plan, pem, home, rest=timedelta(minutes=45), told=known)


def sweep(
    scenario: Scenario,
    pem: tuple[Path, Path],
    home: Path,
    *,
    wanted: Sequence[int] | None = None,
    seen: Callable[[Point], None] = lambda _: None,
) -> Swept:
    """Die at each point (or at those that are wanted), and look at every invariant."""
    golden, played = run(scenario, 0, pem, home)
    bad: list[Point] = []
    if played.violations:
        bad.append(Point(k=0, step="nobody dies", violations=tuple(played.violations)))
    tried = [k for k in wanted or range(1, len(golden.steps) + 1) if k <= len(golden.steps)]
    for k in tried:
        _, died = run(scenario, k, pem, home)
        point = Point(k=k, step=golden.steps[k - 1], violations=tuple(died.violations))
        seen(point)
        if died.violations:
            bad.append(point)
    return Swept(scenario=scenario.name, points=len(golden.steps), tried=len(tried), bad=tuple(bad))
