"""Money flow index."""

from __future__ import annotations

import numpy as np
import talib

from glassdesk.workflow.indicators.averages import total
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
    """`ta.mfi(hlc3, length)`; no value where no money moved, which TA-Lib would call 0."""
    length = int(settings["length"])
    typical = (columns.high + columns.low + columns.close) / 3
    found = talib.MFI(columns.high, columns.low, columns.close, columns.volume, timeperiod=length)
    flow = np.where(np.diff(typical, prepend=typical[:1]) == 0, 0.0, typical * columns.volume)
    # TA-Lib takes a flow below 1 for none.
    return (np.where(total(flow, length) >= 1, np.asarray(found, dtype=np.float64), np.nan),)


MFI = Kind(
    kind="mfi",
    title="MFI",
    family=Family.VOLUME,
    meaning="The share of money that changed hands on rising prices: above 80 stretched, below 20 low.",
    parameters=(length(14, 200, low=2),),
    outputs=(Output(suffix="", title="", look=Look.LINE, colour=Colour.PINK),),
    panel=Panel.OWN,
    minimum_bars=lambda settings: int(settings["length"]) + 1,
    compute=compute,
    bounds=(0, 100),
    guides=(20, 50, 80),
    convention="No value where nothing was traded on a moving price.",
)
