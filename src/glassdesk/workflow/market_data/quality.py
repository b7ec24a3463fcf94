"""The verdict on a set of bars: fit to decide on, or why not (`T-06`, risk rule R5)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from itertools import pairwise
from statistics import median

from glassdesk.workflow.market_data.model import Bar, Quality

SPLIT_SUSPECT = Decimal("0.4")
"""A close that moves by more than this fraction overnight is asked about: a split looks like that."""

OUTLIER = 10
"""A bar whose range is more than so many times the median range is asked about."""
_FEW = 20
"""Below so many bars a median says little."""


def judge(
    bars: Sequence[Bar],
    *,
    expected_last: date | None,
    expected_sessions: Sequence[date],
    intraday: bool = False,
) -> Quality:
    """`expected_last` is the session the calendar says has closed last; `expected_sessions` those within the
    set. Only intraday bars share a session."""
    problems = [
        *_order(bars),
        *([] if intraday else _doubles(bars)),
        *_values(bars),
        *_freshness(bars, expected_last),
    ]
    notes = [*_gaps(bars, expected_sessions), *_jumps(bars), *_idle(bars), *_outliers(bars)]
    return Quality(expected_last=expected_last, problems=tuple(problems), notes=tuple(notes))


def _order(bars: Sequence[Bar]) -> list[str]:
    if not bars:
        return ["the broker sent no bars"]
    broken = [after.session for before, after in pairwise(bars) if after.start <= before.start]
    return [f"bars are not in order at {broken[0]}"] if broken else []


def _doubles(bars: Sequence[Bar]) -> list[str]:
    doubled = [after.session for before, after in pairwise(bars) if after.session == before.session]
    return [f"there are two bars of {doubled[0]}"] if doubled else []


def _values(bars: Sequence[Bar]) -> list[str]:
    bad = [bar.session for bar in bars if not _consistent(bar)]
    return [f"the bar of {bad[0]} contradicts itself"] if bad else []


def _consistent(bar: Bar) -> bool:
    prices = (bar.open, bar.high, bar.low, bar.close)
    if not all(price.is_finite() and price > 0 for price in prices) or not bar.volume.is_finite():
        return False
    return bar.low <= min(bar.open, bar.close) and bar.high >= max(bar.open, bar.close) and bar.volume >= 0


def _freshness(bars: Sequence[Bar], expected_last: date | None) -> list[str]:
    if not bars or expected_last is None or bars[-1].session == expected_last:
        return []
    return [f"the last bar is of {bars[-1].session}, the calendar expects {expected_last}"]


def _gaps(bars: Sequence[Bar], expected: Sequence[date]) -> list[str]:
    have = {bar.session for bar in bars}
    missing = [session for session in expected if session not in have]
    return [f"{len(missing)} session(s) missing, first {missing[0]}"] if missing else []


def _jumps(bars: Sequence[Bar]) -> list[str]:
    jumps = [
        after.session
        for before, after in pairwise(bars)
        if abs(after.close / before.close - 1) > SPLIT_SUSPECT
    ]
    return [f"the price jumps on {jumps[-1]}: a split?"] if jumps else []


def _idle(bars: Sequence[Bar]) -> list[str]:
    idle = [bar.session for bar in bars if bar.volume == 0]
    return [f"{len(idle)} bar(s) without a trade, last {idle[-1]}"] if idle else []


def _outliers(bars: Sequence[Bar]) -> list[str]:
    ranges = [bar.high - bar.low for bar in bars]
    if len(bars) < _FEW or not all(reach.is_finite() for reach in ranges):
        return []
    usual = median(ranges)
    wide = [bar.session for bar, reach in zip(bars, ranges, strict=True) if reach > OUTLIER * usual > 0]
    return [f"{len(wide)} bar(s) with {OUTLIER} times the usual range, last {wide[-1]}"] if wide else []
