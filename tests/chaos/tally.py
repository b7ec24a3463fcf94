"""What a campaign counts, in a form that two processes can add up and JSON can hold."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, fields
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """A seed that broke an invariant."""

    world: str
    env: str
    seed: int
    invariant: str
    witness: str

    @property
    def name(self) -> str:
        return f"{self.world}/{self.env}/{self.seed}"


@dataclass(slots=True)
class Tally:
    """Sums over seeds."""

    seeds: Counter[str] = field(default_factory=Counter)
    """By environment."""
    failing: Counter[str] = field(default_factory=Counter)
    """Seeds with a violation, by environment."""
    violations: list[Violation] = field(default_factory=list)
    crashes: int = 0
    orders: int = 0
    executions: int = 0
    adoptions: int = 0
    late_arrivals: int = 0
    unknowns: int = 0
    """Orders that were of unknown fate."""
    operator: int = 0
    """Orders that went to the operator's queue."""
    hours: float = 0.0
    cpu: float = 0.0
    cells: Counter[str] = field(default_factory=Counter)
    """Hits, by `fault @ step`."""
    evaluations: Counter[str] = field(default_factory=Counter)
    resolve: list[float] = field(default_factory=list)
    """Seconds from unknown to known."""
    hashes: dict[str, str] = field(default_factory=dict)
    """Trace hashes of the seeds that are played twice."""

    def add(self, other: Tally) -> None:
        """Take another's sums in."""
        for one in fields(self):
            mine, theirs = getattr(self, one.name), getattr(other, one.name)
            if isinstance(mine, Counter | dict):
                mine.update(theirs)
            elif isinstance(mine, list):
                mine.extend(theirs)
            else:
                setattr(self, one.name, mine + theirs)

    @property
    def played(self) -> int:
        return sum(self.seeds.values())


def quantile(values: list[float], part: float) -> float:
    """The value below which this part lies; 0 of none."""
    ranked = sorted(values)
    return round(ranked[min(len(ranked) - 1, int(part * len(ranked)))], 1) if ranked else 0.0


def figures(tally: Tally) -> dict[str, Any]:
    """A tally as the report has it."""
    played = max(tally.played, 1)
    return {
        "seeds": tally.played,
        "seeds_by_environment": dict(sorted(tally.seeds.items())),
        "failing_by_environment": dict(sorted(tally.failing.items())),
        "violations": len(tally.violations),
        "crashes": tally.crashes,
        "crashes_per_seed": round(tally.crashes / played, 2),
        "orders": tally.orders,
        "orders_per_seed": round(tally.orders / played, 2),
        "executions": tally.executions,
        "adoptions": tally.adoptions,
        "late_arrivals": tally.late_arrivals,
        "unknown_orders": tally.unknowns,
        "needs_operator": tally.operator,
        "needs_operator_rate": round(tally.operator / max(tally.unknowns, 1), 4),
        "resolve_seconds": {
            "p50": quantile(tally.resolve, 0.5),
            "p95": quantile(tally.resolve, 0.95),
            "max": quantile(tally.resolve, 1.0),
        },
        "simulated_hours": round(tally.hours, 1),
        "cpu_seconds": round(tally.cpu, 1),
        "cpu_seconds_per_seed": round(tally.cpu / played, 3),
        "faults": dict(sorted(tally.cells.items())),
        "evaluations": dict(sorted(tally.evaluations.items())),
    }
