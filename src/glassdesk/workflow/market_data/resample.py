"""From daily bars to weekly ones. Volume and extremes are conserved."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import groupby

from glassdesk.workflow.market_data.model import Bar


def _iso_week(bar: Bar) -> tuple[int, int]:
    year, week, _ = bar.session.isocalendar()
    return year, week


def merge(bars: Sequence[Bar]) -> Bar:
    """One bar over consecutive ones: first open, extremes, last close, summed volume."""
    return Bar(
        start=bars[0].start,
        session=bars[0].session,
        open=bars[0].open,
        high=max(bar.high for bar in bars),
        low=min(bar.low for bar in bars),
        close=bars[-1].close,
        volume=sum((bar.volume for bar in bars[1:]), bars[0].volume),
    )


def weekly(bars: Sequence[Bar], *, last_expected_of_week: date | None = None) -> tuple[Bar, ...]:
    """Weekly bars, oldest first. The newest week is kept only when its last session is
    `last_expected_of_week` or when that is not given; a week still running is no closed bar."""
    weeks = [merge(tuple(group)) for _, group in groupby(bars, key=_iso_week)]
    if last_expected_of_week is not None and bars and bars[-1].session < last_expected_of_week:
        weeks = weeks[:-1]
    return tuple(weeks)
