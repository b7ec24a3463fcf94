"""Bars for tests: seeded walks and rows written by hand."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from glassdesk.workflow.market_data.model import Bar, BarSet, BarSize, Quality

FIRST = date(2024, 1, 2)


def sessions(count: int, first: date = FIRST) -> list[date]:
    """`count` weekdays from `first` on."""
    days: list[date] = []
    day = first
    while len(days) < count:
        if day.weekday() < 5:
            days.append(day)
        day += timedelta(days=1)
    return days


def opening(day: date) -> datetime:
    """14:30 UTC, New York's opening in winter."""
    return datetime(day.year, day.month, day.day, 14, 30, tzinfo=UTC)


def bar(index: int, *, low: str, high: str, close: str, start: str = "", volume: int = 1000) -> Bar:
    """A daily bar written by hand; it opens at `start`, else where it closes."""
    day = sessions(index + 1)[-1]
    return Bar(
        start=opening(day),
        session=day,
        open=Decimal(start or close),
        high=Decimal(high),
        low=Decimal(low),
        close=Decimal(close),
        volume=Decimal(volume),
    )


def walk(
    count: int,
    *,
    seed: int = 1,
    price: float = 100.0,
    decimals: int = 2,
    volume: int = 40_000_000,
    swing: float = 0.015,
    size: BarSize = BarSize.DAY,
) -> tuple[Bar, ...]:
    """A random walk; the same arguments give the same bars."""
    dice = random.Random(seed)
    tick = Decimal(1).scaleb(-decimals)
    starts = _starts(count, size)
    bars, last = [], price
    for session, start in starts:
        first = last * (1 + dice.gauss(0, swing / 3))
        last = max(first * (1 + dice.gauss(0.0004, swing)), price / 50)
        high = max(first, last) * (1 + abs(dice.gauss(0, swing / 2)))
        low = min(first, last) * (1 - abs(dice.gauss(0, swing / 2)))
        prices = [max(tick, Decimal(value).quantize(tick)) for value in (first, high, low, last)]
        traded = Decimal(int(volume * (0.5 + dice.random())))
        bars.append(_bar(session, start, prices, traded))
    return tuple(bars)


def _starts(count: int, size: BarSize) -> list[tuple[date, datetime]]:
    if not size.intraday:
        step = {BarSize.WEEK: 5, BarSize.MONTH: 21}.get(size, 1)
        return [(day, opening(day)) for day in sessions(count * step)[::step]]
    per_day = max(1, 23400 // size.seconds)
    days = sessions(count // per_day + 1)
    rows = [(day, opening(day) + timedelta(seconds=size.seconds * i)) for day in days for i in range(per_day)]
    return rows[-count:]


def _bar(session: date, start: datetime, prices: Sequence[Decimal], volume: Decimal) -> Bar:
    first, high, low, last = prices
    return Bar(start=start, session=session, open=first, high=high, low=low, close=last, volume=volume)


def bar_set(bars: Sequence[Bar], *, size: BarSize = BarSize.DAY, symbol: str = "GLAS") -> BarSet:
    """`bars` as a set without complaints."""
    return BarSet(conid=4711, symbol=symbol, size=size, bars=tuple(bars), quality=Quality(expected_last=None))
