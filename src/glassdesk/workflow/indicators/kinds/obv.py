"""On balance volume."""

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
)


def compute(columns: Columns, settings: Settings) -> tuple[FloatArray, ...]:
    """`ta.obv`: it begins at 0 with the first bar read."""
    found = np.asarray(talib.OBV(columns.close, columns.volume), dtype=np.float64)
    return (found - columns.volume[0],)


OBV = Kind(
    kind="obv",
    title="OBV",
    family=Family.VOLUME,
    meaning="Volume added on rising closes, taken away on falling ones: its direction counts, not its size.",
    parameters=(),
    outputs=(Output(suffix="", title="", look=Look.LINE, colour=Colour.BLUE),),
    panel=Panel.OWN,
    minimum_bars=lambda settings: 1,
    compute=compute,
    convention="0 at the first bar read, as on TradingView; TA-Lib begins with that bar's volume.",
)
