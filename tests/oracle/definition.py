"""The oracle: every minute of a span is looked at, and the definition is asked whether it is due. Nothing of
the product is imported, nor the library it reads cron with.

A pattern whose minute or hour holds `*`, `/` or `-` is an *interval*: it is due at each minute whose wall
clock matches, in both passes of a fold, and never in a gap. Any other is *fixed*: it is due in the first pass
only, and what falls into a gap is due once, at the first instant after it."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

Minutes = NDArray[np.int64]
"""Minutes since 1970 in UTC, or of a wall clock that knew no changes."""
Truth = NDArray[np.bool_]
DAY = 1440
MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
DAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]


@dataclass(frozen=True, kw_only=True)
class Pattern:
    """The five fields, read by the definition alone."""

    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    """0 is Sunday."""
    last_day: bool
    either: bool
    """Both day fields name days: one of them is enough."""
    fixed: bool

    def on(self, day: date) -> bool:
        """Whether the date matches."""
        if day.month not in self.months:
            return False
        last = self.last_day and day.day == monthrange(day.year, day.month)[1]
        of_month, of_week = day.day in self.days or last, day.isoweekday() % 7 in self.weekdays
        return of_month or of_week if self.either else of_month and of_week

    @property
    def a_day(self) -> int:
        """Instants on a day that matches."""
        return len(self.minutes) * len(self.hours)


def read(text: str) -> Pattern:
    """The pattern of five fields."""
    minute, hour, day, month, weekday = text.upper().split()
    dates = [part for part in day.split(",") if part != "L"]
    return Pattern(
        minutes=_field(minute, 0, 59),
        hours=_field(hour, 0, 23),
        days=_field(",".join(dates), 1, 31) if dates else frozenset(),
        months=_field(month, 1, 12, MONTHS),
        weekdays=frozenset(number % 7 for number in _field(weekday, 0, 7, DAYS)),
        last_day="L" in day.split(","),
        either=not day.startswith("*") and not weekday.startswith("*"),
        fixed=not set("*/-") & set(minute + hour),
    )


def _field(text: str, low: int, high: int, names: list[str] | None = None) -> frozenset[int]:
    found: set[int] = set()
    for part in text.split(","):
        span, _, step = part.partition("/")
        first, dash, last = span.partition("-")
        if span == "*":
            begin, end = low, high
        else:
            begin = _number(first, names, low)
            end = _number(last, names, low) if dash else (high if step else begin)
        found.update(range(begin, end + 1, int(step or 1)))
    return frozenset(found)


def _number(text: str, names: list[str] | None, low: int) -> int:
    return names.index(text) + low if names and text in names else int(text)


@dataclass(frozen=True, kw_only=True)
class Span:
    """Each minute of a stretch of time, as UTC and as the wall clock of one zone shows it."""

    utc: Minutes
    wall: Minutes

    @property
    def second_pass(self) -> Truth:
        """The wall clock showed this minute before."""
        before = np.maximum.accumulate(self.wall)
        return np.concatenate(([False], self.wall[1:] <= before[:-1]))

    def gaps(self) -> Iterator[tuple[int, Minutes]]:
        """Where minutes of the wall clock never come: the first minute after them, and those minutes."""
        for index in np.flatnonzero(np.diff(self.wall) > 1):
            yield int(self.utc[index + 1]), np.arange(self.wall[index] + 1, self.wall[index + 1])


def span(zone: str, first: datetime, end: datetime) -> Span:
    """Every minute from `first` up to `end`. An hour whose two ends have one offset has it throughout."""
    begin, stop = int(first.timestamp()) // 60, int(end.timestamp()) // 60
    utc = np.arange(begin, stop, dtype=np.int64)
    offsets = np.empty(len(utc), dtype=np.int64)
    for start in range(begin, stop, 60):
        here, there = _offset(zone, start), _offset(zone, start + 60)
        part = slice(start - begin, start - begin + 60)
        changed = [_offset(zone, minute) for minute in utc[part]] if here != there else here
        offsets[part] = changed
    return Span(utc=utc, wall=utc + offsets)


@cache
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def _offset(zone: str, minute: int) -> int:
    moved = datetime.fromtimestamp(int(minute) * 60, tz=_zone(zone)).utcoffset()
    assert moved is not None
    assert moved.seconds % 60 == 0
    return int(moved.total_seconds()) // 60


def due(pattern: Pattern, minutes: Span) -> Minutes:
    """Every minute of the span at which the pattern is due."""
    matching = _matching(pattern, minutes.wall)
    if not pattern.fixed:
        return minutes.utc[matching]
    found = set(minutes.utc[matching & ~minutes.second_pass].tolist())
    found.update(after for after, lost in minutes.gaps() if _matching(pattern, lost).any())
    return np.array(sorted(found), dtype=np.int64)


def _matching(pattern: Pattern, wall: Minutes) -> Truth:
    of_day = _of_day(pattern)
    days = wall // DAY
    first = int(days.min())
    matching_days = np.array([pattern.on(_date(day)) for day in range(first, int(days.max()) + 1)])
    return np.asarray(matching_days[days - first] & of_day[wall % DAY])


@cache
def _of_day(pattern: Pattern) -> Truth:
    return np.array([_at(pattern, minute) for minute in range(DAY)])


def _at(pattern: Pattern, minute: int) -> bool:
    return minute // 60 in pattern.hours and minute % 60 in pattern.minutes


def _date(day: int) -> date:
    return date(1970, 1, 1) + timedelta(days=day)


def changes(zone: str, first: datetime, end: datetime) -> list[datetime]:
    """The hours in which the zone's offset changes."""
    hours = range(int(first.timestamp()) // 3600, int(end.timestamp()) // 3600)
    offsets = [_offset(zone, hour * 60) for hour in hours]
    return [
        datetime.fromtimestamp(hour * 3600, tz=UTC)
        for hour, before, after in zip(hours, offsets, offsets[1:], strict=False)
        if before != after
    ]
