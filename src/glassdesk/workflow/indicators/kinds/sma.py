"""Simple moving average."""

from __future__ import annotations

from glassdesk.workflow.indicators.averages import simple
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
    """`ta.sma(close, length)`."""
    return (simple(columns.close, int(settings["length"])),)


SMA = Kind(
    kind="sma",
    title="SMA",
    family=Family.TREND,
    meaning="The mean of the last closes: above it buyers have paid more than lately, below it less.",
    parameters=(Parameter(name="length", title="Length", default=20, low=1, high=400, unit="bars"),),
    outputs=(Output(suffix="", title="", look=Look.LINE, colour=Colour.BLUE),),
    panel=Panel.PRICE,
    minimum_bars=lambda settings: int(settings["length"]),
    compute=compute,
)
