"""Keltner channels."""

from __future__ import annotations

from glassdesk.workflow.indicators.averages import exponential, true_range, wilder
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
    bars,
    length,
)


def compute(columns: Columns, settings: Settings) -> tuple[FloatArray, ...]:
    """TradingView's built-in Keltner Channels: `ta.ema(close, length)` and `width` times `ta.atr(atr)`."""
    middle = exponential(columns.close, int(settings["length"]))
    ranges = true_range(columns.high, columns.low, columns.close)
    distance = settings["width"] * wilder(ranges, int(settings["atr"]))
    return middle + distance, middle, middle - distance


KC = Kind(
    kind="kc",
    title="Keltner",
    family=Family.VOLATILITY,
    meaning="An exponential average with lines some ATRs off: a close outside is a move out of the usual.",
    parameters=(
        length(20),
        bars("atr", "ATR length", 10),
        Parameter(name="width", title="Width", default=2, low=0.1, high=10, unit="ATRs", whole=False),
    ),
    outputs=(
        Output(suffix="_upper", title="upper", look=Look.BAND_EDGE, colour=Colour.PURPLE),
        Output(suffix="_mid", title="mid", look=Look.BAND_MIDDLE, colour=Colour.PURPLE),
        Output(suffix="_lower", title="lower", look=Look.BAND_EDGE, colour=Colour.PURPLE),
    ),
    panel=Panel.PRICE,
    minimum_bars=lambda settings: int(max(settings["length"], settings["atr"])),
    compute=compute,
    convention="EMA and ATR as on TradingView; the older form with the mean of high less low is another one.",
)
