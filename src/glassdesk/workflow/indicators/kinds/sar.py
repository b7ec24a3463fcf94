"""Parabolic SAR."""

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
    Parameter,
    Settings,
)


def compute(columns: Columns, settings: Settings) -> tuple[FloatArray, ...]:
    """`ta.sar(start, step, most)` and on which side the price is: 1 above, -1 below.

    The published Pine source line for line. TA-Lib takes its first side from directional movement instead of
    the second close, and holds SAR back before it looks for a hit, so now and then it turns a bar later.
    """
    rising = len(columns.close) > 1 and bool(columns.close[1] > columns.close[0])
    pace = settings["start"], settings["step"], settings["most"]
    sar, direction = _follow(columns.high.tolist(), columns.low.tolist(), rising, pace)
    return np.array(sar), np.array(direction)


def _follow(
    highs: list[float], lows: list[float], up: bool, pace: tuple[float, float, float]
) -> tuple[list[float], list[float]]:
    """SAR and direction: it nears the extreme ever faster, never passes the last two bars."""
    start, step, most = pace
    sars, sides = [np.nan], [np.nan]
    if len(highs) == 1:
        return sars, sides
    value, extreme, speed = (lows[0], highs[1], start) if up else (highs[0], lows[1], start)
    for i in range(1, len(highs)):
        high, low, back = highs[i], lows[i], max(i - 2, 0)
        value += speed * (extreme - value)
        if (value > low) if up else (value < high):
            value = max(high, extreme) if up else min(low, extreme)
            up, extreme, speed = not up, low if up else high, start
        elif i > 1 and ((high > extreme) if up else (low < extreme)):
            extreme, speed = high if up else low, min(speed + step, most)
        value = min(value, lows[i - 1], lows[back]) if up else max(value, highs[i - 1], highs[back])
        sars.append(value)
        sides.append(1.0 if up else -1.0)
    return sars, sides


def refuse(settings: Settings) -> str:
    """The speed cannot begin above its limit."""
    if settings["start"] <= settings["most"]:
        return ""
    return f"start ({settings['start']:g}) must not be above most ({settings['most']:g})"


SAR = Kind(
    kind="sar",
    title="Parabolic SAR",
    family=Family.TREND,
    meaning="A stop that nears the price ever faster as the trend goes on, and changes side when it is hit.",
    parameters=(
        Parameter(name="start", title="Start", default=0.02, low=0.01, high=1, unit="a bar", whole=False),
        Parameter(name="step", title="Step", default=0.02, low=0.01, high=1, unit="an extreme", whole=False),
        Parameter(name="most", title="At most", default=0.2, low=0.01, high=1, unit="a bar", whole=False),
    ),
    outputs=(
        Output(suffix="", title="", look=Look.DOTS, colour=Colour.GREY),
        Output(suffix="_direction", title="direction", look=Look.HIDDEN, colour=Colour.GREY),
    ),
    panel=Panel.PRICE,
    minimum_bars=lambda settings: 2,
    compute=compute,
    convention="TradingView's source: it looks for a hit first; TA-Lib turns a bar later at times.",
    refuse=refuse,
)
