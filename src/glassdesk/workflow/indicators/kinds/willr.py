"""Williams %R."""

from __future__ import annotations

import numpy as np
import talib

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
    length,
)


def compute(columns: Columns, settings: Settings) -> tuple[FloatArray, ...]:
    """`ta.wpr(length)`; no value where the bars have no range."""
    length = int(settings["length"])
    found = np.asarray(
        talib.WILLR(columns.high, columns.low, columns.close, timeperiod=length), dtype=np.float64
    )
    still = highest(columns.high, length) == lowest(columns.low, length)
    return (np.where(still, np.nan, found),)


WILLR = Kind(
    kind="willr",
    title="Williams %R",
    family=Family.MOMENTUM,
    meaning="How far the close is below the top of its range, 0 to -100: above -20 stretched, below -80 low.",
    parameters=(length(14, 200, low=2),),
    outputs=(Output(suffix="", title="", look=Look.LINE, colour=Colour.PURPLE),),
    panel=Panel.OWN,
    minimum_bars=lambda settings: int(settings["length"]),
    compute=compute,
    bounds=(-100, 0),
    guides=(-80, -50, -20),
    convention="No value where the bars have no range at all, as on TradingView; TA-Lib says 0 there.",
)
