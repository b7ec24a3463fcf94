"""Fibonacci levels between the last two swings."""

from __future__ import annotations

import numpy as np

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
    bars,
)
from glassdesk.workflow.indicators.swings import last_swings

RATIOS = (0, 0.236, 0.382, 0.5, 0.618, 0.786, 1)


def compute(columns: Columns, settings: Settings) -> tuple[FloatArray, ...]:
    """Levels of the leg between the last confirmed swing high and swing low, and its way: 1 up, -1 down.

    0 % is where the leg ended, 100 % where it began. A swing counts from the bar that confirms it, `right`
    bars later, so later bars change nothing. No value while the high is below the low: that is no leg.
    """
    left, right = int(settings["left"]), int(settings["right"])
    high, high_at = last_swings(columns.high, left, right)
    low, low_at = last_swings(-columns.low, left, right)
    low, up = -low, high_at >= low_at
    leg = high > low
    end, start = np.where(up, high, low), np.where(up, low, high)
    levels = [np.where(leg, end + ratio * (start - end), np.nan) for ratio in RATIOS]
    return *levels, np.where(leg, np.where(up, 1.0, -1.0), np.nan)


def _output(ratio: float, colour: Colour) -> Output:
    percent = f"{100 * ratio:g}"
    return Output(
        suffix="_" + percent.replace(".", "p"), title=f"{percent} %", look=Look.LEVEL_NOW, colour=colour
    )


_COLOURS = (
    Colour.GREY,
    Colour.RED,
    Colour.GOLD,
    Colour.GREEN,
    Colour.CYAN,
    Colour.BLUE,
    Colour.GREY,
)

FIB = Kind(
    kind="fib",
    title="Fibonacci",
    family=Family.LEVELS,
    meaning="How much of the last leg was taken back: 38.2, 50 and 61.8 % are where many expect a turn.",
    parameters=(bars("left", "Bars before a swing", 10, 100), bars("right", "Bars after a swing", 5, 100)),
    outputs=(
        *(_output(ratio, colour) for ratio, colour in zip(RATIOS, _COLOURS, strict=True)),
        Output(suffix="_direction", title="direction", look=Look.HIDDEN, colour=Colour.GREY),
    ),
    panel=Panel.PRICE,
    minimum_bars=lambda settings: int(settings["left"] + settings["right"]) + 1,
    compute=compute,
    convention="Swings are `ta.pivothigh` and `ta.pivotlow`, known only once their right side is complete.",
    patient=True,
)
