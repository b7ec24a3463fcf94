"""Schedules in words that follow the exchange's hours: holidays have none of them, early closes move them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache

from glassdesk.workflow.contracts.model import Hours

Sessions = Callable[[str, date, date], Sequence[Hours]]
"""All sessions of an exchange between two dates, oldest first."""

EXAMPLES = (
    "15 minutes before the close on trading days",
    "30 minutes after the close",
    "10 minutes after the open",
    "every hour of the day's hours",
)
BEFORE_OPEN, AFTER_CLOSE = 9 * 60, 7 * 60
"""Minutes away from the hours at most: further is another day."""
_BLOCK = timedelta(days=30)
_ON = r"(?: (?:on|of) (?:every )?trading days?)?"
_AWAY = re.compile(r"(?:at|(?:(\d{1,3}) (minute|hour)s? (before|after))) the (open|close)" + _ON)
_EVERY = re.compile(r"every (?:(\d{1,3}) )?(minute|hour)s? of the day['’]s hours" + _ON)


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """One instant of each session, or one every so often while it is open."""

    close: bool = False
    """Counted from the close, else from the open."""
    minutes: int = 0
    every: int = 0
    """Minutes between two instants; the first is so long after the open."""

    def of(self, hours: Hours) -> list[datetime]:
        """The instants of one session."""
        if not self.every:
            begins = hours.closes_at if self.close else hours.opens_at
            return [begins + timedelta(minutes=self.minutes)]
        step, length = timedelta(minutes=self.every), hours.closes_at - hours.opens_at
        count = -(-length // step)
        return [hours.opens_at + number * step for number in range(1, count)]


@cache
def read(text: str) -> Occasion | None:
    """The words' meaning; `None` where they are none of these."""
    said = " ".join(text.lower().split())
    every, away = _EVERY.fullmatch(said), _AWAY.fullmatch(said)
    if every is not None:
        return Occasion(every=_minutes(every[1] or "1", every[2])) if every[1] != "0" else None
    if away is None:
        return None
    minutes = _minutes(away[1], away[2]) if away[1] else 0
    return Occasion(close=away[4] == "close", minutes=-minutes if away[3] == "before" else minutes)


def refusal(occasion: Occasion, enter_after_open: int | None, enter_before: int) -> str:
    """Why the words and the entry window do not go together; empty where they do."""
    if occasion.every:
        return "" if occasion.every >= 1 else "it is due at every moment"
    if not occasion.close and occasion.minutes < -BEFORE_OPEN:
        return f"it is more than {BEFORE_OPEN // 60} hours before the open"
    if occasion.close and occasion.minutes > AFTER_CLOSE:
        return f"it is more than {AFTER_CLOSE // 60} hours after the close"
    if enter_after_open is None and occasion.close and occasion.minutes >= 0:
        return "after the close no order goes out at once: say when after the next open"
    if enter_after_open is None and not occasion.close and occasion.minutes + enter_before <= 0:
        return "the entry window ends before the open"
    return ""


def instants(occasion: Occasion, exchange: str, after: datetime, sessions: Sessions) -> Iterator[datetime]:
    """Each instant after `after`, ascending, until the calendar ends."""
    first = after.date() - timedelta(days=2)
    while True:
        found = sessions(exchange, first, first + _BLOCK)
        if not found:
            return
        for hours in found:
            yield from (instant for instant in occasion.of(hours) if instant > after)
        first += _BLOCK + timedelta(days=1)


def _minutes(number: str, unit: str) -> int:
    return int(number) * (60 if unit == "hour" else 1)
