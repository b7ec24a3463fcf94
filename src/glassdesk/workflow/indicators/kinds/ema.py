"""Exponential moving average."""

from __future__ import annotations

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
    Parameter,
    Settings,
)


def compute(columns: Columns, settings: Settings) -> tuple[FloatArray, ...]:
    """`ta.ema(close, length)`, seeded with the mean of the first `length` closes."""
    return (exponential(columns.close, int(settings["length"])),)


EMA = Kind(
    kind="ema",
    title="EMA",
    family=Family.TREND,
    meaning="A mean of closes in which new ones weigh more, so it turns earlier than a simple average.",
    parameters=(Parameter(name="length", title="Length", default=50, low=1, high=400, unit="bars"),),
    outputs=(Output(suffix="", title="", look=Look.LINE, colour=Colour.ORANGE),),
    panel=Panel.PRICE,
    minimum_bars=lambda settings: int(settings["length"]),
    compute=compute,
)
