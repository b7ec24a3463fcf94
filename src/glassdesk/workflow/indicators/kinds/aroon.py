"""Aroon."""

from __future__ import annotations

import numpy as np
import talib

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
    """TradingView's built-in Aroon: how lately the extreme was; of equal ones the newest counts."""
    down, up = talib.AROON(columns.high, columns.low, timeperiod=int(settings["length"]))
    return np.asarray(up, dtype=np.float64), np.asarray(down, dtype=np.float64)


AROON = Kind(
    kind="aroon",
    title="Aroon",
    family=Family.TREND,
    meaning="How lately the highest high and the lowest low were, 100 is now: up above down is an uptrend.",
    parameters=(length(14, 200, low=2),),
    outputs=(
        Output(suffix="_up", title="up", look=Look.LINE, colour=Colour.ORANGE),
        Output(suffix="_down", title="down", look=Look.LINE, colour=Colour.BLUE),
    ),
    panel=Panel.OWN,
    minimum_bars=lambda settings: int(settings["length"]) + 1,
    compute=compute,
    bounds=(0, 100),
    guides=(30, 50, 70),
)
