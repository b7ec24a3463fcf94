"""TRIX."""

from __future__ import annotations

import numpy as np

from glassdesk.workflow.indicators.averages import exponential
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
    """TradingView's built-in TRIX: the change of the logarithm, averaged three times, times 10,000."""
    smooth = np.log(columns.close)
    for _ in range(3):
        smooth = exponential(smooth, int(settings["length"]))
    return (10_000 * np.diff(smooth, prepend=np.nan),)


TRIX = Kind(
    kind="trix",
    title="TRIX",
    family=Family.MOMENTUM,
    meaning="The slope of a triple average, in hundredths of a percent a bar: above 0 the trend is up.",
    parameters=(length(18, 200),),
    outputs=(Output(suffix="", title="", look=Look.LINE, colour=Colour.PINK),),
    panel=Panel.OWN,
    minimum_bars=lambda settings: 3 * int(settings["length"]) - 1,
    compute=compute,
    guides=(0,),
    convention="Of logarithms and times 10,000, as on TradingView; TA-Lib's is a percentage of the price.",
)
