"""The broker's own clocks: nightly reset, weekly maintenance, the daily sign-in [§1.4, F-09, F-10, F-18].

Its documents name midnight and one o'clock for the reset, both in the zone of the region; the window covers
both and ten minutes around them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from glassdesk.kernel.clock import format_instant

AROUND = timedelta(minutes=10)
RESETS = (time(0, 0), time(1, 0))
MAINTENANCE_DAY, MAINTENANCE_BEGINS, MAINTENANCE_LASTS = 5, time(18, 0), timedelta(hours=12)
"""Saturday evening in New York; the broker states no end, so it counts as over on Sunday morning."""
_NEW_YORK = ZoneInfo("America/New_York")


class Region(StrEnum):
    """Where the brokerage backend of a username stands."""

    US = "us"
    EUROPE = "europe"
    ASIA = "asia"

    @property
    def zone(self) -> ZoneInfo:
        """The zone whose midnight ends its sessions."""
        return ZoneInfo(_ZONES[self.value])


_ZONES = {"us": "America/New_York", "europe": "Europe/Zurich", "asia": "Asia/Hong_Kong"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Quiet:
    """A time in which the broker is expected to be away; `why` in a person's words."""

    until: datetime
    why: str


def quiet_at(now: datetime, region: Region) -> Quiet | None:
    """The reset or the maintenance that `now` falls into, `None` outside."""
    reset = _reset_end(now, region.zone)
    if reset is not None:
        return Quiet(until=reset, why=f"the broker's nightly reset, until {format_instant(reset)}")
    maintenance = _maintenance_end(now)
    if maintenance is not None:
        until = format_instant(maintenance)
        return Quiet(until=maintenance, why=f"the broker's weekly maintenance, at most until {until}")
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reset:
    """One nightly reset of the broker's servers, with ten minutes around it."""

    begins_at: datetime
    ends_at: datetime


def next_reset(now: datetime, region: Region) -> Reset:
    """The nightly reset under way, else the next one [F-09]."""
    begins, ends = _reset(now, region.zone)
    if ends <= now:
        begins, ends = _reset(now + timedelta(days=1), region.zone)
    return Reset(begins_at=begins, ends_at=ends)


def login_ends(now: datetime, region: Region) -> datetime:
    """The next forced sign-in: the session ends at midnight of the region [F-10]."""
    tomorrow = now.astimezone(region.zone).date() + timedelta(days=1)
    return datetime.combine(tomorrow, time(0), tzinfo=region.zone).astimezone(now.tzinfo)


def _reset_end(now: datetime, zone: ZoneInfo) -> datetime | None:
    begins, ends = _reset(now, zone)
    return ends if begins <= now < ends else None


def _reset(now: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    near = (now + AROUND).astimezone(zone).date()
    begins = datetime.combine(near, RESETS[0], tzinfo=zone).astimezone(now.tzinfo) - AROUND
    return begins, datetime.combine(near, RESETS[-1], tzinfo=zone).astimezone(now.tzinfo) + AROUND


def _maintenance_end(now: datetime) -> datetime | None:
    today = now.astimezone(_NEW_YORK).date()
    last = today - timedelta(days=(today.weekday() - MAINTENANCE_DAY) % 7)
    begins = datetime.combine(last, MAINTENANCE_BEGINS, tzinfo=_NEW_YORK).astimezone(now.tzinfo)
    return begins + MAINTENANCE_LASTS if begins <= now < begins + MAINTENANCE_LASTS else None
