"""When a failed message is tried again: soon, then ever later, for a day."""

from __future__ import annotations

from datetime import datetime, timedelta

from glassdesk.workflow.notifications.model import GIVE_UP_AFTER

FIRST = timedelta(seconds=15)
"""Longer than a channel may take, so that whoever waits for it is not overtaken."""
LONGEST = timedelta(hours=1)


def next_try(attempts: int, tried_at: datetime) -> datetime:
    """15 s after the first try, twice as long after each further one, an hour at most."""
    return tried_at + min(FIRST * (1 << min(attempts - 1, 16)), LONGEST)


def given_up(told_at: datetime, now: datetime) -> bool:
    """A day of trying is enough."""
    return now - told_at >= GIVE_UP_AFTER
