"""Calendar periods of sessions: where each one begins within a row of bars."""

from __future__ import annotations

import numpy as np

from glassdesk.workflow.indicators.kind import IntArray

PERIODS = ("session", "week", "month", "quarter", "year")

_EPOCH = 719_163
"""1970-01-01, counted from 0001-01-01 as day 1."""


def begins(sessions: IntArray, period: str) -> IntArray:
    """The bars at which a new `period` begins; not the first bar, whose period may have begun before it.

    `sessions` are session dates as days since 0001-01-01, a Monday; weeks begin on Mondays.
    """
    numbers = _numbers(sessions, period)
    return np.flatnonzero(np.diff(numbers)) + 1


def _numbers(sessions: IntArray, period: str) -> IntArray:
    if period == "session":
        return sessions
    if period == "week":
        return (sessions - 1) // 7
    months = (sessions - _EPOCH).astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    return months // {"month": 1, "quarter": 3, "year": 12}[period]
