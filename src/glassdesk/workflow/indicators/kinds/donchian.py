"""Donchian channels."""

from __future__ import annotations

from glassdesk.workflow.indicators.averages import highest, lowest
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
    """`ta.highest(high, length)` and `ta.lowest(low, length)`, the newest bar included, and their middle."""
    length = int(settings["length"])
    upper, lower = highest(columns.high, length), lowest(columns.low, length)
    return upper, (upper + lower) / 2, lower


DONCHIAN = Kind(
    kind="donchian",
    title="Donchian",
    family=Family.TREND,
    meaning="The highest high and the lowest low of some bars: a new extreme is a breakout.",
    parameters=(length(20),),
    outputs=(
        Output(suffix="_upper", title="upper", look=Look.BAND_EDGE, colour=Colour.BLUE),
        Output(suffix="_mid", title="mid", look=Look.BAND_MIDDLE, colour=Colour.BLUE),
        Output(suffix="_lower", title="lower", look=Look.BAND_EDGE, colour=Colour.BLUE),
    ),
    panel=Panel.PRICE,
    minimum_bars=lambda settings: int(settings["length"]),
    compute=compute,
    convention="The newest bar counts, so a breakout is a close above the value one bar before.",
)
