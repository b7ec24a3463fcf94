"""Stochastic RSI."""

from __future__ import annotations

from glassdesk.workflow.indicators.averages import steady
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
    length,
)
from glassdesk.workflow.indicators.kinds.rsi import strength
from glassdesk.workflow.indicators.kinds.stoch import position, smoothed


def compute(columns: Columns, settings: Settings) -> tuple[FloatArray, ...]:
    """TradingView's built-in Stochastic RSI: the RSI's place in its own range, smoothed twice.

    Twelve digits of the RSI count: on a price that stands still its noise would span the whole range.
    """
    rsi = steady(strength(columns.close, int(settings["rsi"])), 12)
    k = smoothed(position(rsi, rsi, rsi, int(settings["length"])), int(settings["smooth"]))
    return k, smoothed(k, int(settings["signal"]))


STOCHRSI = Kind(
    kind="stochrsi",
    title="Stoch RSI",
    family=Family.MOMENTUM,
    meaning="Where the RSI stands in its own recent range, 0 to 100: quicker than the RSI, and noisier.",
    parameters=(
        bars("rsi", "RSI length", 14, low=2),
        length(14, 200, low=2, title="Stochastic length"),
        bars("smooth", "%K smoothing", 3, 50),
        bars("signal", "%D smoothing", 3, 50),
    ),
    outputs=(
        Output(suffix="", title="%K", look=Look.LINE, colour=Colour.BLUE),
        Output(suffix="_signal", title="%D", look=Look.LINE, colour=Colour.ORANGE),
    ),
    panel=Panel.OWN,
    minimum_bars=lambda settings: int(sum(settings.values())) - 2,
    compute=compute,
    bounds=(0, 100),
    guides=(20, 50, 80),
    convention="No value where the RSI has not moved at all, as on TradingView.",
    patient=True,
)
