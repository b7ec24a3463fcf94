"""When a strategy is due and when its orders may go out: cron in a zone, gated by a calendar (`T-03`,
`T-05`)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from glassdesk.kernel.errors import InvalidInput
from glassdesk.workflow.contracts.model import Hours
from glassdesk.workflow.market_data.model import BarSize
from glassdesk.workflow.strategies import cron
from glassdesk.workflow.strategies.model import Timing

DAILY_START_DEADLINE = timedelta(minutes=120)
INTRADAY_START_DEADLINE = timedelta(minutes=5)


def check(timing: Timing) -> None:
    """Raises `InvalidInput` for a cron expression, zone or window that cannot be."""
    _zone(timing.zone)
    try:
        cron.read(timing.cron)
    except ValueError as failure:
        raise InvalidInput(
            f"{timing.cron!r} is no schedule: {failure}",
            where="timing.cron",
            remedy="five fields: minute hour day month weekday, e.g. `0 9 * * 1-5`",
        ) from failure
    if timing.enter_before <= (timing.enter_after_open or 0):
        raise InvalidInput(
            "the entry window ends before it begins",
            where="timing.enter_before",
            remedy=f"more than {timing.enter_after_open or 0} minutes",
        )


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as failure:
        raise InvalidInput(
            f"there is no time zone {name!r}", where="timing.zone", remedy="e.g. America/New_York"
        ) from failure


def instants(timing: Timing, after: datetime) -> Iterator[datetime]:
    """Instants at which the cron expression is due after `after`, aware UTC, without end; the calendar is not
    asked."""
    return cron.instants(cron.read(timing.cron), _zone(timing.zone), after)


def entry_window(timing: Timing, slot: datetime, next_session: Hours | None) -> tuple[datetime, datetime]:
    """From when to when an order decided at `slot` may be sent (`T-03`). `next_session` is the first session
    that opens after the slot; at-once strategies do not need it. Raises ValueError where it is needed and
    missing."""
    if timing.enter_after_open is None:
        return slot, slot + timedelta(minutes=timing.enter_before)
    if next_session is None:
        raise ValueError("an entry window after the open needs a session")
    opens = next_session.opens_at + timedelta(minutes=timing.enter_after_open)
    closes = next_session.opens_at + timedelta(minutes=timing.enter_before)
    return opens, min(closes, next_session.closes_at)


def start_deadline(size: BarSize) -> timedelta:
    """How late a run may begin (`T-05`); later its slot is missed."""
    if not size.intraday:
        return DAILY_START_DEADLINE
    return min(INTRADAY_START_DEADLINE, timedelta(seconds=size.seconds) / 2)
