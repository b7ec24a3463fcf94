"""Quiet hours: what is no alarm waits until they end."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, time
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from glassdesk.kernel.errors import InvalidInput
from glassdesk.workflow.notifications.model import Severity

_FORM = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)")


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietHours:
    """From one time of day to another, over midnight where the second is earlier."""

    begin: time
    end: time
    zone: ZoneInfo

    def holds(self, severity: Severity, now: datetime) -> bool:
        """True where a message of this severity waits; an alarm never does."""
        return severity is not Severity.ALARM and self._covers(now.astimezone(self.zone).time())

    def _covers(self, at: time) -> bool:
        if self.begin <= self.end:
            return self.begin <= at < self.end
        return at >= self.begin or at < self.end


def quiet_hours(text: str, zone: str) -> QuietHours | None:
    """`22:00-07:00` in a zone; nothing for an empty text. Raises `InvalidInput`."""
    if not text:
        return None
    found = _FORM.fullmatch(text.replace(" ", ""))
    if found is None:
        raise InvalidInput(f"{text!r} are no hours", where="quiet_hours", remedy="for example 22:00-07:00")
    begin, end = time(int(found[1]), int(found[2])), time(int(found[3]), int(found[4]))
    if begin == end:
        raise InvalidInput(
            f"{text!r} is the whole day or nothing", where="quiet_hours", remedy="leave it empty"
        )
    try:
        return QuietHours(begin=begin, end=end, zone=ZoneInfo(zone))
    except (ZoneInfoNotFoundError, ValueError) as unknown:
        problem = f"{zone!r} is no zone of time"
        raise InvalidInput(problem, where="quiet_zone", remedy="for example Europe/Vienna") from unknown
