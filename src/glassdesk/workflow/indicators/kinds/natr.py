"""Normalised average true range."""

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
    Settings,
    length,
)


def compute(columns: Columns, settings: Settings) -> tuple[FloatArray, ...]:
    """`100 * ta.atr(length) / close`."""
    ranges = true_range(columns.high, columns.low, columns.close)
    return (100 * wilder(ranges, int(settings["length"])) / columns.close,)


NATR = Kind(
    kind="natr",
    title="NATR",
    family=Family.VOLATILITY,
    meaning="The ATR in percent of the close, so that a cheap and a dear stock can be compared.",
    parameters=(length(14, 200),),
    outputs=(Output(suffix="", title="", look=Look.LINE, colour=Colour.GOLD),),
    panel=Panel.OWN,
    minimum_bars=lambda settings: int(settings["length"]),
    compute=compute,
    convention="The first bar's range counts, as on TradingView; TA-Lib begins one bar later.",
)
