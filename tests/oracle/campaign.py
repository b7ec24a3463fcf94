"""The product's instants beside the oracle's, for every zone and pattern."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import takewhile

from glassdesk.workflow.strategies import timing
from glassdesk.workflow.strategies.model import Timing
from tests.oracle.definition import Span, changes, due, read, span

ZONES = (
    "America/New_York",
    "Europe/London",
    "Europe/Berlin",
    "Asia/Tokyo",
    "Australia/Sydney",
    "Australia/Lord_Howe",
    "Pacific/Chatham",
    "America/Santiago",
    "America/Havana",
    "Africa/Cairo",
    "Africa/Casablanca",
    "Asia/Beirut",
)
"""Among them half-hour changes, changes at midnight, four a year, and none."""
SPARSE = (
    "0 9 * * 1-5", "30 1 * * *", "30 2 * * *", "0 2 * * 0", "0 3 * * *", "0,30 2 * * *", "15 0 * * *",
    "0 0 * * *", "45 23 * * *", "59 23 * * SUN", "0 0 1 * *", "30 0 31 3,10 *", "15 1 L * *", "0 9 1,15 * 1",
    "0 16 * JAN-JUN MON-FRI", "45 2 29 2 *", "5 1,2 * * 7", "0 9,16 * * MON,WED", "10,50 1 * * 0,6",
    "30 9 */2 * *", "0 12 13 * FRI", "0 1 25-31 3,10 0", "1 3 * 3,4,9,10 SUN",
)  # fmt: skip
"""At most four instants a day: compared over the whole range."""
DENSE = (
    "* * * * *", "*/5 * * * *", "0 * * * *", "30 * * * *", "*/15 9-16 * * 1-5", "0 9-16 * * 1-5",
    "30 0-4 * * *", "*/30 2 * * *", "0-10 2 * * *", "0 */2 * * *", "0 1/3 * * *", "7 0-23/5 * * 0",
    "0,20,40 * * * SAT,SUN", "*/7 0,1,2,3 * * *", "0,15,30,45 1,2,3 * * *", "55 * 1-7 * 0",
    "3-59/8 23,0 * * *",
)  # fmt: skip
PATTERNS = (*SPARSE, *DENSE)
FIRST, END = datetime(2024, 1, 1, tzinfo=UTC), datetime(2031, 1, 1, tzinfo=UTC)
ORDINARY = (datetime(2025, 1, 20, tzinfo=UTC), datetime(2027, 7, 12, tzinfo=UTC))
WEEK = timedelta(days=7)
NOT_LONG_BEFORE = timedelta(days=2)
"""A span begins so much earlier, so that what was passed twice is known."""


def weeks(zone: str) -> Iterator[tuple[datetime, datetime]]:
    """The weeks around each clock change, and two ordinary ones."""
    for change in changes(zone, FIRST, END):
        yield change - WEEK, change + WEEK
    for monday in ORDINARY:
        yield monday, monday + WEEK


def compared(zone: str, cron: str, minutes: Span, first: datetime, end: datetime) -> tuple[int, list[str]]:
    """How many instants the oracle counts, and each that one of both has alone."""
    begin = int(first.timestamp()) // 60
    stated = due(read(cron), minutes)
    theirs = set(stated[stated >= begin].tolist())
    ours = instants(zone, cron, first, end)
    found = [f"{zone} {cron!r}: {_said(one)} is not there" for one in sorted(theirs - set(ours))]
    found += [f"{zone} {cron!r}: {_said(one)} is too much" for one in sorted(set(ours) - theirs)]
    if ours != sorted(set(ours)):
        found.append(f"{zone} {cron!r}: out of order, or twice, after {first:%Y-%m-%d}")
    return len(theirs), found


def instants(zone: str, cron: str, first: datetime, end: datetime) -> list[int]:
    """What the product says, as minutes."""
    when = Timing(cron=cron, zone=zone, exchange="XNYS")
    made = timing.instants(when, first - timedelta(minutes=1), lambda *_: ())
    return [int(one.timestamp()) // 60 for one in takewhile(lambda one: one < end, made)]


def zone_compared(zone: str, patterns: Sequence[str] = PATTERNS) -> tuple[int, int, list[str]]:
    """Minutes looked at, instants compared and what differs, in all weeks of a zone."""
    looked, counted, found = 0, 0, list[str]()
    for first, end in weeks(zone):
        minutes = span(zone, first - NOT_LONG_BEFORE, end)
        for cron in patterns:
            count, differing = compared(zone, cron, minutes, first, end)
            looked, counted, found = looked + len(minutes.utc), counted + count, found + differing
    return looked, counted, found


def range_compared(zone: str, patterns: Sequence[str] = SPARSE) -> tuple[int, int, list[str]]:
    """The same, of the whole range, for what is due rarely."""
    minutes = span(zone, FIRST - NOT_LONG_BEFORE, END)
    looked, counted, found = 0, 0, list[str]()
    for cron in patterns:
        count, differing = compared(zone, cron, minutes, FIRST, END)
        looked, counted, found = looked + len(minutes.utc), counted + count, found + differing
    return looked, counted, found


def _said(minute: int) -> str:
    return f"{datetime.fromtimestamp(minute * 60, tz=UTC):%Y-%m-%d %H:%M} UTC"
