"""Rounds of faults over one running desk, and what they report."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median

from tests.chaos.distributed.desk import Desk, running_desk
from tests.chaos.distributed.faults import FAULTS, Scale
from tests.chaos.distributed.judging import INVARIANTS, at_rest, in_the_end

QUIET = 90.0
"""Market seconds without a new slot before the desk is told to end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """One fault, once."""

    fault: str
    seconds: float
    """How long it lasted."""
    recovery: float
    runs: int
    """Runs that ended between its beginning and the rest after it."""
    sends: int
    """Writes that the broker accepted meanwhile."""
    note: str
    violations: tuple[str, ...]


@dataclass(slots=True, kw_only=True)
class Report:
    """A campaign."""

    speed: float
    played: list[Played] = field(default_factory=list)
    end: list[str] = field(default_factory=list)
    """What did not hold once every process had ended."""
    runs: int = 0
    sends: int = 0
    seconds: float = 0
    cpu_seconds: float = 0

    @property
    def violations(self) -> list[str]:
        """All of them, each with where it was seen."""
        seen = [f"{one.fault}: {said}" for one in self.played for said in one.violations]
        return seen + [f"in the end: {said}" for said in self.end]

    def recoveries(self, fault: str) -> list[float]:
        """Machine seconds, one for each time."""
        return [one.recovery for one in self.played if one.fault == fault]

    def rows(self) -> dict[str, object]:
        """As `build/chaos-distributed.json` has it."""
        found = asdict(self)
        return found | {"invariants": INVARIANTS, "violations": self.violations}


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is played, and on what."""

    faults: Sequence[str]
    times: int
    speed: float
    """Market seconds to a second of the machine."""
    scale: Scale
    names: Sequence[str]
    """Processes of the desk; the first makes an empty database ready."""
    symbols: Sequence[str]
    lineages: int
    """Orders whose whole lineage is computed again in the end: each costs its charts."""


def play(folder: Path, plan: Plan, say: Callable[[str], None]) -> Report:
    """Every fault so many times, by turns, over one desk. A desk that does not recover ends the campaign."""
    report, began = Report(speed=plan.speed), time.monotonic()
    with running_desk(folder, plan.speed, plan.names, plan.symbols) as desk:
        say(f"a desk of {len(desk.processes.alive)} processes trades after {time.monotonic() - began:.0f} s")
        try:
            for fault in [*plan.faults] * plan.times:
                report.played.append(_one(desk, fault, plan.scale))
                say(line(report.played[-1]))
            _end(desk, report, plan.lineages)
        except TimeoutError as late:
            report.end.append(f"after {len(report.played)} faults: {late}")
        last = desk.progress()
        report.runs, report.sends = (last.runs, last.sends) if last is not None else (0, 0)
    report.seconds = round(time.monotonic() - began, 1)
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    report.cpu_seconds = round(sum(one.ru_utime + one.ru_stime for one in used), 1)
    return report


def _one(desk: Desk, fault: str, scale: Scale) -> Played:
    before = desk.settled_progress()
    told = FAULTS[fault](desk, scale)
    found = at_rest(desk)
    after = desk.settled_progress()
    return Played(
        fault=fault,
        seconds=round(told.seconds, 1),
        recovery=round(told.recovery, 1),
        runs=after.runs - before.runs,
        sends=after.sends - before.sends,
        note=told.note,
        violations=tuple(found),
    )


def _end(desk: Desk, report: Report, lineages: int) -> None:
    desk.close_strategies()
    desk.lets_pass(QUIET)
    report.end += at_rest(desk)
    desk.control.pause()
    desk.processes.end_all()
    report.end += in_the_end(desk, lineages)


def line(one: Played) -> str:
    """What one fault did, as it is played."""
    violated = f", {len(one.violations)} VIOLATIONS" if one.violations else ""
    return f"{one.fault}: recovered after {one.recovery:.1f} s{violated}" + (
        f" ({one.note})" if one.note else ""
    )


def table(report: Report) -> str:
    """Faults in the order in which they were played, with their recovery times."""
    head = "fault                                times lasted s  p50 s  max s  runs writes violated"
    lines = [head]
    for fault in dict.fromkeys(one.fault for one in report.played):
        mine = [one for one in report.played if one.fault == fault]
        took = report.recoveries(fault)
        lines.append(
            f"{fault:<36} {len(mine):>5} {max(one.seconds for one in mine):>8.1f} {median(took):>6.1f}"
            f" {max(took):>6.1f} {sum(one.runs for one in mine):>5} {sum(one.sends for one in mine):>6}"
            f" {sum(len(one.violations) for one in mine):>8}"
        )
    violated = f"{len(report.violations)} violation(s)"
    lines.append(
        f"{report.runs} runs, {report.sends} accepted writes, {violated} in {report.seconds:.0f} s,"
        f" {report.cpu_seconds:.0f} s of processor time"
    )
    return "\n".join(lines + report.violations)
