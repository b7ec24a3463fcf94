"""Who moves simulated time: it stands while anyone works and jumps when all wait (`design.md` §7)."""

import threading
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest

from glassdesk.adapters.simulation import ControlPlane, Endpoint, SimulatedClock
from glassdesk.kernel.errors import Unavailable
from tests.adapters.simulation.running import end, simulator

pytestmark = pytest.mark.process
HOUR = timedelta(hours=1)


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoint]:
    with simulator(tmp_path_factory.mktemp("home")) as running:
        yield running


@pytest.fixture
def clock(endpoint: Endpoint) -> Iterator[SimulatedClock]:
    made = SimulatedClock(endpoint)
    yield made
    made.close()


@pytest.fixture
def control(endpoint: Endpoint) -> Iterator[ControlPlane]:
    made = ControlPlane(endpoint)
    yield made
    made.close()


def test_time_stands_while_a_thread_works_and_jumps_when_it_waits(clock: SimulatedClock) -> None:
    with clock.working("alone", "worker"):
        before = clock.now()
        time.sleep(0.05)
        assert clock.now() == before
        clock.wait_until(before + HOUR)
        assert clock.now() == before + HOUR


def test_an_instant_that_has_come_is_not_waited_for(clock: SimulatedClock) -> None:
    with clock.working("alone", "worker"):
        before = clock.now()
        clock.wait_until(before)
        clock.wait_until(before - HOUR)
        assert clock.now() == before


def test_time_moves_to_the_earliest_of_all_who_wait(clock: SimulatedClock) -> None:
    woken: list[tuple[str, timedelta]] = []
    together = threading.Barrier(2)

    def wait(name: str, role: str, for_: timedelta) -> None:
        with clock.working(name, role):
            together.wait(timeout=5)
            start = clock.now()
            together.wait(timeout=5)
            clock.wait_until(start + for_)
            woken.append((name, clock.now() - start))

    threads = [
        threading.Thread(target=wait, args=("slow", "worker", 2 * HOUR)),
        threading.Thread(target=wait, args=("fast", "dealer", HOUR)),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=10)
    assert woken == [("fast", HOUR), ("slow", 2 * HOUR)]


def test_a_thread_outside_the_round_only_looks(clock: SimulatedClock, control: ControlPlane) -> None:
    before = clock.now()
    done = threading.Event()

    def look() -> None:
        clock.wait_until(before + HOUR)
        done.set()

    onlooker = threading.Thread(target=look)
    onlooker.start()
    assert not done.wait(timeout=0.15)
    with clock.working("mover", "worker"):
        clock.wait_until(before + HOUR)
    assert done.wait(timeout=5)
    onlooker.join()
    assert control.now() == before + HOUR


def test_a_block_inside_a_block_takes_no_second_seat(clock: SimulatedClock, control: ControlPlane) -> None:
    with clock.working("outer", "worker"), clock.working("inner", "dealer"):
        assert [row["name"] for row in control.clock()["participants"]] == ["outer"]
        clock.wait_until(clock.now() + HOUR)
    _until(lambda: control.clock()["participants"] == [])


@pytest.mark.slow
def test_a_thread_that_thinks_longer_than_the_round_forgives_silence_keeps_its_seat(
    endpoint: Endpoint, control: ControlPlane
) -> None:
    clock = SimulatedClock(endpoint)
    with clock.working("thinker", "worker"):
        before = clock.now()
        time.sleep(11)
        assert [row["name"] for row in control.clock()["participants"]] == ["thinker"]
        assert control.now() == before
    clock.close()


def test_stopping_releases_who_waits_and_later_waits_return_at_once(
    endpoint: Endpoint, control: ControlPlane
) -> None:
    clock = SimulatedClock(endpoint)
    released = threading.Event()

    def wait() -> None:
        with clock.working("waiter", "dealer"):
            clock.wait_until(None)
            released.set()

    thread = threading.Thread(target=wait)
    thread.start()
    _until(lambda: [row["state"] for row in control.clock()["participants"]] == ["WAITING"])
    clock.stop()
    assert released.wait(timeout=5)
    thread.join()
    clock.wait_until(clock.now() + HOUR)
    clock.close()


def test_a_lost_connection_is_joined_again_once(clock: SimulatedClock) -> None:
    with clock.working("unlucky", "worker"):
        before = clock.now()
        for seat in clock._seats:
            seat.close()
        clock.wait_until(before + HOUR)
        assert clock.now() == before + HOUR


def test_a_clock_whose_simulator_is_gone_says_what_to_do(tmp_path_factory: pytest.TempPathFactory) -> None:
    with simulator(tmp_path_factory.mktemp("short")) as running:
        clock = SimulatedClock(running)
        with clock.working("left", "worker"):
            before = clock.now()
            end(running)
            with pytest.raises(Unavailable, match=r"simulated clock is gone.*glassdesk up"):
                clock.wait_until(before + HOUR)
        clock.close()


def test_the_person_may_pause_and_advance(clock: SimulatedClock, control: ControlPlane) -> None:
    control.pause()
    before = control.now()
    assert control.advance_to(before + HOUR) == before + HOUR
    assert control.clock()["paused"] is True
    control.resume()
    control.set_speed(None)


def _until(condition: object) -> None:
    assert callable(condition)
    for _ in range(200):
        if condition():
            return
        time.sleep(0.02)
    raise AssertionError("never came true")
