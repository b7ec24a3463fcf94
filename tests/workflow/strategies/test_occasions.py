"""Words that follow the exchange's hours: holidays have no slot, early closes move it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import islice

import pytest

from glassdesk.adapters.calendars import ExchangeCalendar
from glassdesk.kernel.errors import InvalidInput
from glassdesk.workflow.strategies import timing
from glassdesk.workflow.strategies.model import Timing
from glassdesk.workflow.strategies.occasions import EXAMPLES, read

CALENDAR = ExchangeCalendar(date(2024, 1, 2))


def due(words: str, after: datetime, count: int) -> list[str]:
    when = Timing(cron=words, zone="America/New_York", exchange="XNYS")
    found = islice(timing.instants(when, after, CALENDAR.sessions), count)
    return [f"{one.astimezone(CALENDAR_ZONE):%a %d %H:%M}" for one in found]


CALENDAR_ZONE = timing._zone("America/New_York")
THANKSGIVING = datetime(2024, 11, 27, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("words", "stated"),
    [
        ("15 minutes before the close", ["Wed 27 15:45", "Fri 29 12:45", "Mon 02 15:45"]),
        ("15 minutes before the close on trading days", ["Wed 27 15:45", "Fri 29 12:45", "Mon 02 15:45"]),
        ("1 hour before the open", ["Wed 27 08:30", "Fri 29 08:30", "Mon 02 08:30"]),
        ("At the  open", ["Wed 27 09:30", "Fri 29 09:30", "Mon 02 09:30"]),
        ("30 minutes after the close", ["Wed 27 16:30", "Fri 29 13:30", "Mon 02 16:30"]),
        (
            "every hour of the day's hours",
            [f"Wed 27 {hour}:30" for hour in range(10, 16)]
            + ["Fri 29 10:30", "Fri 29 11:30", "Fri 29 12:30"],
        ),
        ("every 90 minutes of the day's hours", ["Wed 27 11:00", "Wed 27 12:30", "Wed 27 14:00"]),
    ],
)
def test_words_follow_the_hours_of_the_exchange(words: str, stated: list[str]) -> None:
    assert due(words, THANKSGIVING, len(stated)) == stated


def test_words_are_due_after_an_instant_and_until_the_calendar_ends() -> None:
    after = datetime(2024, 11, 29, 17, 45, tzinfo=UTC)
    assert due("15 minutes before the close", after, 1) == ["Mon 02 15:45"]
    assert due("at the close", datetime(2124, 1, 1, tzinfo=UTC), 1) == []


@pytest.mark.parametrize("words", EXAMPLES)
def test_every_example_is_understood(words: str) -> None:
    assert read(words) is not None
    timing.check(Timing(cron=words, zone="America/New_York", exchange="XNYS"))


@pytest.mark.parametrize(
    ("words", "at_once", "said"),
    [
        ("30 minutes after the close", True, "after the close no order goes out at once"),
        ("30 minutes before the open", True, "the entry window ends before the open"),
        ("10 hours before the open", False, "more than 9 hours before the open"),
        ("8 hours after the close", False, "more than 7 hours after the close"),
        ("every 0 minutes of the day's hours", False, "is no schedule"),
        ("a while before the close", False, "is no schedule"),
    ],
)
def test_words_that_cannot_be_are_refused_with_the_reason(words: str, at_once: bool, said: str) -> None:
    when = Timing(
        cron=words,
        zone="America/New_York",
        exchange="XNYS",
        enter_after_open=None if at_once else 5,
        enter_before=10 if at_once else 60,
    )
    with pytest.raises(InvalidInput, match=said) as refused:
        timing.check(when)
    assert refused.value.where == "timing.cron"


def test_each_session_of_a_year_has_one_instant_so_long_before_its_close() -> None:
    when = Timing(cron="15 minutes before the close", zone="Asia/Tokyo", exchange="XNYS")
    sessions = CALENDAR.sessions("XNYS", date(2025, 1, 1), date(2025, 12, 31))
    begins = datetime(2025, 1, 1, tzinfo=UTC)
    found = list(islice(timing.instants(when, begins, CALENDAR.sessions), len(sessions)))
    assert found == [hours.closes_at - timedelta(minutes=15) for hours in sessions]
    assert len({one.time() for one in found}) == 4
