"""Who moves time: nobody while one works, and all in turn when they wait."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from ibkr_simulator.control.clock import Clock, Participant
from ibkr_simulator.instants import iso, parse
from simulator.tests.conftest import Make
from simulator.tests.support import AAPL, Inside, bracket, limit

NINE, TEN, ELEVEN = "2012-10-02T13:00:00Z", "2012-10-02T14:00:00Z", "2012-10-02T15:00:00Z"


class Round:
    """A clock on a world, and a diary of who was woken when."""

    def __init__(self, client: Inside) -> None:
        self.client = client
        self.clock = client.plane.clock
        self.diary: list[tuple[str, str, bool]] = []

    def join(self, name: str, role: str) -> Participant:
        def woken(message: dict[str, Any]) -> None:
            if "event" in message:
                self.diary.append((name, message["now"], message["event"]))

        return self.clock.join(name, role, woken)

    async def rest(self) -> None:
        """Let the clock do all it can."""
        for _ in range(20):
            await asyncio.sleep(0)

    def wait(self, participant: Participant, until: str | None, *, on_event: bool = False) -> None:
        self.clock.wait(participant, None if until is None else parse(until), on_event=on_event)


def play(client: Inside, story: Callable[[Round], Awaitable[None]]) -> Round:
    """Run a story with the clock going."""

    async def run() -> Round:
        client.plane.clock = Clock(client.world)
        told = Round(client)
        mover = asyncio.create_task(told.clock.run())
        await story(told)
        mover.cancel()
        return told

    return asyncio.run(run())


def test_time_stands_while_one_works_and_jumps_when_all_wait(make: Make) -> None:
    async def story(told: Round) -> None:
        worker, dealer = told.join("w", "worker"), told.join("d", "dealer")
        told.wait(worker, TEN)
        await told.rest()
        assert iso(told.client.world.now) == "2012-10-01T15:00:00Z"
        told.wait(dealer, ELEVEN)
        await told.rest()
        assert told.diary == [("w", TEN, False)]

    play(make(), story)


def test_at_one_instant_persons_wake_before_workers_before_dealers(make: Make) -> None:
    async def story(told: Round) -> None:
        names = [("d", "dealer"), ("w2", "worker"), ("p", "person"), ("w1", "worker")]
        people = {name: told.join(name, role) for name, role in names}
        for participant in people.values():
            told.wait(participant, TEN)
        await told.rest()
        assert [name for name, _, _ in told.diary] == ["p"]
        told.wait(people["p"], ELEVEN)
        await told.rest()
        assert [name for name, _, _ in told.diary] == ["p", "w2", "w1"]
        told.wait(people["w1"], ELEVEN)
        await told.rest()
        assert len(told.diary) == 3
        told.wait(people["w2"], ELEVEN)
        await told.rest()
        assert told.diary[-1] == ("d", TEN, False)

    play(make(), story)


def test_a_class_that_waits_for_the_same_instant_again_goes_first_again(make: Make) -> None:
    async def story(told: Round) -> None:
        worker, dealer = told.join("w", "worker"), told.join("d", "dealer")
        told.wait(worker, TEN)
        told.wait(dealer, TEN)
        await told.rest()
        told.wait(worker, TEN)
        await told.rest()
        told.wait(worker, ELEVEN)
        await told.rest()
        assert [name for name, _, _ in told.diary] == ["w", "w", "d"]

    play(make(), story)


def test_whoever_waits_for_events_wakes_when_an_order_is_touched(make: Make) -> None:
    client = make()
    client.place(*bracket("b", 700.0, 650.0, 690.0))

    async def story(told: Round) -> None:
        worker, dealer = told.join("w", "worker"), told.join("d", "dealer")
        told.wait(worker, "2012-10-20T00:00:00Z")
        told.wait(dealer, None, on_event=True)
        await told.rest()
        assert told.diary == [("d", "2012-10-08T13:30:00Z", True)]
        assert iso(client.world.exchange.executions[-1].at) == "2012-10-08T13:30:00Z"

    play(client, story)


def test_without_anyone_waiting_for_events_fills_happen_at_their_own_times(make: Make) -> None:
    client = make()
    client.place(*bracket("b", 700.0, 650.0, 690.0))

    async def story(told: Round) -> None:
        told.wait(told.join("w", "worker"), "2012-10-20T00:00:00Z")
        await told.rest()
        assert told.diary == [("w", "2012-10-20T00:00:00Z", False)]

    play(client, story)
    assert client.executions()[-1]["at"] == "2012-10-08T13:30:00Z"


def test_a_fill_caused_by_a_request_wakes_those_who_wait_for_events(make: Make) -> None:
    client = make()

    async def story(told: Round) -> None:
        person, dealer = told.join("p", "person"), told.join("d", "dealer")
        told.wait(dealer, None, on_event=True)
        client.world.exchange.person_trade(AAPL, "BUY", 5)
        await told.rest()
        assert told.diary == []
        told.wait(person, ELEVEN)
        await told.rest()
        assert told.diary == [("d", "2012-10-01T15:00:00Z", True)]

    play(client, story)


def test_what_a_worker_did_wakes_the_dealer_at_the_same_instant(make: Make) -> None:
    async def story(told: Round) -> None:
        worker, dealer = told.join("w", "worker"), told.join("d", "dealer")
        told.wait(dealer, ELEVEN, on_event=True)
        told.wait(worker, ELEVEN)
        await told.rest()
        assert told.diary == [("d", "2012-10-01T15:00:00Z", True)]

    play(make(), story)


def test_a_poke_wakes_whoever_waits_for_events_at_this_instant(make: Make) -> None:
    async def story(told: Round) -> None:
        dealer = told.join("d", "dealer")
        told.clock.settle(paused=True)
        told.wait(dealer, ELEVEN, on_event=True)
        await told.rest()
        told.clock.poke()
        await told.rest()
        assert told.diary == [("d", "2012-10-01T15:00:00Z", True)]

    play(make(), story)


def test_whoever_leaves_holds_time_no_more(make: Make) -> None:
    async def story(told: Round) -> None:
        worker, stuck = told.join("w", "worker"), told.join("s", "worker")
        told.wait(worker, TEN)
        await told.rest()
        assert told.diary == []
        told.clock.leave(stuck)
        await told.rest()
        assert told.diary == [("w", TEN, False)]

    play(make(), story)


def test_paused_time_stands_and_advance_to_passes_all_the_same(make: Make) -> None:
    async def story(told: Round) -> None:
        worker = told.join("w", "worker")
        told.clock.settle(paused=True)
        told.wait(worker, TEN)
        await told.rest()
        assert told.diary == []
        errand = asyncio.create_task(told.clock.advance_to(parse(ELEVEN)))
        await told.rest()
        assert told.diary == [("w", TEN, False)]
        told.wait(worker, None)
        await errand
        assert iso(told.client.world.now) == ELEVEN
        told.wait(worker, "2012-10-03T00:00:00Z")
        await told.rest()
        assert len(told.diary) == 1

    play(make(), story)


def test_the_brake_lets_time_pass_no_faster_than_it_says(make: Make) -> None:
    async def story(told: Round) -> None:
        told.clock.settle(speed=100.0)
        begun = asyncio.get_running_loop().time()
        told.wait(told.join("w", "worker"), "2012-10-01T15:00:20Z")
        while not told.diary:
            await asyncio.sleep(0.01)
        assert asyncio.get_running_loop().time() - begun >= 0.19

    play(make(), story)


def test_time_does_not_move_by_itself_for_clients_outside_the_round(make: Make) -> None:
    client = make()
    client.place(limit("a", 600.0))
    for _ in range(5):
        client.get("/iserver/auth/status")
    assert client.control("GET", "/health")["now"] == "2012-10-01T15:00:00Z"


@pytest.mark.parametrize(
    ("body", "why"),
    [({"speed": -1}, "speed takes"), ({"paused": "yes"}, "paused takes"), ({"jump": 1}, "no field jump")],
)
def test_a_bad_clock_request_says_what_would_be_right(make: Make, body: dict[str, Any], why: str) -> None:
    with pytest.raises(AssertionError, match=why):
        make().control("POST", "/clock", body)


def test_the_brokerage_session_idles_out_only_while_a_dealer_could_have_tickled(make: Make) -> None:
    client = make(idle_timeout_seconds="360")
    client.advance("2012-10-01T16:00:00Z")
    assert client.get("/iserver/auth/status")["authenticated"] is True

    async def story(told: Round) -> None:
        told.wait(told.join("d", "dealer"), "2012-10-01T16:06:01Z")
        await told.rest()

    play(client, story)
    assert client.get("/iserver/auth/status")["authenticated"] is False
