"""Which period to ask for, and how to read the series that comes back [§4.1, F-35, F-36, F-37]."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from glassdesk.adapters.ibkr.parse import Fields, Unparsable
from glassdesk.workflow.market_data.model import Bar, BarSize, History

MOST_POINTS = 1000
MOST_PAGES = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """A period the broker takes for a bar size, and how many regular-hours bars it surely brings."""

    code: str
    bars: int


def _periods(*pairs: tuple[str, int]) -> tuple[Period, ...]:
    return tuple(Period(code=code, bars=bars) for code, bars in pairs)


_PERIODS: dict[BarSize, tuple[Period, ...]] = {
    BarSize.MIN_1: _periods(("1d", 200)),
    BarSize.MIN_2: _periods(("1d", 100)),
    BarSize.MIN_3: _periods(("1d", 68)),
    BarSize.MIN_5: _periods(("1d", 40)),
    BarSize.MIN_10: _periods(("1d", 20), ("1w", 136)),
    BarSize.MIN_15: _periods(("1d", 14), ("1w", 90)),
    BarSize.MIN_30: _periods(("1d", 7), ("1w", 45)),
    BarSize.HOUR_1: _periods(("1w", 22), ("1m", 110)),
    BarSize.HOUR_2: _periods(("1w", 14), ("3m", 230)),
    BarSize.HOUR_3: _periods(("1w", 8), ("3m", 170)),
    BarSize.HOUR_4: _periods(("1w", 8), ("6m", 230)),
    BarSize.HOUR_8: _periods(("1w", 4), ("1y", 245)),
    BarSize.DAY: _periods(("1m", 17), ("6m", 118), ("1y", 245), ("2y", 495), ("3y", 745)),
    BarSize.WEEK: _periods(("1y", 51), ("3y", 155), ("15y", 780)),
    BarSize.MONTH: _periods(("1y", 11), ("3y", 35), ("15y", 179)),
}
"""Shortest first. Only combinations of the broker's table; every one stays below 1000 points."""

_STEP_LENGTHS = {BarSize.WEEK: (604_800, 604_800), BarSize.MONTH: (28 * 86_400, 31 * 86_400)}


def period_for(size: BarSize, count: int) -> Period:
    """The shortest period that brings `count` bars, else the longest there is (then the caller pages)."""
    fitting = [period for period in _PERIODS[size] if period.bars >= count]
    return (fitting or _PERIODS[size][-1:])[0]


def start_time(instant: datetime) -> str:
    """`YYYYMMDD-HH:mm:ss` in UTC."""
    return instant.astimezone(UTC).strftime("%Y%m%d-%H:%M:%S")


def history_of(stated: object, size: BarSize, period: Period, zone: ZoneInfo) -> History:
    """One answer as sent; `t` is the bar's start, volume comes in lots. Raises `Unparsable`.

    A period or bar the broker did not like is answered with another series [F-35], so both are compared
    first.
    """
    series = Fields(stated, "history")
    _same_series(series, size, period)
    factor = series.positive("volumeFactor")
    rows = (Fields(raw, "history.data") for raw in series.rows("data"))
    bars = tuple(_bar(row, factor, zone) for row in rows)
    return History(bars=bars, delay=timedelta(seconds=_delay(series)))


def _delay(series: Fields) -> int:
    """Seconds; an answer without the field is none of a delayed feed."""
    return series.integer("mktDataDelay") if series.has("mktDataDelay") else 0


def _same_series(series: Fields, size: BarSize, period: Period) -> None:
    shortest, longest = _STEP_LENGTHS.get(size, (size.seconds, size.seconds))
    answered = series.text("timePeriod")
    length = series.integer("barLength")
    if answered != period.code or not shortest <= length <= longest:
        raise Unparsable(
            f"history: asked for {period.code} of {size.value}, "
            f"answered with {answered} of {length} s: a defaulted series"
        )


def _bar(row: Fields, factor: Decimal, zone: ZoneInfo) -> Bar:
    start = row.millis("t")
    return Bar(
        start=start,
        session=start.astimezone(zone).date(),
        open=row.decimal("o"),
        high=row.decimal("h"),
        low=row.decimal("l"),
        close=row.decimal("c"),
        volume=row.amount("v") * factor,
    )


def merged(pages: Iterable[Sequence[Bar]]) -> tuple[Bar, ...]:
    """All bars once, oldest first; where two pages overlap the page read later wins."""
    by_start = {bar.start: bar for page in pages for bar in page}
    return tuple(by_start[start] for start in sorted(by_start))
