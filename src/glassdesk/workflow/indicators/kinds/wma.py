"""Weighted moving average."""

from __future__ import annotations

from glassdesk.workflow.indicators.averages import weighted
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
    """`ta.wma(close, length)`."""
    return (weighted(columns.close, int(settings["length"])),)


WMA = Kind(
    kind="wma",
    title="WMA",
    family=Family.TREND,
    meaning="A mean of closes in which weights fall by equal steps into the past: between SMA and EMA.",
    parameters=(length(20),),
    outputs=(Output(suffix="", title="", look=Look.LINE, colour=Colour.CYAN),),
    panel=Panel.PRICE,
    minimum_bars=lambda settings: int(settings["length"]),
    compute=compute,
)
