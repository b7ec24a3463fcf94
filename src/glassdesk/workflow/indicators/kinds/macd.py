"""Moving average convergence divergence."""

from __future__ import annotations

from glassdesk.workflow.indicators.averages import exponential, steady
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
    """`ta.macd`: both averages start at their own first bar.

    TA-Lib's MACD starts the fast one where the slow one starts, which shows for about sixty bars.
    """
    fast = exponential(columns.close, int(settings["fast"]))
    slow = exponential(columns.close, int(settings["slow"]))
    line = steady(steady(fast) - steady(slow))
    signal = steady(exponential(line, int(settings["signal"])))
    return line, signal, line - signal


def refuse(settings: Settings) -> str:
    """The fast average has to be the shorter one."""
    if settings["fast"] < settings["slow"]:
        return ""
    return f"fast ({settings['fast']:g}) must be below slow ({settings['slow']:g})"


MACD = Kind(
    kind="macd",
    title="MACD",
    family=Family.MOMENTUM,
    meaning="A fast average less a slow one: above its signal line the movement gains, below it fades.",
    parameters=(
        Parameter(name="fast", title="Fast length", default=12, low=1, high=200, unit="bars"),
        Parameter(name="slow", title="Slow length", default=26, low=2, high=400, unit="bars"),
        Parameter(name="signal", title="Signal length", default=9, low=1, high=200, unit="bars"),
    ),
    outputs=(
        Output(suffix="", title="", look=Look.LINE, colour=Colour.BLUE),
        Output(suffix="_signal", title="signal", look=Look.LINE, colour=Colour.ORANGE),
        Output(suffix="_hist", title="hist", look=Look.HISTOGRAM, colour=Colour.GREY),
    ),
    panel=Panel.OWN,
    minimum_bars=lambda settings: int(settings["slow"] + settings["signal"]) - 1,
    compute=compute,
    convention="Both averages begin at their own first bar, as on TradingView; TA-Lib delays the fast one.",
    guides=(0,),
    refuse=refuse,
)
