"""Every single crash point of a scenario: a golden run numbers them, then one run dies at each."""

from __future__ import annotations

from collections.abc import Callable
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
    """A `Plan`: the process that reaches the k-th point dies there; none does for k = 0."""

    k: int = 0
    at_step: dict[str, Act] = field(default_factory=dict)
    acts: Acts | None = None
    steps: list[str] = field(default_factory=list)
    """What was reached, numbered from one."""

    def dies(self, role: str, number: int, step: str) -> bool:
        due = self.at_step.pop(step, None)
        if due is not None and self.acts is not None:
            self.acts.do(due.what, due.words)
        if step in SILENT:
            return False
        self.steps.append(f"{role} {step}")
        return len(self.steps) == self.k

    def pause(self, role: str, number: int, step: str) -> timedelta:
        return NO_TIME


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
    every: int = 1,
    first: int = 1,
    seen: Callable[[Point], None] = lambda _: None,
) -> Swept:
    """Die at each point (or every n-th from `first`), and look at every invariant."""
    golden, played = run(scenario, 0, pem, home)
    bad: list[Point] = []
    if played.violations:
        bad.append(Point(k=0, step="nobody dies", violations=tuple(played.violations)))
    wanted = range(first, len(golden.steps) + 1, every)
    for k in wanted:
        _, died = run(scenario, k, pem, home)
        point = Point(k=k, step=golden.steps[k - 1], violations=tuple(died.violations))
        seen(point)
        if died.violations:
            bad.append(point)
    return Swept(scenario=scenario.name, points=len(golden.steps), tried=len(wanted), bad=tuple(bad))
