"""When a strategy is due and when its orders may go out: cron in a zone, gated by a calendar (`T-03`,
`T-05`)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from glassdesk.kernel.errors import InvalidInput
from glassdesk.workflow.contracts.model import Hours
from glassdesk.workflow.market_data.model import BarSize
from glassdesk.workflow.strategies import cron, occasions
from glassdesk.workflow.strategies.model import Timing
from glassdesk.workflow.strategies.occasions import Sessions

DAILY_START_DEADLINE = timedelta(minutes=120)
INTRADAY_START_DEADLINE = timedelta(minutes=5)


def check(timing: Timing) -> None:
    """Raises `InvalidInput` for a schedule, zone or window that cannot be."""
    _zone(timing.zone)
    occasion = occasions.read(timing.cron)
    if occasion is None:
        _check_cron(timing)
    elif why := occasions.refusal(occasion, timing.enter_after_open, timing.enter_before):
        raise InvalidInput(
            f"{timing.cron!r}: {why}",
            where="timing.cron",
            remedy="enter_after_open: 5, or nearer to the exchange's hours",
        )
    if timing.enter_before <= (timing.enter_after_open or 0):
        raise InvalidInput(
            "the entry window ends before it begins",
            where="timing.enter_before",
            remedy=f"more than {timing.enter_after_open or 0} minutes",
        )


def _check_cron(timing: Timing) -> None:
    try:
        cron.read(timing.cron)
    except ValueError as failure:
        raise InvalidInput(
            f"{timing.cron!r} is no schedule: {failure}",
            where="timing.cron",
            remedy=f"five fields, minute hour day month weekday: `0 9 * * 1-5`; or {occasions.EXAMPLES[0]!r}",
        ) from failure


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as failure:
        raise InvalidInput(
            f"there is no time zone {name!r}", where="timing.zone", remedy="e.g. America/New_York"
        ) from failure


def instants(timing: Timing, after: datetime, sessions: Sessions) -> Iterator[datetime]:
    """Instants at which it is due after `after`, aware UTC. Cron asks no calendar; words follow it."""
    occasion = occasions.read(timing.cron)
    if occasion is not None:
        return occasions.instants(occasion, timing.exchange, after, sessions)
    return cron.instants(cron.read(timing.cron), _zone(timing.zone), after)


def closed(timing: Timing, instant: datetime, hours: Hours | None, zone: ZoneInfo) -> str:
    """Why the exchange keeps the instant from being a slot; empty where it does not. `hours` are those of its
    date. A decision may be made outside the hours where the order goes out later (`T-03`)."""
    if hours is None:
        return f"{timing.exchange} has no session that day"
    if timing.enter_after_open is not None:
        return ""
    if instant >= hours.closes_at:
        return f"{timing.exchange} closed at {hours.closes_at.astimezone(zone):%H:%M} that day"
    if instant + timedelta(minutes=timing.enter_before) <= hours.opens_at:
        return f"{timing.exchange} opens at {hours.opens_at.astimezone(zone):%H:%M} that day"
    return ""


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
