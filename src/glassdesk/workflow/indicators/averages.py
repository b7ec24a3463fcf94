"""The moving averages that other indicators are made of, with TradingView's seeds.

Each starts with the plain mean of its first `length` values, skips leading NaN, and answers NaN until then.
"""

from __future__ import annotations

import numpy as np
import talib
from numpy.lib.stride_tricks import sliding_window_view

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


def weighted(values: FloatArray, length: int) -> FloatArray:
    """The newest value weighs `length`, the one before it one less, and so on."""
    return np.asarray(talib.WMA(values, timeperiod=length), dtype=np.float64)


def highest(values: FloatArray, length: int) -> FloatArray:
    """The highest of the last `length` values."""
    return values if length == 1 else np.asarray(talib.MAX(values, timeperiod=length), dtype=np.float64)


def lowest(values: FloatArray, length: int) -> FloatArray:
    """The lowest of the last `length` values."""
    return values if length == 1 else np.asarray(talib.MIN(values, timeperiod=length), dtype=np.float64)


def total(values: FloatArray, length: int) -> FloatArray:
    """The sum of the last `length` values, NaN where one of them is.

    Each is added up for itself: a running sum would carry one NaN, or one big volume's error, for ever.
    """
    sums = np.full_like(values, np.nan)
    if len(values) >= length:
        sums[length - 1 :] = sliding_window_view(values, length).sum(axis=1)
    return sums


def ratio(part: FloatArray, whole: FloatArray) -> FloatArray:
    """`part / whole`, NaN where the whole is nothing: that is no 0."""
    return np.divide(part, whole, out=np.full_like(part, np.nan), where=whole != 0)


def deviation(values: FloatArray, means: FloatArray, length: int) -> FloatArray:
    """The population's standard deviation of the last `length` values around `means`.

    Summed around the mean: the shorter formula (mean of squares less square of mean) loses half its digits
    on a high price that hardly moves.
    """
    spread = np.full_like(values, np.nan)
    if len(values) < length:
        return spread
    squares = ((sliding_window_view(values, length) - means[length - 1 :, None]) ** 2).sum(axis=1)
    # The mean of equal prices need not be that price.
    still = highest(values, length) == lowest(values, length)
    spread[length - 1 :] = np.where(still[length - 1 :], 0.0, np.sqrt(squares / length))
    return spread


def true_range(high: FloatArray, low: FloatArray, close: FloatArray) -> FloatArray:
    """How far the price went since the last close; the first bar, which has none, counts high less low."""
    ranges = high - low
    ranges[1:] = np.maximum.reduce([ranges[1:], abs(high[1:] - close[:-1]), abs(low[1:] - close[:-1])])
    return ranges


_TENS = np.array([float(f"1e{n}") for n in range(23)])
"""Powers of ten that a float holds exactly."""


def steady(values: FloatArray, digits: int = 10) -> FloatArray:
    """`values` to `digits` significant digits, so that a difference of two is not the machine's noise.

    A whole number divided by a power of ten that a float holds exactly is the very float that its decimal
    text stands for. Where the logarithm of a value just below a power of ten is rounded up, so is the value.
    """
    size = np.abs(values)
    size = np.where((size >= 1e-30) & (size < 1e22), size, 1.0)
    shift = digits - 1 - np.floor(np.log10(size)).astype(np.int64)
    power = _TENS[np.minimum(np.abs(shift), 22)]
    rounded = np.rint(values * power) / power
    if (large := shift < 0).any():
        rounded[large] = np.rint(values[large] / power[large]) * power[large]
    # Adding 0.0 turns -0.0 into 0.0: they are equal, but their texts, and so their hashes, are not.
    return np.asarray(rounded + 0.0, dtype=np.float64)
