"""The table of figures of `docs/reliability.md`, made from `build/chaos.json`: no number is typed by hand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

BEGIN, END = "<!-- figures -->", "<!-- /figures -->"


def bound(bad: int, count: int) -> str:
    """What so many schedules say about the next one: the rule of three, never "proved"."""
    if not count:
        return "not played"
    return f"0 of {count:,}, so below {3 / count:.1e} for each (95 %)" if not bad else f"{bad} of {count:,}"


def table(report: Mapping[str, Any]) -> str:
    """The figures of one campaign."""
    failing, seeds = report["failing_by_environment"], report["seeds_by_environment"]
    resolve = report["resolve_seconds"]
    rows = [
        (f"{env}: seeds with a violation", bound(failing.get(env, 0), count)) for env, count in seeds.items()
    ]
    rows += [
        ("the first seed of each", f"{report['first_seed']:,}"),
        ("deaths of a process", f"{report['crashes']:,} ({report['crashes_per_seed']} per seed)"),
        ("orders at the broker", f"{report['orders']:,} ({report['orders_per_seed']} per seed)"),
        ("late arrivals, and how many were adopted", f"{report['late_arrivals']}, {report['adoptions']}"),
        ("orders of unknown fate", f"{report['unknown_orders']:,}"),
        ("of these handed to a person", f"{report['needs_operator_rate']:.1%}"),
        (
            "seconds until known: half, 95 %, longest",
            " · ".join(str(resolve[p]) for p in ("p50", "p95", "max")),
        ),
        ("simulated hours", f"{report['simulated_hours']:,}"),
        ("CPU seconds per seed", f"{report['cpu_seconds_per_seed']}"),
        ("invariants and how often the rarest was evaluated", _rarest(report["evaluations"])),
        ("faults at steps that were hit", f"{len(report['faults'])}"),
        *_parts(report),
    ]
    lines = ["| figure | measured |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows)]
    return "\n".join(lines)


def _rarest(evaluations: Mapping[str, int]) -> str:
    """I-49 is the number of seeds that were played twice, one in a hundred."""
    name = min(evaluations.keys() - {"I-49"}, key=lambda one: (evaluations[one], one))
    return f"{len(evaluations)}; {name}: {evaluations[name]:,}"


def _parts(report: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Whole desk, mutants and kill points: whatever figures they give."""
    rows = []
    for name in ("desk", "mutants", "kill"):
        found = report.get(name)
        if isinstance(found, dict):
            plain = {
                key: value for key, value in sorted(found.items()) if isinstance(value, int | float | str)
            }
            rows.append((name, ", ".join(f"{key} {value}" for key, value in plain.items())))
    return rows


def replaced(page: str, report: Mapping[str, Any]) -> str:
    """The page with its table made anew."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{table(report)}\n{END}{after}"
