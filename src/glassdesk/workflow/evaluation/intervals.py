"""How sure a share or an average is: 95 % intervals that need no chance and no library. Pure."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import sqrt

from glassdesk.kernel.money import exact

Z = 1.959963984540054
_T = (
    *(12.706205, 4.302653, 3.182446, 2.776445, 2.570582, 2.446912, 2.364624, 2.306004, 2.262157, 2.228139),
    *(2.200985, 2.178813, 2.160369, 2.144787, 2.131450, 2.119905, 2.109816, 2.100922, 2.093024, 2.085963),
    *(2.079614, 2.073873, 2.068658, 2.063899, 2.059539, 2.055529, 2.051831, 2.048407, 2.045230, 2.042272),
)
"""Student's t at 97.5 % for 1 to 30 degrees of freedom."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """In 95 of 100 samples like this one it holds the truth."""

    low: Decimal
    high: Decimal


def wilson(hits: int, of: int) -> Interval | None:
    """Of a share (Wilson's score); `None` of nothing."""
    if of == 0:
        return None
    share, zz = hits / of, Z * Z
    middle = (share + zz / (2 * of)) / (1 + zz / of)
    reach = Z / (1 + zz / of) * sqrt(share * (1 - share) / of + zz / (4 * of * of))
    return Interval(low=_number(max(0.0, middle - reach)), high=_number(min(1.0, middle + reach)))


def student(degrees: int) -> float:
    """The two-sided 95 % point of Student's t."""
    if degrees <= len(_T):
        return _T[degrees - 1]
    z3, z5 = Z**3, Z**5
    return Z + (z3 + Z) / (4 * degrees) + (5 * z5 + 16 * z3 + 3 * Z) / (96 * degrees**2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mean:
    """An average with its standard error over days: what happened on one day is not independent, so that
    twenty symbols of one day are one observation more than one symbol, not twenty."""

    value: Decimal
    error: float | None
    """`None` of a single day: nothing varies."""
    days: int

    @property
    def interval(self) -> Interval | None:
        """By Student's t with one degree of freedom less than there are days."""
        if self.error is None:
            return None
        reach = student(self.days - 1) * self.error
        return Interval(low=_number(float(self.value) - reach), high=_number(float(self.value) + reach))


def mean(values: Iterable[tuple[Hashable, Decimal]]) -> Mean | None:
    """Of values with the day of each; every value weighs the same. `None` of nothing."""
    found = list(values)
    if not found:
        return None
    average = sum((value for _, value in found), Decimal(0)) / len(found)
    days: dict[Hashable, float] = {}
    for day, value in found:
        days[day] = days.get(day, 0.0) + float(value - average)
    return Mean(value=exact(average), error=_error(list(days.values()), len(found)), days=len(days))


def _error(sums: Sequence[float], count: int) -> float | None:
    groups = len(sums)
    if groups < 2:
        return None
    return sqrt(groups / (groups - 1) * sum(one * one for one in sums)) / count


def difference(one: Mean | None, other: Mean | None) -> Interval | None:
    """Of two averages, `one` less `other`, with the degrees of freedom of the smaller; `None` where one of
    them has no error."""
    if one is None or other is None or one.error is None or other.error is None:
        return None
    reach = student(min(one.days, other.days) - 1) * sqrt(one.error**2 + other.error**2)
    apart = float(one.value - other.value)
    return Interval(low=_number(apart - reach), high=_number(apart + reach))


def _number(value: float) -> Decimal:
    return exact(Decimal(repr(value)))
