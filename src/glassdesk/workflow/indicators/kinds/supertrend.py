"""SuperTrend."""

from __future__ import annotations

import numpy as np

from glassdesk.workflow.indicators.averages import true_range, wilder
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
    """`ta.supertrend(factor, length)`; the direction's sign is turned round, so that 1 is up and -1 is down.

    The published Pine source line for line: it starts downwards at the first bar that has an ATR. TA-Lib's
    SUPERTREND starts elsewhere and is not used.
    """
    length = int(settings["length"])
    size = len(columns.close)
    reach = settings["factor"] * wilder(true_range(columns.high, columns.low, columns.close), length)
    middle = (columns.high + columns.low) / 2
    if size < length:
        return np.full(size, np.nan), np.full(size, np.nan)
    warm = [np.nan] * (length - 1)
    trend, direction = _follow(
        (middle + reach)[length - 1 :].tolist(),
        (middle - reach)[length - 1 :].tolist(),
        columns.close[length - 1 :].tolist(),
    )
    return np.array(warm + trend), np.array(warm + direction)


def _follow(uppers: list[float], lowers: list[float], closes: list[float]) -> tuple[list[float], list[float]]:
    """Trend and direction: a band only moves towards the price, until a close breaks through it."""
    upper, lower, way = uppers[0], lowers[0], -1.0
    trend, ways = [upper], [way]
    for i in range(1, len(closes)):
        last_upper, was_upper, before = upper, trend[-1] == upper, closes[i - 1]
        lower = lowers[i] if lowers[i] > lower or before < lower else lower
        upper = uppers[i] if uppers[i] < last_upper or before > last_upper else last_upper
        way = 1.0 if (closes[i] > upper if was_upper else closes[i] >= lower) else -1.0
        trend.append(lower if way > 0 else upper)
        ways.append(way)
    return trend, ways


SUPERTREND = Kind(
    kind="supertrend",
    title="SuperTrend",
    family=Family.TREND,
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
    convention="TradingView's source with the sign turned round: 1 is up, -1 is down.",
)
