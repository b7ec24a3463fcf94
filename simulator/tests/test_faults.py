"""Faults by number, the catalogue and the control plane's refusals."""

from typing import Any

import pytest

from ibkr_simulator.scenarios.catalogue import CATALOGUE
from simulator.tests.conftest import Make
from simulator.tests.support import AAPL, ACCOUNT, bracket, limit


def test_the_catalogue_has_every_number_once() -> None:
    assert sorted(CATALOGUE) == list(range(1, 84))


@pytest.mark.parametrize(
    "number",
    [
        number
        for number, scenario in CATALOGUE.items()
        if scenario.kind in ("before", "after") and "seconds" not in scenario.defaults
    ],
)
def test_every_wire_fault_strikes_once_and_is_gone(make: Make, number: int) -> None:
    client = make()
    client.control("POST", "/faults", {"number": number, "endpoint": "any"})
    client.api("GET", "/tickle")
    assert client.control("GET", "/faults")["armed"] == []
    assert client.control("GET", "/truth/requests")[-1]["faults"] == [number]
    assert client.api("GET", "/tickle")[0] == 200


def test_a_fault_can_skip_and_strike_several_times(make: Make) -> None:
    client = make()
    client.control("POST", "/faults", {"number": 7, "endpoint": "tickle", "skip": 1, "count": 2})
    assert [client.api("GET", "/tickle")[0] for _ in range(4)] == [200, 401, 401, 200]


def test_a_fault_can_last_for_a_time(make: Make) -> None:
    client = make()
    client.control("POST", "/faults", {"number": 9, "seconds": 300})
    assert [client.api("GET", "/iserver/accounts")[0] for _ in range(3)] == [503, 503, 503]
    assert client.api("GET", "/portfolio/accounts")[0] == 200
    client.advance("2012-10-01T15:05:00Z")
    assert client.control("GET", "/faults")["armed"] == []
    assert client.api("GET", "/iserver/accounts") == (
        400,
        {"error": "Bad Request: no bridge", "statusCode": 400},
    )


def test_a_401_mid_session_does_not_end_the_session(make: Make) -> None:
    client = make()
    client.control("POST", "/faults", {"number": 7, "endpoint": "orders"})
    assert client.api("POST", f"{ACCOUNT}/orders", {"orders": [limit("a", 600.0)]})[0] == 401
    assert client.get("/iserver/auth/status")["authenticated"] is True
    assert client.control("GET", "/truth/orders") == []


def test_a_chain_of_questions_is_asked_one_after_the_other(make: Make) -> None:
    client = make()
    client.control("POST", "/faults", {"number": 46, "depth": 3})
    seen = []
    answer = client.ask(limit("a", 600.0))
    while "messageIds" in answer[0]:
        seen += answer[0]["messageIds"]
        answer = client.post(f"/iserver/reply/{answer[0]['id']}", {"confirmed": True})
    assert seen == ["o354", "o451", "o383"]
    assert answer[0]["order_status"] == "Submitted"


@pytest.mark.parametrize(
    ("fault", "status", "executions"),
    [
        ({"number": 55}, "PendingSubmit", 0),
        ({"number": 56, "reason": "held"}, "Inactive", 0),
        ({"number": 58, "quantity": 4}, "Submitted", 1),
    ],
)
def test_faults_of_an_accepted_order(make: Make, fault: dict[str, Any], status: str, executions: int) -> None:
    client = make()
    client.control("POST", "/faults", fault)
    assert client.place(limit("a", 700.0))[0]["order_id"].isdigit()
    assert client.statuses() == {"a": status}
    assert len(client.executions()) == executions


def test_a_silently_dropped_order_is_in_no_list(make: Make) -> None:
    client = make()
    client.control("POST", "/faults", {"number": 57})
    placed = client.place(*bracket("b", 700.0, 640.0, 690.0))
    assert [row["order_id"].isdigit() for row in placed] == [True, True, True]
    assert (client.orders(), client.executions()) == ({}, [])
    assert client.api("GET", f"/iserver/account/order/status/{placed[0]['order_id']}")[0] == 400


def test_a_cancel_can_lose_the_race(make: Make) -> None:
    client = make()
    order_id = client.place(limit("a", 600.0))[0]["order_id"]
    client.control("POST", "/faults", {"number": 59})
    assert client.api("DELETE", f"{ACCOUNT}/order/{order_id}")[0] == 200
    client.advance("2012-10-01T15:05:00Z")
    assert client.statuses() == {"a": "Submitted"}


def test_the_broker_cancels_by_itself_and_says_why(make: Make) -> None:
    client = make()
    client.place(limit("a", 600.0))
    client.control("POST", "/faults", {"number": 61, "reason": "Locate failed"})
    assert client.orders()["a"]["order_cancellation_by_system_reason"] == "Locate failed"


def test_a_child_can_fail_while_its_parent_lives(make: Make) -> None:
    client = make()
    client.control("POST", "/faults", {"number": 52, "endpoint": "any"})
    placed = client.place(*bracket("b", 600.0, 590.0, 690.0))
    assert [row["order_id"] == -1 for row in placed] == [False, True, False]


def test_the_penalty_box_opens_by_disarming(make: Make) -> None:
    client = make(pacing="on")
    client.control("POST", "/switches", {"pacing": "on"})
    client.control("POST", "/faults", {"number": 20})
    assert client.api("GET", "/tickle")[0] == 429
    client.control("DELETE", "/faults")
    assert client.api("GET", "/tickle")[0] == 200


def test_snapshot_faults_change_fields(make: Make) -> None:
    client = make(snapshot_calls="1")
    path = f"/iserver/marketdata/snapshot?conids={AAPL}&fields=31,84,86"
    client.get(path)
    client.control("POST", "/faults", {"number": 31, "values": {"31": "1,300.00"}})
    assert client.get(path)[0]["31"] == "1,300.00"
    client.control("POST", "/faults", {"number": 28})
    assert "86" not in client.get(path)[0]


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ({"number": 99}, "no fault F-99"),
        ({"number": True}, "takes a whole number from 1 to 83"),
        ({"number": 22, "stal": 3}, "F-22 .* takes stall, late, seconds, not stal"),
        ({"number": 1, "seconds": 3}, "takes no words of its own"),
        ({"number": 9, "seconds": "long"}, "seconds takes seconds, not 'long'"),
        ({"number": 7, "count": 0}, "count takes a whole number of at least 1"),
        ({"number": 7, "at": "noon"}, "at takes an instant"),
        ({"number": 7, "at": "2012-10-01T16:00:00Z", "after": 1}, "exclude each other"),
        ({"number": 22, "endpoint": "nowhere"}, "no endpoint"),
        ({"number": 68}, "needs an execution"),
        ({}, "takes a whole number from 1 to 83"),
    ],
)
def test_a_fault_that_cannot_be_armed_says_why(make: Make, body: dict[str, Any], why: str) -> None:
    with pytest.raises(AssertionError, match=why):
        make().control("POST", "/faults", body)


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ({"nonsense": "1"}, "no switch 'nonsense'"),
        ({"children": "some"}, "takes one of full, scaled, held_until_full"),
        ({"penalty_seconds": "-1"}, "takes a whole number of at least 0"),
        ({"account": "DU1"}, "when the simulator starts only"),
    ],
)
def test_a_bad_switch_says_what_would_be_right(make: Make, body: dict[str, Any], why: str) -> None:
    with pytest.raises(AssertionError, match=why):
        make().control("POST", "/switches", body)
