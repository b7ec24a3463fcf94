"""Ichimoku cloud."""

from __future__ import annotations

import numpy as np

from glassdesk.workflow.indicators.averages import highest, lowest
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
)


def compute(columns: Columns, settings: Settings) -> tuple[FloatArray, ...]:
    """TradingView's built-in Ichimoku Cloud: at each bar the cloud that is drawn at that bar.

    It was known `ahead` - 1 bars before. The lagging line is the close drawn back over older bars, which is
    no value of those bars; instead it is told how far the newest close is from the close it is drawn over.
    """
    back = int(settings["ahead"]) - 1
    tenkan = _middle(columns, settings["conversion"])
    kijun = _middle(columns, settings["base"])
    span_b = _middle(columns, settings["span"])
    lagging = columns.close - _delayed(columns.close, back)
    return tenkan, kijun, _delayed((tenkan + kijun) / 2, back), _delayed(span_b, back), lagging


def _middle(columns: Columns, length: float) -> FloatArray:
    return (highest(columns.high, int(length)) + lowest(columns.low, int(length))) / 2


def _delayed(values: FloatArray, back: int) -> FloatArray:
    late = np.full_like(values, np.nan)
    late[back:] = values[: max(len(values) - back, 0)]
    return late


ICHIMOKU = Kind(
    kind="ichimoku",
    title="Ichimoku",
    family=Family.TREND,
    meaning="Middles of three ranges: above the cloud the trend is up, below it down, inside there is none.",
    parameters=(
        bars("conversion", "Conversion line", 9),
        bars("base", "Base line", 26),
        bars("span", "Leading span B", 52),
        bars("ahead", "Drawn ahead by", 26),
    ),
    outputs=(
        Output(suffix="_tenkan", title="tenkan", look=Look.LINE, colour=Colour.BLUE),
        Output(suffix="_kijun", title="kijun", look=Look.LINE, colour=Colour.BROWN),
        Output(suffix="_span_a", title="span A", look=Look.CLOUD_EDGE, colour=Colour.GREEN),
        Output(suffix="_span_b", title="span B", look=Look.CLOUD_EDGE, colour=Colour.RED),
        Output(suffix="_lagging", title="lagging", look=Look.HIDDEN, colour=Colour.GREY),
    ),
    panel=Panel.PRICE,
    minimum_bars=lambda settings: int(
        max(settings["conversion"], settings["base"], settings["span"]) + settings["ahead"] - 1
    ),
    compute=compute,
    convention="The cloud is drawn `ahead` - 1 bars on, as on TradingView; none beyond the last bar.",
)
