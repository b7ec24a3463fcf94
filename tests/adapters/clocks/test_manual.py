"""The clock moved by hand."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassdesk.adapters.clocks import ManualClock
from glassdesk.kernel.errors import InvalidInput

START = datetime(2012, 10, 1, 14, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def waiting(clock: ManualClock, instant: datetime | None, *, on_event: bool = False) -> threading.Thread:
    thread = threading.Thread(target=clock.wait_until, args=(instant,), kwargs={"on_event": on_event})
    thread.start()
    assert clock.until_waiting(1, at_most=5)
    return thread


def test_it_stands_until_it_is_advanced_and_wakes_who_waited() -> None:
    clock = ManualClock(START)
    thread = waiting(clock, START + 2 * MINUTE)
    clock.advance(MINUTE)
    assert thread.is_alive()
    assert clock.advance(MINUTE) == START + 2 * MINUTE
    thread.join(timeout=5)
    assert not thread.is_alive()


def test_an_event_wakes_who_asked_for_events_and_nobody_else() -> None:
    clock = ManualClock(START)
    asked = waiting(clock, START + MINUTE, on_event=True)
    clock.touch()
    asked.join(timeout=5)
    other = waiting(clock, START + MINUTE)
    clock.touch()
    other.join(timeout=0.05)
    assert other.is_alive()
    clock.advance(MINUTE)
    other.join(timeout=5)


def test_stopping_releases_everyone() -> None:
    clock = ManualClock(START)
    thread = waiting(clock, None)
    clock.stop()
    thread.join(timeout=5)
    clock.wait_until(START + MINUTE)
    assert clock.now() == START


@given(st.lists(st.integers(min_value=-100, max_value=100), max_size=20))
def test_with_auto_a_wait_is_a_jump_and_never_a_step_back(minutes: list[int]) -> None:
    clock = ManualClock(START, auto=True)
    latest = START
    for offset in minutes:
        clock.wait_until(START + offset * MINUTE)
        latest = max(latest, START + offset * MINUTE)
        assert clock.now() == latest


def test_working_changes_nothing() -> None:
    clock = ManualClock(START)
    with clock.working("worker-1", "worker"):
        assert clock.now() == START


def test_naive_and_backward_time_are_refused() -> None:
    with pytest.raises(InvalidInput, match="naive time"):
        ManualClock(START.replace(tzinfo=None))
    with pytest.raises(InvalidInput, match="backwards"):
        ManualClock(START).advance(-MINUTE)
