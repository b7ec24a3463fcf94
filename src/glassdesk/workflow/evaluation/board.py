"""The scoreboard: a row for each prompt version, model and strategy; a comparison; a ranking. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from glassdesk.kernel.errors import InvalidInput
from glassdesk.workflow.evaluation.calibration import Calibration, calibrate, throws
from glassdesk.workflow.evaluation.intervals import Interval, Mean, difference
from glassdesk.workflow.evaluation.model import Wanted
from glassdesk.workflow.evaluation.scored import Scored
from glassdesk.workflow.evaluation.scores import Day, Figures, Sample, average, daily, figures, sample
from glassdesk.workflow.signals.model import Action

MOST_ROWS = 50
COMPARED = range(2, 11)
"""How many prompts a comparison takes (R-45)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One cell of prompt version × model × strategy."""

    prompt: str
    version: int
    analyst: str
    strategy: str
    figures: Figures


@dataclass(frozen=True, slots=True, kw_only=True)
class Performance:
    """A selection as a whole (R-44)."""

    rows: tuple[Row, ...]
    total: Figures
    days: tuple[Day, ...]
    everyone: Sample
    """Purchases of every prompt in the same time: what the selection stands beside."""
    trend: Interval | None
    """R of the newer half of the days less that of the older half; `None` where a half says nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One prompt's page: its performance, its signals, and what its confidences were worth."""

    performance: Performance
    signals: tuple[Scored, ...]
    """Newest slot first."""
    calibration: Calibration
    versions: tuple[int, ...]
    """Newest first, whatever version is asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One prompt beside the first of a comparison."""

    name: str
    figures: Figures
    days: tuple[Day, ...]
    difference: Interval | None
    """Of the average R, less the first one's."""
    distinguishable: bool
    """False while the difference may be chance, or an average rests on too few."""


def named(prompt: str) -> tuple[str, int | None]:
    """Name and version of `NAME@2`; no version of `NAME`. Raises `InvalidInput`."""
    name, _, version = prompt.partition("@")
    if version and not version.isdecimal():
        raise InvalidInput(f"{prompt!r} names no version", where="prompt", remedy="NAME or NAME@2")
    return name, int(version) if version else None


def rows(found: Iterable[Scored]) -> list[Row]:
    """By prompt, newest version first, then analyst and strategy."""
    cells: dict[tuple[str, int, str, str], list[Scored]] = {}
    for one in found:
        cells.setdefault((one.prompt, -one.prompt_version, one.analyst, one.strategy), []).append(one)
    return [
        Row(prompt=key[0], version=-key[1], analyst=key[2], strategy=key[3], figures=figures(cells[key]))
        for key in sorted(cells)
    ]


def performance(found: Sequence[Scored], everyone: Iterable[Scored]) -> Performance:
    """The selection, beside everybody's purchases."""
    days = daily(found)
    return Performance(
        rows=tuple(rows(found)),
        total=figures(found),
        days=tuple(days),
        everyone=sample(one for one in everyone if one.action is Action.BUY and not one.cancelled),
        trend=_trend(found, [day.day for day in days]),
    )


def matches(one: Scored, wanted: Wanted) -> bool:
    """True for a signal of the prompt, version, analyst, strategy and language that are asked for."""
    pairs = (
        (wanted.prompt, one.prompt),
        (wanted.version, one.prompt_version),
        (wanted.analyst, one.analyst),
        (wanted.strategy, one.strategy),
        (wanted.language, one.language),
    )
    return all(asked in ("", None, is_so) for asked, is_so in pairs)


def sheet(everyone: Sequence[Scored], wanted: Wanted) -> Sheet:
    """From every prompt's signals of the time."""
    of_prompt = [one for one in everyone if matches(one, replace(wanted, version=None))]
    mine = [one for one in of_prompt if matches(one, wanted)]
    return Sheet(
        performance=performance(mine, everyone),
        signals=tuple(mine),
        calibration=calibrate(throws(mine)),
        versions=tuple(sorted({one.prompt_version for one in of_prompt}, reverse=True)),
    )


def _trend(found: Sequence[Scored], days: Sequence[date]) -> Interval | None:
    if not days:
        return None
    middle = days[len(days) // 2]
    newer = average(one for one in found if one.slot.date() >= middle)
    return difference(newer, average(one for one in found if one.slot.date() < middle))


def compare(groups: Mapping[str, Sequence[Scored]]) -> list[Compared]:
    """In the order given. Raises `InvalidInput` for fewer than two or more than ten."""
    if len(groups) not in COMPARED:
        raise InvalidInput(
            f"{len(groups)} prompt(s) cannot be compared",
            where="prompt",
            remedy=f"{COMPARED[0]} to {COMPARED[-1]} different ones",
        )
    first = average(next(iter(groups.values())))
    return [_compared(name, group, first) for name, group in groups.items()]


def _compared(name: str, group: Sequence[Scored], first: Mean | None) -> Compared:
    found, mine = figures(group), average(group)
    apart = None if mine == first else difference(mine, first)
    sure = apart is not None and not found.bought.few and not apart.low <= 0 <= apart.high
    return Compared(
        name=name, figures=found, days=tuple(daily(group)), difference=apart, distinguishable=sure
    )


METRICS: Mapping[str, Callable[[Figures], Decimal | None]] = {
    "average_r": lambda f: f.bought.average_r,
    "win_rate": lambda f: f.bought.win_rate,
    "pnl": lambda f: f.money.after_cost if f.money.closed else None,
    "real_r": lambda f: f.money.average_r,
    "signals": lambda f: Decimal(f.signals),
}


def leaderboard(found: Iterable[Scored], metric: str, limit: int) -> list[Row]:
    """Best first; what rests on too few stands behind all others, whatever it says. Raises `InvalidInput`."""
    if metric not in METRICS:
        raise InvalidInput(f"there is no metric {metric!r}", where="metric", remedy=", ".join(METRICS))
    if not 1 <= limit <= MOST_ROWS:
        raise InvalidInput(f"{limit} rows cannot be shown", where="limit", remedy=f"1 to {MOST_ROWS}")
    return sorted(rows(found), key=lambda row: _place(row, metric))[:limit]


def _place(row: Row, metric: str) -> tuple[bool, bool, Decimal]:
    value = METRICS[metric](row.figures)
    return row.figures.bought.few, value is None, -(value or Decimal(0))
