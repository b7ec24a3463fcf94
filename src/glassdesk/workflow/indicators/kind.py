"""The form of a catalogue entry: what an indicator is called, asks for, answers, and how it is drawn."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

Settings = Mapping[str, float]
"""Every parameter of one indicator by name; a choice among words is its place, counted from 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """Bars as columns of finite numbers, oldest first, all of one length."""

    open: FloatArray
    high: FloatArray
    low: FloatArray
    close: FloatArray
    volume: FloatArray
    session: IntArray
    """The session date of each bar, as days since 0001-01-01, which is day 1."""


class Family(StrEnum):
    """What an indicator tells about."""

    TREND = "trend"
    MOMENTUM = "momentum"
    VOLATILITY = "volatility"
    VOLUME = "volume"
    LEVELS = "levels"


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
    DOTS = "dots"
    """A dot per bar, in the colour of the output that follows it."""
    LEVEL = "level"
    """A price that holds for a while: level strokes, no slope from one to the next."""
    LEVEL_NOW = "level_now"
    """The newest price as a stroke across the picture: where it stood before tells nothing any more."""
    CLOUD_EDGE = "cloud_edge"
    """One of two lines with a tint between them that tells which of the two is above."""
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
    GOLD = "gold"
    GREEN = "green"
    RED = "red"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A number a person may choose; `low` and `high` are allowed themselves. Use `choice` for words."""

    name: str
    title: str
    default: float
    low: float
    high: float
    unit: str
    whole: bool = True
    options: tuple[str, ...] = ()
    """The words among which is chosen; the number is the place of one of them."""

    def word(self, value: float) -> str:
        """`value` as a person writes it: `2.5`, `month`."""
        return self.options[int(value)] if self.options else f"{value:g}"

    @property
    def range(self) -> str:
        """What may be chosen, in words."""
        if self.options:
            return f"one of {', '.join(self.options)}"
        number = "a whole number" if self.whole else "a number with two decimals at most"
        return f"{number} from {self.low:g} to {self.high:g}"


def length(default: float, high: float = 400, *, low: float = 1, title: str = "Length") -> Parameter:
    """The parameter most indicators have: over how many bars."""
    return Parameter(name="length", title=title, default=default, low=low, high=high, unit="bars")


def bars(name: str, title: str, default: float, high: float = 200, *, low: float = 1) -> Parameter:
    """A number of bars."""
    return Parameter(name=name, title=title, default=default, low=low, high=high, unit="bars")


def choice(name: str, title: str, options: tuple[str, ...], default: str) -> Parameter:
    """One word among `options`."""
    return Parameter(
        name=name,
        title=title,
        default=options.index(default),
        low=0,
        high=len(options) - 1,
        unit="",
        options=options,
    )


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
    as long as the columns, NaN while warming up and where there is nothing to tell (a range without width, no
    volume); a value depends on its own bar and earlier ones only.
    """

    kind: str
    title: str
    family: Family
    meaning: str
    """One sentence: what a person reads out of it."""
    parameters: tuple[Parameter, ...]
    outputs: tuple[Output, ...]
    panel: Panel
    minimum_bars: Callable[[Settings], int]
    compute: Callable[[Columns, Settings], tuple[FloatArray, ...]]
    bounds: tuple[float, float] | None = None
    """The range the values cannot leave, where there is one."""
    guides: tuple[float, ...] = ()
    """Reference lines of its panel."""
    convention: str = ""
    """Whose arithmetic it is where others differ: seed, first value, what happens on a flat price."""
    patient: bool = False
    """Do the bars decide when the first value comes (a swing, a new month)? `minimum_bars` is the soonest."""
    refuse: Callable[[Settings], str] = lambda settings: ""
    """Why parameters that are each in range do not fit together; empty when they do."""
