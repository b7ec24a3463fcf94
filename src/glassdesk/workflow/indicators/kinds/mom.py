"""Momentum."""

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
    """`ta.mom(close, length)`."""
    return (np.asarray(talib.MOM(columns.close, timeperiod=int(settings["length"])), dtype=np.float64),)


MOM = Kind(
    kind="mom",
    title="Momentum",
    family=Family.MOMENTUM,
    meaning="Change of the close over some bars in its own unit: above 0 it is dearer than then.",
    parameters=(length(10),),
    outputs=(Output(suffix="", title="", look=Look.LINE, colour=Colour.CYAN),),
    panel=Panel.OWN,
    minimum_bars=lambda settings: int(settings["length"]) + 1,
    compute=compute,
    guides=(0,),
)
