"""The machine's clocks."""

import threading
from datetime import UTC, timedelta

from glassdesk.adapters.clocks import SystemClock, SystemStopwatch


def test_now_is_aware_utc_and_a_wait_ends_at_its_instant() -> None:
    clock = SystemClock()
    until = clock.now() + timedelta(milliseconds=50)
    assert until.tzinfo is UTC
    clock.wait_until(until)
    assert until <= clock.now() < until + timedelta(seconds=5)


def test_an_instant_that_has_passed_is_not_waited_for() -> None:
    clock = SystemClock()
    before = clock.now()
    clock.wait_until(before - timedelta(hours=1))
    assert clock.now() - before < timedelta(seconds=5)


def test_stopping_releases_who_waits_for_ever() -> None:
    clock = SystemClock()
    with clock.working("dealer", "dealer"):
        thread = threading.Thread(target=clock.wait_until, args=(None,))
        thread.start()
        clock.stop()
        thread.join(timeout=5)
        assert not thread.is_alive()
        clock.wait_until(clock.now() + timedelta(hours=1))


def test_the_stopwatch_runs_forward() -> None:
    stopwatch = SystemStopwatch()
    before = stopwatch.seconds()
    stopwatch.pause(0.01)
    assert stopwatch.seconds() - before >= 0.01
