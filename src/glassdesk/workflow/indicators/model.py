"""Nouns of the indicators step."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class IndicatorSpec:
    """One indicator with its parameters; a parameter that is not named takes the catalogue's default.

    Parameters are kept sorted by name and as floats, so that equal specifications have equal hashes.
    """

    kind: str
    params: tuple[tuple[str, float], ...] = ()

    def __post_init__(self) -> None:
        ordered = tuple(sorted((name, float(value)) for name, value in self.params))
        object.__setattr__(self, "params", ordered)


@dataclass(frozen=True, slots=True, kw_only=True)
class IndicatorSet:
    """Indicators under one name, in the order in which a chart stacks them."""

    name: str
    indicators: tuple[IndicatorSpec, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class IndicatorSetVersion:
    """A set as it was kept: what stands under a name and a version never changes."""

    indicators: IndicatorSet
    version: int
    """Counted from 1; 0 comes with the program."""
    author: str
    created_at: datetime | None
    """`None` for what comes with the program, and for what was kept before versions were."""
    message: str = ""
    """Why this version was made."""

    @property
    def name(self) -> str:
        return self.indicators.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One number per bar, oldest first; `None` while the indicator warms up."""

    name: str
    values: tuple[float | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class IndicatorValues:
    """The lines of a set over a row of bars, with every parameter spelled out in `indicators`."""

    indicators: tuple[IndicatorSpec, ...]
    lines: tuple[Line, ...]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(line.name for line in self.lines)

    def values(self, name: str) -> tuple[float | None, ...]:
        """The line called `name`. Raises KeyError with the names there are."""
        for line in self.lines:
            if line.name == name:
                return line.values
        raise KeyError(f"no line {name!r}; there are {', '.join(self.names)}")

    def at(self, name: str, index: int) -> float | None:
        """The value at a bar, counted as in a list: -1 is the newest. `None` before the first bar."""
        values = self.values(name)
        return values[index] if -len(values) <= index < len(values) else None

    def last(self, name: str) -> float | None:
        """The value at the newest bar."""
        return self.at(name, -1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shortfall:
    """An indicator that has no value yet: it needs `needed` bars and was given `given`."""

    indicator: IndicatorSpec
    title: str
    needed: int
    given: int
