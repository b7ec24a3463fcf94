"""The date axis: which bars get a label, and what it says, in the exchange's own time."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo

from glassdesk.workflow.charts.text import text_width
from glassdesk.workflow.market_data.model import Bar, BarSize

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True, slots=True, kw_only=True)
class DateTick:
    """A label under the bar at `index`."""

    index: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Grain:
    """A fineness: bars of one `part` share a label; `pattern` is the longest text it writes."""

    part: Callable[[datetime], Hashable]
    write: Callable[[datetime, datetime | None], str]
    pattern: str


def _time(now: datetime, before: datetime | None) -> str:
    if before is None or before.date() != now.date():
        return _day(now, before)
    return f"{now:%H:%M}"


def _day(now: datetime, before: datetime | None) -> str:
    words = f"{now.day} {MONTHS[now.month - 1]}"
    return words if before is not None and before.year == now.year else f"{words} {now.year}"


def _month(now: datetime, before: datetime | None) -> str:
    words = MONTHS[now.month - 1]
    return words if before is not None and before.year == now.year else f"{words} {now.year}"


def _year(now: datetime, before: datetime | None) -> str:
    return str(now.year)


def _minutes(length: int) -> _Grain:
    return _Grain(
        part=lambda t: (t.date(), (t.hour * 60 + t.minute) // length), write=_time, pattern="30 Nov"
    )


def _days(part: Callable[[date], Hashable]) -> _Grain:
    return _Grain(part=lambda t: part(t.date()), write=_day, pattern="30 Nov")


def _months(length: int) -> _Grain:
    return _Grain(part=lambda t: (t.year, (t.month - 1) // length), write=_month, pattern="30 Nov")


def _years(length: int) -> _Grain:
    return _Grain(part=lambda t: t.year // length, write=_year, pattern="2024")


_WEEK = _days(lambda d: d.isocalendar()[:2])
_FORTNIGHT = _days(lambda d: (d.toordinal() - 1) // 14)
_LONG = (_months(1), _months(3), _months(6), _years(1), _years(2), _years(5), _years(10), _years(50))
_DAILY = (_days(lambda d: d), _WEEK, _FORTNIGHT, *_LONG)
_INTRADAY = (*(_minutes(length) for length in (1, 5, 15, 30, 60, 120, 240)), *_DAILY)


def local_times(bars: Sequence[Bar], size: BarSize, zone: tzinfo) -> list[datetime]:
    """When each bar starts by the exchange's clock; longer bars stand at their session's midnight."""
    if size.intraday:
        return [bar.start.astimezone(zone) for bar in bars]
    return [datetime(bar.session.year, bar.session.month, bar.session.day, tzinfo=zone) for bar in bars]


def date_ticks(
    times: Sequence[datetime], slot: float, font: float, *, intraday: bool
) -> tuple[DateTick, ...]:
    """The finest row of labels that stand apart, bars `slot` pixels apart and text of `font` pixels."""
    room = slot * len(times)
    grains = _INTRADAY if intraday else _DAILY
    for grain in grains:
        starts = _starts(times, grain)
        if len(starts) * (text_width(grain.pattern, font) + font) <= room:
            break
    else:
        starts, grain = [len(times) - 1], grains[-1]
    return tuple(_apart(times, starts, grain, slot, font))


def _starts(times: Sequence[datetime], grain: _Grain) -> list[int]:
    """Bars with which a part begins; what came before the first bar is not known, so it counts."""
    parts = [grain.part(time) for time in times]
    return [i for i in range(len(parts)) if i == 0 or parts[i] != parts[i - 1]]


def _apart(
    times: Sequence[datetime], starts: Sequence[int], grain: _Grain, slot: float, font: float
) -> Iterator[DateTick]:
    """Labels from left to right, without those that would touch the one before."""
    edge, before = float("-inf"), None
    for index in starts[1:] if _begins_inside(starts, slot, font) else starts:
        text = grain.write(times[index], before)
        half = text_width(text, font) / 2
        middle = (index + 0.5) * slot
        if middle - half < edge + 0.8 * font:
            continue
        edge, before = middle + half, times[index]
        yield DateTick(index=index, text=text)


def _begins_inside(starts: Sequence[int], slot: float, font: float) -> bool:
    """Is the first part a cut one whose label would only push away the next, proper one?"""
    if len(starts) < 3:
        return False
    first, second = starts[1] - starts[0], starts[2] - starts[1]
    return first < second and first * slot < 7 * font
