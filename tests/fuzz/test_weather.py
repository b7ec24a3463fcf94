"""Thousands of adapter calls while faults strike at random on every endpoint.

`GLASSDESK_CALLS` calls: 1,000 by default, 10,000 in `make fuzz`.
"""

from __future__ import annotations

import os
from collections import Counter, deque
from collections.abc import Iterator
from typing import Any

import pytest

from ibkr_simulator import certificate
from tests.faults.stage import build
from tests.fuzz.weather import ORDER, Weather

pytestmark = pytest.mark.fuzz
CALLS = int(os.environ.get("GLASSDESK_CALLS", "1000"))
SEED = int(os.environ.get("GLASSDESK_SEED", "1"))
SECOND = 1_000_000
EVERY = {
    "/iserver/account/orders": 5,
    "/iserver/account/trades": 5,
    "/iserver/account/pnl/partitioned": 5,
    "/portfolio/accounts": 5,
    "/portfolio/subaccounts": 5,
    "/tickle": 1,
    "/sso/validate": 60,
}


@pytest.fixture(scope="module")
def weather(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Weather]:
    """One campaign for all tests of this module."""
    home = tmp_path_factory.mktemp("home")
    stage = build(
        certificate.ensure(tmp_path_factory.mktemp("gateway")),
        home,
        switches={"questions": "o10331,o163,o10151"},
    )
    made = Weather(stage, SEED)
    made.blow(CALLS)
    yield made
    stage.broker.close()
    stage.ground.stores.close()
    stage.world.truth.close()


@pytest.fixture(scope="module")
def requests(weather: Weather) -> list[dict[str, Any]]:
    return weather.stage.requests()


def test_every_call_ended_in_a_result_or_a_clear_error(weather: Weather) -> None:
    assert weather.calls >= CALLS
    assert weather.errors, "no fault was felt: the weather is too fair to prove anything"
    assert len(weather.outcomes) >= 4, weather.outcomes


def test_no_write_was_sent_twice(weather: Weather, requests: list[dict[str, Any]]) -> None:
    sent = Counter(
        ticket["cOID"]
        for row in requests
        if row["method"] == "POST" and row["path"].endswith("/orders")
        for ticket in row["body"]["orders"]
        if "cOID" in ticket
    )
    assert sent, "nothing was placed"
    assert [coid for coid, times in sent.items() if times > 1] == []
    accepted = Counter(order.coid for order in weather.stage.truth() if order.coid)
    assert [coid for coid, times in accepted.items() if times > 1] == []
    assert set(accepted) <= set(weather.placed)


def test_one_call_sends_one_write(weather: Weather) -> None:
    assert weather.most_writes == 1


def test_the_simulator_never_had_to_refuse_for_pace(requests: list[dict[str, Any]]) -> None:
    assert [row for row in requests if row["status"] == 429 and not row["faults"]] == []


def test_no_limit_was_passed(requests: list[dict[str, Any]]) -> None:
    window: deque[int] = deque(maxlen=11)
    last: dict[str, int] = {}
    for row in requests:
        window.append(row["at"])
        assert len(window) < 11 or window[-1] - window[0] >= SECOND, row
        every = EVERY.get(row["path"])
        if every is not None and row["method"] != "DELETE":
            assert row["at"] - last.get(row["path"], -(10**18)) >= every * SECOND, row
            last[row["path"]] = row["at"]


def test_nothing_came_between_a_question_and_its_last_reply(requests: list[dict[str, Any]]) -> None:
    interrupted, replies = False, 0
    for row in requests:
        if row["path"].startswith("/iserver/reply/"):
            assert not interrupted, row
            replies += 1
        elif row["method"] == "POST" and ORDER.fullmatch(row["path"]):
            interrupted = False
        elif row["path"].startswith("/iserver/"):
            interrupted = True
    assert replies > 0, "no question was asked"
