"""A short form of `python -m tests.oracle`: days around clock changes, and the definition itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.oracle.campaign import FIRST, PATTERNS, SPARSE, compared
from tests.oracle.definition import changes, due, read, span

YEAR_END = datetime(2025, 1, 1, tzinfo=UTC)
HARD = (
    "America/New_York",
    "Australia/Lord_Howe",
    "America/Havana",
    "America/Santiago",
    "Africa/Casablanca",
)
"""An hour, half an hour, at midnight in either direction, and backwards."""


@pytest.mark.parametrize("zone", HARD)
def test_every_minute_around_the_clock_changes_of_a_year_is_due_as_defined(zone: str) -> None:
    found, counted = list[str](), 0
    for change in changes(zone, FIRST, YEAR_END):
        first, end = change - timedelta(days=1), change + timedelta(days=1)
        minutes = span(zone, first - timedelta(days=2), end)
        for cron in PATTERNS:
            count, differing = compared(zone, cron, minutes, first, end)
            counted, found = counted + count, found + differing
    assert not found, found[:10]
    assert counted > 2_000


@pytest.mark.parametrize("cron", SPARSE[::5])
def test_a_year_of_what_is_due_rarely_is_as_defined(cron: str) -> None:
    minutes = span("America/Havana", FIRST - timedelta(days=2), YEAR_END)
    _, found = compared("America/Havana", cron, minutes, FIRST, YEAR_END)
    assert not found, found[:10]


@pytest.mark.parametrize(
    ("cron", "spring", "autumn"),
    [
        ("30 2 * * *", ["07:00"], ["07:30"]),
        ("0,30 2 * * *", ["07:00"], ["07:00", "07:30"]),
        ("30 1 * * *", ["06:30"], ["05:30"]),
        ("30 0-3 * * *", ["05:30", "06:30", "07:30"], ["04:30", "05:30", "06:30", "07:30", "08:30"]),
        ("*/30 1 * * *", ["06:00", "06:30"], ["05:00", "05:30", "06:00", "06:30"]),
    ],
)
def test_the_oracle_says_what_the_definition_says(cron: str, spring: list[str], autumn: list[str]) -> None:
    """By hand, for New York in 2024: the clock goes from 02:00 to 03:00 and from 02:00 back to 01:00."""
    for day, stated in (
        (datetime(2024, 3, 10, tzinfo=UTC), spring),
        (datetime(2024, 11, 3, tzinfo=UTC), autumn),
    ):
        minutes = span("America/New_York", day - timedelta(days=2), day + timedelta(hours=10))
        told = [datetime.fromtimestamp(int(one) * 60, tz=UTC) for one in due(read(cron), minutes)]
        assert [f"{one:%H:%M}" for one in told if one > day + timedelta(hours=4)] == stated
