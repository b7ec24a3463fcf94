"""SuperTrend."""

from __future__ import annotations

import numpy as np

from glassdesk.workflow.indicators.averages import true_range, wilder
from glassdesk.workflow.indicators.kind import (
    Colour,
    Columns,
    FloatArray,
    Kind,
    Look,
    Output,
    Panel,
    Parameter,
    Settings,
)


def compute(columns: Columns, settings: Settings) -> tuple[FloatArray, ...]:
    """`ta.supertrend(factor, length)`; the direction's sign is turned round, so that 1 is up and -1 is down.

    The published Pine source line for line: it starts downwards at the first bar that has an ATR. TA-Lib's
    SUPERTREND starts elsewhere and is not used.
    """
    length = int(settings["length"])
    size = len(columns.close)
    reach = settings["factor"] * wilder(true_range(columns.high, columns.low, columns.close), length)
    middle = (columns.high + columns.low) / 2
    trend, direction = np.full(size, np.nan), np.full(size, np.nan)
    if size >= length:
        start = length - 1
        _follow(
            (middle + reach)[start:].tolist(),
            (middle - reach)[start:].tolist(),
            columns.close[start:].tolist(),
            trend[start:],
            direction[start:],
        )
    return trend, direction


def _follow(
    uppers: list[float], lowers: list[float], closes: list[float], trend: FloatArray, direction: FloatArray
) -> None:
    """Fill `trend` and `direction`: a band only moves towards the price, until a close breaks through it."""
    upper, lower, way = uppers[0], lowers[0], -1
    trend[0], direction[0] = upper, way
    for i in range(1, len(closes)):
        last_upper, was_upper = upper, trend[i - 1] == upper
        lower = lowers[i] if lowers[i] > lower or closes[i - 1] < lower else lower
        upper = uppers[i] if uppers[i] < last_upper or closes[i - 1] > last_upper else last_upper
        rises = closes[i] > upper if was_upper else closes[i] >= lower
        way = 1 if rises else -1
        trend[i], direction[i] = (lower if way == 1 else upper), way


SUPERTREND = Kind(
    kind="supertrend",
    title="SuperTrend",
    meaning="A stop line that follows the trend some ATRs away and changes side when a close breaks it.",
    parameters=(
        Parameter(name="length", title="ATR length", default=10, low=2, high=200, unit="bars"),
        Parameter(name="factor", title="Factor", default=3, low=0.1, high=20, unit="ATRs", whole=False),
    ),
    outputs=(
        Output(suffix="", title="", look=Look.TREND, colour=Colour.GREY),
        Output(suffix="_direction", title="direction", look=Look.HIDDEN, colour=Colour.GREY),
    ),
    panel=Panel.PRICE,
    minimum_bars=lambda settings: int(settings["length"]),
    compute=compute,
)
