"""From shorter bars to longer ones. Volume and extremes are conserved."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from datetime import date, datetime
from itertools import groupby

from glassdesk.workflow.market_data.ends import period
from glassdesk.workflow.market_data.model import Bar, BarSize


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


def by_calendar(bars: Sequence[Bar], size: BarSize) -> tuple[Bar, ...]:
    """Daily, weekly (ISO weeks) or monthly bars, oldest first; the newest may be of a period that still
    runs."""
    return _grouped(bars, [period(size, bar.session) for bar in bars])


def by_hours(bars: Sequence[Bar], size: BarSize, opens: Mapping[date, datetime]) -> tuple[Bar, ...]:
    """Longer intraday bars counted from each session's open, as `opens` has it; no bar crosses a session, so
    the last one of a session may be short. Raises `KeyError` for a session without an open."""
    keys = [(bar.session, (bar.start - opens[bar.session]).total_seconds() // size.seconds) for bar in bars]
    return _grouped(bars, keys)


def _grouped(bars: Sequence[Bar], keys: Sequence[Hashable]) -> tuple[Bar, ...]:
    pairs = zip(keys, bars, strict=True)
    return tuple(merge([bar for _, bar in group]) for _, group in groupby(pairs, key=lambda pair: pair[0]))
