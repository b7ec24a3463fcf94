"""When conditions would have been true: at each closed bar of the last year, as a run after it had seen it.

The lines are computed once over all bars read. A run reads its own number of bars, so that an average without
an end (EMA, RSI) may differ from this in late digits; everything else is what that run would have seen.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from glassdesk.workflow.indicators.model import IndicatorSet, IndicatorValues
from glassdesk.workflow.market_data.ends import period
from glassdesk.workflow.market_data.model import Bar, BarSet, BarSize
from glassdesk.workflow.signals.conditions.evaluate import Frame, Frames, observe
from glassdesk.workflow.signals.conditions.model import Condition, Conditions, Screening, Timeframe, Truth
from glassdesk.workflow.signals.conditions.needs import SIZES
from glassdesk.workflow.signals.conditions.screening import frames_of, screen

YEAR = timedelta(days=365)


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """One closed bar; a side that is not stated has no truth."""

    session: date
    close: Decimal
    buy: Truth | None
    sell: Truth | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """The closed bars of a contract's last year, oldest first, and the newest one in full."""

    symbol: str
    size: BarSize
    moments: tuple[Moment, ...]
    newest: Screening

    def true(self, side: str) -> tuple[Moment, ...]:
        """Those at whose close `buy` or `sell` was true."""
        return tuple(one for one in self.moments if getattr(one, side) is Truth.TRUE)

    def unknown(self, side: str) -> int:
        """At how many it could not be told."""
        return sum(getattr(one, side) is Truth.UNKNOWN for one in self.moments)


def past(
    conditions: Conditions,
    decision: BarSet,
    values: IndicatorValues,
    longer: Mapping[BarSize, BarSet],
    indicators: IndicatorSet,
) -> Past:
    """Both sides at every bar of the year before the newest; all bars closed, one at least."""
    bars, frames = decision.bars, frames_of(decision, values, longer, indicators)
    closed = {size: _closed_by(bars, longer[size].bars, size) for size in longer}
    first = next(at for at, bar in enumerate(bars) if bar.session > bars[-1].session - YEAR)
    moments = (
        _moment(conditions, bars[at], _as_of(frames, at, closed, decision.size))
        for at in range(first, len(bars))
    )
    return Past(
        symbol=decision.symbol,
        size=decision.size,
        moments=tuple(moments),
        newest=screen(conditions, decision, values, longer, indicators, holding=False),
    )


def _closed_by(bars: Sequence[Bar], longer: Sequence[Bar], size: BarSize) -> list[int]:
    """For each longer bar the place of the decision bar with which it is over."""
    last = {period(size, bar.session): at for at, bar in enumerate(bars)}
    return [last[period(size, bar.session)] for bar in longer]


def _as_of(frames: Frames, at: int, closed: Mapping[BarSize, list[int]], size: BarSize) -> Frames:
    def seen(timeframe: Timeframe, frame: Frame) -> Frame:
        own = SIZES.get(timeframe, size)
        return replace(frame, bars=at + 1 if own is size else bisect_right(closed[own], at))

    return {timeframe: seen(timeframe, frame) for timeframe, frame in frames.items()}


def _moment(conditions: Conditions, bar: Bar, frames: Frames) -> Moment:
    return Moment(
        session=bar.session,
        close=bar.close,
        buy=_truth(conditions.buy, frames),
        sell=_truth(conditions.sell, frames),
    )


def _truth(side: Condition | None, frames: Frames) -> Truth | None:
    return None if side is None else observe(side, frames).truth
