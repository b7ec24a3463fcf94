"""Commodity channel index."""

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
    """`ta.cci(hlc3, length)`; 0 on a price that stands still, where only the machine's noise deviates."""
    length = int(settings["length"])
    typical = (columns.high + columns.low + columns.close) / 3
    cci = np.asarray(talib.CCI(columns.high, columns.low, columns.close, timeperiod=length), dtype=np.float64)
    return (np.where(highest(typical, length) == lowest(typical, length), 0.0, cci),)


CCI = Kind(
    kind="cci",
    title="CCI",
    family=Family.MOMENTUM,
    meaning="How far the price is from its mean, in usual deviations: above 100 or below -100 is unusual.",
    parameters=(length(20, low=2),),
    outputs=(Output(suffix="", title="", look=Look.LINE, colour=Colour.CYAN),),
    panel=Panel.OWN,
    minimum_bars=lambda settings: int(settings["length"]),
    compute=compute,
    guides=(-100, 0, 100),
)
