"""Pivot points."""

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
    choice,
)
from glassdesk.workflow.indicators.periods import PERIODS, begins


def compute(columns: Columns, settings: Settings) -> tuple[FloatArray, ...]:
    """TradingView's traditional pivot points, from the period before the one that a bar belongs to.

    Only from periods that began and ended within the bars: one cut off has another high.
    """
    starts = begins(columns.session, PERIODS[int(settings["period"])])
    levels = np.full((7, len(columns.close)), np.nan)
    if len(starts) > 1:
        begun, ended = starts[:-1], starts[1:]
        high = np.maximum.reduceat(columns.high[: ended[-1]], begun)
        low = np.minimum.reduceat(columns.low[: ended[-1]], begun)
        lasts = np.diff([*ended, len(columns.close)])
        levels[:, ended[0] :] = np.repeat(_levels(high, low, columns.close[ended - 1]), lasts, axis=1)
    return tuple(levels)


def _levels(high: FloatArray, low: FloatArray, close: FloatArray) -> FloatArray:
    """R3, R2, R1, P, S1, S2, S3."""
    pivot, reach = (high + low + close) / 3, high - low
    up, down = 2 * pivot - low, 2 * pivot - high
    return np.array([up + reach, pivot + reach, up, pivot, down, pivot - reach, down - reach])


def _output(name: str, colour: Colour) -> Output:
    return Output(suffix=f"_{name.lower()}", title=name, look=Look.LEVEL, colour=colour)


PIVOTS = Kind(
    kind="pivots",
    title="Pivots",
    family=Family.LEVELS,
    meaning="Prices that many traders watch, from the last period's range: P the middle, R above, S below.",
    parameters=(choice("period", "Period", PERIODS, "month"),),
    outputs=(
        *(_output(name, Colour.RED) for name in ("R3", "R2", "R1")),
        _output("P", Colour.GREY),
        *(_output(name, Colour.GREEN) for name in ("S1", "S2", "S3")),
    ),
    panel=Panel.PRICE,
    minimum_bars=lambda settings: 3,
    compute=compute,
    convention="TradingView's traditional levels, from the first whole period within the bars on.",
    patient=True,
)
