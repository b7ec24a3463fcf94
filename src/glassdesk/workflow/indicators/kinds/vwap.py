"""Volume weighted average price."""

from __future__ import annotations

import numpy as np

from glassdesk.workflow.indicators.averages import ratio
from glassdesk.workflow.indicators.kind import (
    Colour,
    Columns,
    Family,
    FloatArray,
    IntArray,
    Kind,
    Look,
    Output,
    Panel,
    Settings,
    choice,
)
from glassdesk.workflow.indicators.periods import PERIODS, begins


def compute(columns: Columns, settings: Settings) -> tuple[FloatArray, ...]:
    """`ta.vwap(hlc3, anchor)`; nothing before the first period that begins within the bars."""
    starts = begins(columns.session, PERIODS[int(settings["anchor"])])
    typical = (columns.high + columns.low + columns.close) / 3
    return (ratio(_since(typical * columns.volume, starts), _since(columns.volume, starts)),)


def _since(values: FloatArray, starts: IntArray) -> FloatArray:
    """The sum since each bar's period began; NaN before the first of them."""
    sums = np.cumsum(values)
    before = np.concatenate(([np.nan], sums[starts - 1]))
    lasts = np.diff(np.concatenate(([0], starts, [len(values)])))
    return np.asarray(sums - np.repeat(before, lasts), dtype=np.float64)


VWAP = Kind(
    kind="vwap",
    title="VWAP",
    family=Family.VOLUME,
    meaning="The mean price paid since the period began, each share counted: above it buyers are in profit.",
    parameters=(choice("anchor", "Starts anew every", PERIODS, "month"),),
    outputs=(Output(suffix="", title="", look=Look.LINE, colour=Colour.GOLD),),
    panel=Panel.PRICE,
    minimum_bars=lambda settings: 2,
    compute=compute,
    convention="It begins with the first period that starts within the bars: a period cut off is none.",
    patient=True,
)
