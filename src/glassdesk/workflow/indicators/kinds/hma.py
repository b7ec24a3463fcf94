"""Hull moving average."""

from __future__ import annotations

from math import isqrt

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
    """`ta.hma(close, length)`: twice the fast weighted average less the slow one, weighted once more."""
    length = int(settings["length"])
    ahead = 2 * weighted(columns.close, length // 2) - weighted(columns.close, length)
    return (weighted(ahead, isqrt(length)),)


HMA = Kind(
    kind="hma",
    title="HMA",
    family=Family.TREND,
    meaning="Hull's average: it hugs the price with hardly any delay, and overshoots where the price turns.",
    parameters=(length(21, low=2),),
    outputs=(Output(suffix="", title="", look=Look.LINE, colour=Colour.PURPLE),),
    panel=Panel.PRICE,
    minimum_bars=lambda settings: int(settings["length"]) + isqrt(int(settings["length"])) - 1,
    compute=compute,
)
