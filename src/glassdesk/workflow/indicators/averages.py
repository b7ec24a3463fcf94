"""The moving averages that other indicators are made of, with TradingView's seeds.

Each starts with the plain mean of its first `length` values, skips leading NaN, and answers NaN until then.
"""

from __future__ import annotations

import numpy as np
import talib

from glassdesk.workflow.indicators.kind import FloatArray


def simple(values: FloatArray, length: int) -> FloatArray:
    """The mean of the last `length` values."""
    return np.asarray(talib.SMA(values, timeperiod=length), dtype=np.float64)


def exponential(values: FloatArray, length: int) -> FloatArray:
    """Each value weighs 2 / (length + 1), the rest what was before."""
    return np.asarray(talib.EMA(values, timeperiod=length), dtype=np.float64)


def wilder(values: FloatArray, length: int) -> FloatArray:
    """Each value weighs 1 / length, the rest what was before: Wilder's average, `ta.rma`."""
    return np.asarray(talib.RMA(values, timeperiod=length), dtype=np.float64)


def deviation(values: FloatArray, means: FloatArray, length: int) -> FloatArray:
    """The population's standard deviation of the last `length` values around `means`.

    Summed around the mean: the shorter formula (mean of squares less square of mean) loses half its digits
    on a high price that hardly moves.
    """
    spread = np.full_like(values, np.nan)
    if len(values) < length:
        return spread
    centre = means[length - 1 :]
    squares = np.zeros_like(centre)
    for back in range(length):
        squares += (values[length - 1 - back : len(values) - back] - centre) ** 2
    spread[length - 1 :] = np.sqrt(squares / length)
    return spread


def true_range(high: FloatArray, low: FloatArray, close: FloatArray) -> FloatArray:
    """How far the price went since the last close; the first bar, which has none, counts high less low."""
    ranges = high - low
    ranges[1:] = np.maximum.reduce([ranges[1:], abs(high[1:] - close[:-1]), abs(low[1:] - close[:-1])])
    return ranges


def steady(values: FloatArray) -> FloatArray:
    """`values` to ten significant digits, so that a difference of two is not the machine's noise."""
    return np.array([float(f"{value:.9e}") for value in values.tolist()], dtype=np.float64)
