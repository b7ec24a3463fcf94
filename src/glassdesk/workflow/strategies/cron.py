"""Five cron fields in a zone, exact on both days of a clock change (`reliability.md` §3.2)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

MOST_YEARS = 50
"""A pattern that matches no date for so long matches none."""
_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cron:
    """A pattern. `fixed`: it names times of the day; they come once on every day, whatever the clock does. An
    interval is any other: it follows the clock."""

    minutes: tuple[int, ...]
    """Of the day, ascending."""
    fixed: bool
    dates: CronSim

    def on(self, day: date) -> bool:
        """Whether it is due on a date."""
        return day.month in self.dates.months and self.dates.match_day(day)


@cache
def read(text: str) -> Cron:
    """Raises `ValueError` in the words of the mistake."""
    fields = text.split()
    if len(fields) != 5:
        raise ValueError(f"it has {len(fields)} fields, not five")
    try:
        dates = CronSim(text, datetime(2012, 1, 1, tzinfo=UTC))
    except CronSimError as failure:
        raise ValueError(str(failure).lower()) from failure
    minutes = [hour * 60 + minute for hour in sorted(dates.hours) for minute in sorted(dates.minutes)]
    return Cron(minutes=tuple(minutes), fixed=not set("*/-") & set(fields[0] + fields[1]), dates=dates)


def instants(cron: Cron, zone: ZoneInfo, after: datetime) -> Iterator[datetime]:
    """Each instant after `after`, aware UTC, ascending. A fixed time in a gap comes once, right after it; in
    a fold only its first pass counts. An interval has fewer instants in a gap, and both passes of a fold."""
    day = after.astimezone(zone).date() - _DAY
    last = day.replace(year=min(day.year + MOST_YEARS, date.max.year - 1), day=1)
    late: list[datetime] = []
    while day < last:
        found = _of_day(cron, zone, day) if cron.on(day) else []
        day += _DAY
        if found or late:
            ahead, begins = sorted({*late, *found}), _first(zone, day)
            # the last hour of a date may come again after midnight, or be moved past it
            late = [one for one in ahead if one >= begins]
            due = [one for one in ahead if after < one < begins]
            if due:
                last = day.replace(year=min(day.year + MOST_YEARS, date.max.year - 1), day=1)
            yield from due


def _of_day(cron: Cron, zone: ZoneInfo, day: date) -> list[datetime]:
    midnight = datetime.combine(day, time())
    offset = _steady(zone, midnight)
    if offset is not None:
        begins = midnight.replace(tzinfo=UTC) - offset
        return [begins + minute * _MINUTE for minute in cron.minutes]
    return [one for minute in cron.minutes for one in _passes(cron, zone, midnight + minute * _MINUTE)]


def _steady(zone: ZoneInfo, midnight: datetime) -> timedelta | None:
    """The offset of a date on which the clock does not change."""
    ends = (midnight, midnight + _DAY)
    offsets = {end.replace(tzinfo=zone, fold=fold).utcoffset() for end in ends for fold in (0, 1)}
    return offsets.pop() if len(offsets) == 1 else None


def _passes(cron: Cron, zone: ZoneInfo, wall: datetime) -> list[datetime]:
    """The instants at which the zone's clock shows `wall`."""
    first, second = (wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    if first == second or second > first:
        return [first] if cron.fixed or first == second else [first, second]
    return [_end_of_gap(zone, second, first)] if cron.fixed else []


def _end_of_gap(zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    """The first minute with the offset of `after`; the clock changes between the two."""
    new = after.astimezone(zone).utcoffset()
    while after - before > _MINUTE:
        middle = before + (after - before) // _MINUTE // 2 * _MINUTE
        if middle.astimezone(zone).utcoffset() == new:
            after = middle
        else:
            before = middle
    return after


def _first(zone: ZoneInfo, day: date) -> datetime:
    """The first instant of a date."""
    midnight = datetime.combine(day, time())
    first, second = (midnight.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    return first if first <= second else _end_of_gap(zone, second, first)
