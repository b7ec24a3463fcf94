"""Rate of change."""

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
    """`ta.roc(close, length)`, in percent."""
    return (np.asarray(talib.ROC(columns.close, timeperiod=int(settings["length"])), dtype=np.float64),)


ROC = Kind(
    kind="roc",
    title="ROC",
    family=Family.MOMENTUM,
    meaning="Change of the close over some bars in percent: above 0 it is dearer than it was then.",
    parameters=(length(9),),
    outputs=(Output(suffix="", title="", look=Look.LINE, colour=Colour.BLUE),),
    panel=Panel.OWN,
    minimum_bars=lambda settings: int(settings["length"]) + 1,
    compute=compute,
    guides=(0,),
)
