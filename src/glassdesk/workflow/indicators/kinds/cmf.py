"""Chaikin money flow."""

from __future__ import annotations

import numpy as np

from glassdesk.workflow.indicators.averages import ratio, total
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
    """TradingView's built-in Chaikin Money Flow; no value where nothing was traded."""
    length = int(settings["length"])
    return (ratio(total(pressure(columns), length), total(columns.volume, length)),)


def pressure(columns: Columns) -> FloatArray:
    """Each bar's volume, counted by where it closed: all of it at the high, less all of it at the low."""
    reach = columns.high - columns.low
    place = (columns.close - columns.low) - (columns.high - columns.close)
    share = np.divide(place, reach, out=np.zeros_like(reach), where=reach > 0)
    return np.asarray(share * columns.volume, dtype=np.float64)


CMF = Kind(
    kind="cmf",
    title="CMF",
    family=Family.VOLUME,
    meaning="Whether volume came with closes near the high or near the low, -1 to 1: above 0 buyers press.",
    parameters=(length(20, 200),),
    outputs=(Output(suffix="", title="", look=Look.LINE, colour=Colour.GREEN),),
    panel=Panel.OWN,
    minimum_bars=lambda settings: int(settings["length"]),
    compute=compute,
    guides=(0,),
    convention="No value where nothing was traded. Each sum is added for itself: TA-Lib's runs on.",
)
