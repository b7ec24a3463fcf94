"""The triple barrier: stop, target, time; whichever is touched first. Pure.

What happened inside a bar nobody knows, so it is read against the signal: stop and target in one bar are the
stop. A bar that opens beyond a barrier is left at its open (`T-72`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from glassdesk.kernel.money import exact
from glassdesk.workflow.evaluation.model import Barriers, Ending, Touched
from glassdesk.workflow.market_data.model import Bar

PRICES = ("entry_high", "stop", "target", "stop_distance", "target_distance")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Held:
    fill: Decimal
    stop: Decimal
    target: Decimal | None
    at_open: bool
    """Bought with the bar's first price; else somewhere inside it."""


def touched(barriers: Barriers, future: Sequence[Bar]) -> Touched | None:
    """How it ended by these bars: the closed ones after the decision, oldest first. `None` while it has not:
    more bars never change an answer that is there."""
    if not barriers.measurable:
        return Touched(ending=Ending.UNMEASURED)
    if not future:
        return None
    held = _bought(barriers, future[0])
    if held is None:
        return Touched(ending=Ending.NOT_BOUGHT, bars=1)
    for number, bar in enumerate(future[: barriers.horizon], start=1):
        left = _first_bar(held, bar) if number == 1 else _later_bar(held, bar)
        if left is not None:
            return replace(left, bars=number)
    if len(future) < barriers.horizon:
        return None
    return replace(_left(held, Ending.TIME, future[barriers.horizon - 1].close), bars=barriers.horizon)


def scaled(barriers: Barriers, factor: Decimal) -> Barriers:
    """The same barriers in shares after a split."""
    prices = {name: getattr(barriers, name) for name in PRICES}
    return replace(barriers, **{name: price * factor for name, price in prices.items() if price is not None})


def _bought(barriers: Barriers, bar: Bar) -> _Held | None:
    """A limit order of the next bar: at its open, or where it falls to the limit."""
    most = bar.open if barriers.entry_high is None else barriers.entry_high
    if bar.low > most:
        return None
    fill = min(bar.open, most)
    stop, target = barriers.stop, barriers.target
    if stop is None:
        stop = fill - (barriers.stop_distance or Decimal(0))
        target = None if barriers.target_distance is None else fill + barriers.target_distance
    return None if stop >= fill else _Held(fill=fill, stop=stop, target=target, at_open=bar.open <= most)


def _first_bar(held: _Held, bar: Bar) -> Touched | None:
    """Bought inside the bar, its high may lie before the purchase: only its close is surely after it."""
    highest = bar.high if held.at_open else bar.close
    return _inside(held, bar.low, highest)


def _later_bar(held: _Held, bar: Bar) -> Touched | None:
    if bar.open <= held.stop:
        return _left(held, Ending.STOP, bar.open)
    if held.target is not None and bar.open >= held.target:
        return _left(held, Ending.TARGET, bar.open)
    return _inside(held, bar.low, bar.high)


def _inside(held: _Held, low: Decimal, high: Decimal) -> Touched | None:
    reached = held.target is not None and high >= held.target
    if low <= held.stop:
        return replace(_left(held, Ending.STOP, held.stop), ambiguous=reached)
    return _left(held, Ending.TARGET, held.target) if reached and held.target is not None else None


def _left(held: _Held, ending: Ending, price: Decimal) -> Touched:
    r = exact((price - held.fill) / (held.fill - held.stop))
    return Touched(ending=ending, r=r, fill=held.fill, exit=price)
