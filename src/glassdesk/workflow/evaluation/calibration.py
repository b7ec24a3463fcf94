"""What a stated confidence is worth: how often the event came that it was said of. Pure.

Confidence is P(target before stop within the horizon), so each signal that buys is one throw: it came or it
did not.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from glassdesk.workflow.evaluation.intervals import Interval, wilson
from glassdesk.workflow.evaluation.model import Ending
from glassdesk.workflow.evaluation.scored import Scored
from glassdesk.workflow.signals.beside import LABELLED

BINS = 10
LEAST = 30
"""Throws that a step of the calibrated curve rests on."""
EVENTS = (Ending.TARGET, Ending.STOP, Ending.TIME)


@dataclass(frozen=True, slots=True, kw_only=True)
class Throw:
    """A confidence and whether the event came."""

    said: float
    came: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Bin:
    """Throws of about one confidence."""

    low: float
    high: float
    n: int
    said: float
    """On average."""
    came: float
    """How often."""
    interval: Interval | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """What a track record says of confidences."""

    n: int
    bins: tuple[Bin, ...]
    brier: float | None
    """Mean of (said − came)²: 0 is a prophet."""
    base_brier: float | None
    """Of one who always says the base rate."""
    steps: tuple[tuple[float, float], ...] = ()
    """The calibrated curve, rising: up to this confidence, this probability; empty of too few throws."""

    @property
    def skill(self) -> float | None:
        """1 − Brier ÷ that of the base rate: below 0 the confidence says less than nothing."""
        if self.brier is None or not self.base_brier:
            return None
        return 1 - self.brier / self.base_brier

    def of(self, said: float) -> float | None:
        """The probability that such a confidence has had; `None` while there are too few throws."""
        for upto, probability in self.steps:
            if said <= upto:
                return probability
        return self.steps[-1][1] if self.steps else None

    def words(self, said: float) -> str:
        """For a person."""
        probability = self.of(said)
        if probability is None:
            return f"unknown: {self.n} of {LABELLED} decisions have a known end"
        return f"{probability:.0%} by {self.n} decisions with a known end"


def throws(found: Iterable[Scored]) -> list[Throw]:
    """Of signals that bought with a confidence and ended at a barrier or by time."""
    return [
        Throw(said=one.confidence, came=one.outcome.ending is Ending.TARGET)
        for one in found
        if one.confidence is not None and one.outcome is not None and one.outcome.ending in EVENTS
    ]


def calibrate(made: Sequence[Throw]) -> Calibration:
    """The reliability table, the Brier score and, with enough throws, the calibrated curve."""
    count = len(made)
    if not count:
        return Calibration(n=0, bins=(), brier=None, base_brier=None)
    rate = sum(one.came for one in made) / count
    return Calibration(
        n=count,
        bins=tuple(_bins(made)),
        brier=sum((one.said - one.came) ** 2 for one in made) / count,
        base_brier=rate * (1 - rate),
        steps=tuple(_curve(made)) if count >= LABELLED else (),
    )


def _bins(made: Sequence[Throw]) -> list[Bin]:
    groups: dict[int, list[Throw]] = {}
    for one in made:
        groups.setdefault(min(int(one.said * BINS), BINS - 1), []).append(one)
    return [_bin(number, groups[number]) for number in sorted(groups)]


def _bin(number: int, group: Sequence[Throw]) -> Bin:
    hits = sum(one.came for one in group)
    return Bin(
        low=number / BINS,
        high=(number + 1) / BINS,
        n=len(group),
        said=sum(one.said for one in group) / len(group),
        came=hits / len(group),
        interval=wilson(hits, len(group)),
    )


def _curve(made: Sequence[Throw]) -> list[tuple[float, float]]:
    """Isotonic: neighbours that fall are pooled until none does (PAV), over groups of at least `LEAST`; a
    throw of each kind is added, so that nothing is ever certain."""
    pools: list[tuple[float, int, int]] = []
    for upto, hits, count in _groups(made):
        pools.append((upto, hits, count))
        while len(pools) > 1 and _share(pools[-2]) >= _share(pools[-1]):
            (_, h1, n1), (upto2, h2, n2) = pools[-2:]
            pools[-2:] = [(upto2, h1 + h2, n1 + n2)]
    return [(upto, _share((upto, hits, count))) for upto, hits, count in pools]


def _share(pool: tuple[float, int, int]) -> float:
    _, hits, count = pool
    return (hits + 1) / (count + 2)


def _groups(made: Sequence[Throw]) -> list[tuple[float, int, int]]:
    """By rising confidence; equal ones stay together, a rest too small joins the last group."""
    groups: list[list[Throw]] = []
    for one in sorted(made, key=lambda throw: throw.said):
        full = not groups or (len(groups[-1]) >= LEAST and groups[-1][-1].said != one.said)
        groups += [[]] if full else []
        groups[-1].append(one)
    if len(groups) > 1 and len(groups[-1]) < LEAST:
        groups[-2:] = [groups[-2] + groups[-1]]
    return [(group[-1].said, sum(one.came for one in group), len(group)) for group in groups]
