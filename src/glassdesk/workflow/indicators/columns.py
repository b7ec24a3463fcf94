"""Bars as columns of numbers, after a check that they are bars at all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

import numpy as np

from glassdesk.kernel.errors import InvalidInput
from glassdesk.workflow.indicators.kind import Columns, FloatArray
from glassdesk.workflow.market_data.model import Bar


def columns_of(bars: Sequence[Bar]) -> Columns:
    """The columns of `bars`. Raises `InvalidInput` at the first bar that cannot be one, or is out of order.

    TA-Lib answers NaN for everything after one bad number and says nothing, so nothing bad may reach it.
    """
    for index, bar in enumerate(bars):
        problem = next(_problems(bar, bars[index - 1] if index else None), "")
        if problem:
            raise InvalidInput(
                problem,
                where=f"bar {index + 1} of {len(bars)}, {bar.session.isoformat()}",
                remedy="bars oldest first, each start once, low <= open, close <= high, all above 0",
            )
    return Columns(
        open=_column([bar.open for bar in bars]),
        high=_column([bar.high for bar in bars]),
        low=_column([bar.low for bar in bars]),
        close=_column([bar.close for bar in bars]),
        volume=_column([bar.volume for bar in bars]),
        session=np.array([bar.session.toordinal() for bar in bars], dtype=np.int64),
    )


def _column(numbers: Sequence[Decimal]) -> FloatArray:
    return np.array([float(number) for number in numbers], dtype=np.float64)


def _problems(bar: Bar, previous: Bar | None) -> Iterator[str]:
    if previous is not None and bar.start == previous.start:
        yield f"two bars start at {bar.start.isoformat()}"
    if previous is not None and bar.start < previous.start:
        yield "it starts before the bar ahead of it"
    numbers = (bar.open, bar.high, bar.low, bar.close, bar.volume)
    if not all(number.is_finite() for number in numbers):
        yield "a price or the volume is not a number"
        return
    if bar.high < bar.low:
        yield f"high {bar.high} is below low {bar.low}"
    if bar.low <= 0:
        yield f"low {bar.low} is not above 0"
    if not (bar.low <= bar.open <= bar.high and bar.low <= bar.close <= bar.high):
        yield f"open {bar.open} or close {bar.close} lies outside {bar.low} to {bar.high}"
    if bar.volume < 0:
        yield f"volume {bar.volume} is below 0"
