"""Average directional index with its two directional indicators."""

from __future__ import annotations

import numpy as np

from glassdesk.workflow.indicators.averages import ratio, true_range, wilder
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


def compute(columns: Columns, settings: Settings) -> tuple[FloatArray, ...]:
    """`ta.dmi(length, smoothing)`: Wilder's averages begin with the plain mean of their first values.

    TA-Lib begins with sums one value short, which shows for some hundred bars.
    """
    length = int(settings["length"])
    ups, downs = np.diff(columns.high, prepend=np.nan), -np.diff(columns.low, prepend=np.nan)
    ranges = true_range(columns.high, columns.low, columns.close)
    ranges[0] = np.nan
    travelled = wilder(ranges, length)
    plus = _kept(100 * ratio(wilder(_moved(ups, downs), length), travelled))
    minus = _kept(100 * ratio(wilder(_moved(downs, ups), length), travelled))
    both = plus + minus
    strength = np.divide(abs(plus - minus), both, out=abs(plus - minus), where=both != 0)
    return 100 * wilder(strength, int(settings["smoothing"])), plus, minus


def _moved(these: FloatArray, others: FloatArray) -> FloatArray:
    moved = np.where((these > others) & (these > 0), these, 0.0)
    moved[0] = np.nan
    return moved


def _kept(values: FloatArray) -> FloatArray:
    """The last known value goes on where nothing moved: Pine's `fixnan`."""
    at = np.maximum.accumulate(np.where(np.isnan(values), 0, np.arange(len(values))))
    return values[at]


ADX = Kind(
    kind="adx",
    title="ADX",
    family=Family.TREND,
    meaning="How strong the trend is, whichever way: above 25 there is one; +DI above -DI says upwards.",
    parameters=(bars("smoothing", "ADX smoothing", 14), length(14, 200, title="DI length")),
    outputs=(
        Output(suffix="", title="ADX", look=Look.LINE, colour=Colour.PURPLE),
        Output(suffix="_plus", title="+DI", look=Look.LINE, colour=Colour.GREEN),
        Output(suffix="_minus", title="-DI", look=Look.LINE, colour=Colour.RED),
    ),
    panel=Panel.OWN,
    minimum_bars=lambda settings: int(settings["length"] + settings["smoothing"]),
    compute=compute,
    guides=(25,),
    convention="Seeded as on TradingView; TA-Lib's sums begin otherwise and agree after 300 bars.",
)
