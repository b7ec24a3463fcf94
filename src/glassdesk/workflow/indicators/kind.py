"""The form of a catalogue entry: what an indicator is called, asks for, answers, and how it is drawn."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

Settings = Mapping[str, float]
"""Every parameter of one indicator by name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """Bars as columns of finite numbers, oldest first, all of one length."""

    open: FloatArray
    high: FloatArray
    low: FloatArray
    close: FloatArray
    volume: FloatArray


class Panel(StrEnum):
    """Where a chart draws the indicator: over the candles, or in a panel of its own."""

    PRICE = "price"
    OWN = "own"


class Look(StrEnum):
    """How a chart draws one output."""

    LINE = "line"
    HISTOGRAM = "histogram"
    BAND_EDGE = "band_edge"
    """One of two lines with a tint between them."""
    BAND_MIDDLE = "band_middle"
    """A dashed line between band edges."""
    TREND = "trend"
    """A line in the colour of the output that follows it, broken where that one changes sign."""
    HIDDEN = "hidden"


class Colour(StrEnum):
    """Words for colours; each chart theme says what they look like."""

    BLUE = "blue"
    ORANGE = "orange"
    PURPLE = "purple"
    BROWN = "brown"
    PINK = "pink"
    CYAN = "cyan"
    GREY = "grey"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A number a person may choose; `low` and `high` are allowed themselves."""

    name: str
    title: str
    default: float
    low: float
    high: float
    unit: str
    whole: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """One line of the indicator; its name is the indicator's, followed by `suffix`."""

    suffix: str
    title: str
    look: Look
    colour: Colour


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """An entry of the catalogue.

    `minimum_bars` is how many bars give every output its first value. `compute` answers one array per output,
    as long as the columns, NaN while warming up; a value depends on its own bar and earlier ones only.
    """

    kind: str
    title: str
    meaning: str
    parameters: tuple[Parameter, ...]
    outputs: tuple[Output, ...]
    panel: Panel
    minimum_bars: Callable[[Settings], int]
    compute: Callable[[Columns, Settings], tuple[FloatArray, ...]]
    bounds: tuple[float, float] | None = None
    """The range the values cannot leave, where there is one."""
    guides: tuple[float, ...] = ()
    """Reference lines of its panel."""
    refuse: Callable[[Settings], str] = lambda settings: ""
    """Why parameters that are each in range do not fit together; empty when they do."""
