"""Stochastic oscillator."""

from __future__ import annotations

from glassdesk.workflow.indicators.averages import highest, lowest, ratio, total
from glassdesk.workflow.indicators.kind import (
    Colour,
    Columns,
    Family,
    FloatArray,
    Kind,
    Look,
    Output,
    Panel,
    Settings,
    bars,
    length,
)


def position(source: FloatArray, high: FloatArray, low: FloatArray, length: int) -> FloatArray:
    """`ta.stoch`: where `source` is between lowest low and highest high, 0 to 100; NaN on no range."""
    bottom = lowest(low, length)
    return 100 * ratio(source - bottom, highest(high, length) - bottom)


def smoothed(values: FloatArray, length: int) -> FloatArray:
    """The mean of the last `length` values, NaN where one of them is."""
    return values if length == 1 else total(values, length) / length


def compute(columns: Columns, settings: Settings) -> tuple[FloatArray, ...]:
    """TradingView's built-in Stochastic: `%K` is `ta.sma(ta.stoch(...), smooth)`, `%D` its average."""
    raw = position(columns.close, columns.high, columns.low, int(settings["length"]))
    k = smoothed(raw, int(settings["smooth"]))
    return k, smoothed(k, int(settings["signal"]))


STOCH = Kind(
    kind="stoch",
    title="Stochastic",
    family=Family.MOMENTUM,
    meaning="Where the close stands in the range of some bars, 0 to 100: above 80 high, below 20 low.",
    parameters=(
        length(14, 200),
        bars("smooth", "%K smoothing", 1, 50),
        bars("signal", "%D smoothing", 3, 50),
    ),
    outputs=(
        Output(suffix="", title="%K", look=Look.LINE, colour=Colour.BLUE),
        Output(suffix="_signal", title="%D", look=Look.LINE, colour=Colour.ORANGE),
    ),
    panel=Panel.OWN,
    minimum_bars=lambda settings: int(settings["length"] + settings["smooth"] + settings["signal"]) - 2,
    compute=compute,
    bounds=(0, 100),
    guides=(20, 50, 80),
    convention="No value where the bars have no range at all, as on TradingView; TA-Lib says 0 there.",
)
