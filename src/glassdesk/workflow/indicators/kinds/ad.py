"""Accumulation/distribution line."""

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
    """`ta.accdist`: it begins with the first bar read."""
    found = talib.AD(columns.high, columns.low, columns.close, columns.volume)
    return (np.asarray(found, dtype=np.float64),)


AD = Kind(
    kind="ad",
    title="A/D",
    family=Family.VOLUME,
    meaning="Volume added by where each bar closed in its range: rising while the price falls is buying.",
    parameters=(),
    outputs=(Output(suffix="", title="", look=Look.LINE, colour=Colour.BROWN),),
    panel=Panel.OWN,
    minimum_bars=lambda settings: 1,
    compute=compute,
)
