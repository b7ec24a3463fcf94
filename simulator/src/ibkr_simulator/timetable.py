"""When the broker itself interrupts: the nightly reset and the weekend's maintenance [§1.4]."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from ibkr_simulator.instants import MINUTE, NEW_YORK, Instant, from_datetime, new_york_day

_SATURDAY = 5
_MAINTENANCE_HOUR = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """An interruption from `begins` up to `ends`."""

    begins: Instant
    ends: Instant

    def has(self, now: Instant) -> bool:
        """Whether it is going on."""
        return self.begins <= now < self.ends

    def early(self, now: Instant) -> bool:
        """Whether its first half is going on: nothing answers yet."""
        return self.begins <= now < (self.begins + self.ends) // 2


def last_reset(now: Instant, hour: int, minutes: int) -> Window:
    """The reset that began last: at an hour of New York, on weekdays."""
    day = new_york_day(now)
    while day.weekday() >= _SATURDAY or now < _at(day, hour):
        day -= timedelta(days=1)
    begins = _at(day, hour)
    return Window(begins=begins, ends=begins + minutes * MINUTE)


def last_maintenance(now: Instant, minutes: int) -> Window:
    """The maintenance that began last: Saturdays at 20:00 in New York."""
    day = new_york_day(now)
    while day.weekday() != _SATURDAY or now < _at(day, _MAINTENANCE_HOUR):
        day -= timedelta(days=1)
    begins = _at(day, _MAINTENANCE_HOUR)
    return Window(begins=begins, ends=begins + minutes * MINUTE)


def _at(day: date, hour: int) -> Instant:
    return from_datetime(datetime.combine(day, time(hour), NEW_YORK))
