"""Swing highs, known once the bars after them have confirmed them."""

from __future__ import annotations

import numpy as np

from glassdesk.workflow.indicators.averages import highest
from glassdesk.workflow.indicators.kind import FloatArray, IntArray


def last_swings(values: FloatArray, left: int, right: int) -> tuple[FloatArray, IntArray]:
    """For every bar the newest confirmed swing: its value, NaN before the first, and its bar, -1 before.

    A swing is above the `left` values before it and not below the `right` values after it; it is confirmed
    by the last of these. Swing lows are the swings of the negated lows.
    """
    size = len(values)
    found = np.full(size, np.nan)
    whole = left + right + 1
    if size >= whole:
        middle = values[left : size - right]
        before = highest(values, left)[left - 1 : size - right - 1]
        swings = (highest(values, whole)[whole - 1 :] == middle) & (middle > before)
        found[whole - 1 :] = np.where(swings, middle, np.nan)
    at = np.maximum.accumulate(np.where(np.isnan(found), -1, np.arange(size)))
    return np.where(at < 0, np.nan, found[at]), np.where(at < 0, -1, at - right)
