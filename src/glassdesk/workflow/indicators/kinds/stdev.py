"""Standard deviation."""

from __future__ import annotations

from glassdesk.workflow.indicators.averages import deviation, simple
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
    """`ta.stdev(close, length)`: the population's, not the sample's."""
    length = int(settings["length"])
    return (deviation(columns.close, simple(columns.close, length), length),)


STDEV = Kind(
    kind="stdev",
    title="Deviation",
    family=Family.VOLATILITY,
    meaning="How far closes usually are from their mean, in the price's own unit: low before big moves.",
    parameters=(length(20, low=2),),
    outputs=(Output(suffix="", title="", look=Look.LINE, colour=Colour.BROWN),),
    panel=Panel.OWN,
    minimum_bars=lambda settings: int(settings["length"]),
    compute=compute,
    convention="The population's deviation, as on TradingView.",
)
