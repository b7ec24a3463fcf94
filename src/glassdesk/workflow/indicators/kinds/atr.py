"""Average true range."""

from __future__ import annotations

from glassdesk.workflow.indicators.averages import true_range, wilder
from glassdesk.workflow.indicators.kind import (
    Colour,
    Columns,
    Family,
    FloatArray,
    Kind,
    Look,
    Output,
    Panel,
    Parameter,
    Settings,
)


def compute(columns: Columns, settings: Settings) -> tuple[FloatArray, ...]:
    """`ta.atr(length)`: Wilder's average of the true range from the very first bar on."""
    ranges = true_range(columns.high, columns.low, columns.close)
    return (wilder(ranges, int(settings["length"])),)


ATR = Kind(
    kind="atr",
    title="ATR",
    family=Family.VOLATILITY,
    meaning="How far the price usually travels in one bar, gaps included, in the price's own unit.",
    parameters=(Parameter(name="length", title="Length", default=14, low=1, high=200, unit="bars"),),
    outputs=(Output(suffix="", title="", look=Look.LINE, colour=Colour.BROWN),),
    panel=Panel.OWN,
    minimum_bars=lambda settings: int(settings["length"]),
    compute=compute,
    convention="The first bar's range counts, as on TradingView; TA-Lib begins one bar later.",
)
