"""Bollinger bands."""

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
    Parameter,
    Settings,
)


def compute(columns: Columns, settings: Settings) -> tuple[FloatArray, ...]:
    """`ta.bb(close, length, width)`: the deviation is the population's, not the sample's."""
    length = int(settings["length"])
    middle = simple(columns.close, length)
    distance = settings["width"] * deviation(columns.close, middle, length)
    return middle + distance, middle, middle - distance


BB = Kind(
    kind="bb",
    title="Bollinger",
    family=Family.VOLATILITY,
    meaning="A simple average with lines some standard deviations off: narrow is calm, outside is unusual.",
    parameters=(
        Parameter(name="length", title="Length", default=20, low=2, high=400, unit="bars"),
        Parameter(
            name="width",
            title="Width",
            default=2,
            low=0.1,
            high=10,
            unit="standard deviations",
            whole=False,
        ),
    ),
    outputs=(
        Output(suffix="_upper", title="upper", look=Look.BAND_EDGE, colour=Colour.CYAN),
        Output(suffix="_mid", title="mid", look=Look.BAND_MIDDLE, colour=Colour.CYAN),
        Output(suffix="_lower", title="lower", look=Look.BAND_EDGE, colour=Colour.CYAN),
    ),
    panel=Panel.PRICE,
    minimum_bars=lambda settings: int(settings["length"]),
    compute=compute,
    convention="The population's deviation, as on TradingView.",
)
