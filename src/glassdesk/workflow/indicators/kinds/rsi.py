"""Relative strength index."""

from __future__ import annotations

import numpy as np

from glassdesk.workflow.indicators.averages import wilder
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
    """`ta.rsi(close, length)`; without a loss it is 100, as on TradingView, also when nothing moved."""
    return (strength(columns.close, int(settings["length"])),)


def strength(values: FloatArray, length: int) -> FloatArray:
    """`ta.rsi(values, length)`."""
    changes = np.diff(values, prepend=np.nan)
    gains = wilder(np.maximum(changes, 0), length)
    losses = wilder(np.maximum(-changes, 0), length)
    balance = np.divide(gains, losses, out=np.full_like(gains, np.inf), where=losses != 0)
    # Without a loss the quotient is infinite even while both averages are still unknown.
    return np.where(np.isnan(gains), np.nan, 100 - 100 / (1 + balance))


RSI = Kind(
    kind="rsi",
    title="RSI",
    family=Family.MOMENTUM,
    meaning="How much of the recent movement was upwards, 0 to 100: above 70 stretched, below 30 washed out.",
    parameters=(Parameter(name="length", title="Length", default=14, low=2, high=200, unit="bars"),),
    outputs=(Output(suffix="", title="", look=Look.LINE, colour=Colour.PURPLE),),
    panel=Panel.OWN,
    minimum_bars=lambda settings: int(settings["length"]) + 1,
    compute=compute,
    bounds=(0, 100),
    guides=(30, 50, 70),
    convention="Seeded with plain means; 100 without a loss, also when nothing moved, as on TradingView.",
)
