"""Pacing: what is refused, what is only counted, and what came between a question and its answer."""

from typing import Any

import pytest

from ibkr_simulator.instants import SECOND
from ibkr_simulator.pacing import RULES, Pacer, rule_of, too_long
from simulator.tests.conftest import Make
from simulator.tests.support import ACCOUNT, Inside, bracket, limit

ROWS = [
    ("GET /iserver/account/orders", 5),
    ("GET /iserver/account/trades", 5),
    ("GET /iserver/account/pnl/partitioned", 5),
    ("GET /iserver/scanner/params", 900),
    ("POST /iserver/scanner/run", 1),
    ("POST /pa/performance", 900),
    ("POST /pa/summary", 900),
    ("POST /pa/transactions", 900),
    ("GET /portfolio/accounts", 5),
    ("GET /portfolio/subaccounts", 5),
    ("GET /tickle", 1),
    ("POST /tickle", 1),
    ("GET /sso/validate", 60),
    ("GET /fyi/unreadnumber", 1),
    ("GET /fyi/settings", 1),
    ("PUT /fyi/disclaimer/OE", 1),
    ("GET /fyi/deliveryoptions", 1),
    ("PUT /fyi/notifications/5", 1),
]


def in_round(make: Make, pacing: str, **switches: str) -> Inside:
    """A ready client whose requests are paced by market time."""
    client = make(pacing="off", **switches)
    client.world.in_round = lambda: True
    client.control("POST", "/switches", {"pacing": pacing})
    return client


def counted(client: Inside) -> dict[str, Any]:
    """What the broker counted."""
    return dict(client.control("GET", "/truth/pacing"))


@pytest.mark.parametrize(("what", "seconds"), ROWS)
def test_every_row_of_the_sheet_is_a_limit(what: str, seconds: int) -> None:
    pacer = Pacer()
    name = getattr(rule_of(what), "name", None)
    assert pacer.count(what, 0, basis="market") == []
    assert pacer.count(what, seconds * SECOND - 1, basis="market") == [name]
    assert pacer.count(what, 2 * seconds * SECOND - 1, basis="market") == []


def test_every_limit_is_a_row_of_the_sheet() -> None:
    assert {rule.name for rule in RULES} == {getattr(rule_of(what), "name", "") for what, _ in ROWS}


def test_limits_of_endpoints_are_refused_with_full_pacing_only(make: Make) -> None:
    for pacing, expected in (("on", [200, 200]), ("full", [200, 429])):
        client = in_round(make, pacing)
        assert [client.api("GET", "/sso/validate")[0] for _ in range(2)] == expected


def test_what_would_be_refused_is_counted_without_pacing_too(make: Make) -> None:
    client = in_round(make, "off")
    for _ in range(12):
        assert client.api("GET", "/portfolio/accounts")[0] == 200
    found = counted(client)
    assert (found["most_in_a_second"], found["over_the_second"], found["refused"]) == (12, 2, 0)
    assert found["endpoints"]["GET /portfolio/accounts"] == {
        "requests": 13,
        "violations": 11,
        "closest_seconds": 0.0,
    }


def test_a_client_within_its_limits_has_nothing_counted_against_it(make: Make) -> None:
    client = in_round(make, "full")
    for second in range(0, 30, 5):
        client.advance(f"2012-10-01T15:00:{second:02}Z")
        assert client.api("GET", "/iserver/account/orders")[0] == 200
    found = counted(client)
    assert (found["over_the_second"], found["boxes"], found["refused"]) == (0, 0, 0)
    assert found["endpoints"]["GET /iserver/account/orders"]["closest_seconds"] == 5.0


def test_the_penalty_box_is_as_long_as_its_switch_says(make: Make) -> None:
    client = in_round(make, "full", penalty_seconds="900")
    assert [client.api("GET", "/sso/validate")[0] for _ in range(2)] == [200, 429]
    assert counted(client)["boxed_seconds"] == 900.0
    client.advance("2012-10-01T15:14:59Z")
    assert client.api("GET", "/iserver/accounts")[0] == 429
    client.advance("2012-10-01T15:15:00Z")
    assert client.api("GET", "/iserver/accounts")[0] == 200


def test_repeat_offenders_are_blocked_for_good(make: Make) -> None:
    client = in_round(make, "full", penalty_seconds="1", block_after="2")
    for at in ("15:00:00", "15:02:00"):
        client.advance(f"2012-10-01T{at}Z")
        assert [client.api("GET", "/sso/validate")[0] for _ in range(2)] == [200, 429]
    client.advance("2012-10-09T15:00:00Z")
    assert client.api("GET", "/iserver/accounts")[0] == 429
    assert counted(client)["blocked"] is True
    client.control("DELETE", "/faults")
    assert client.api("GET", "/sso/validate")[0] == 200


@pytest.mark.parametrize(
    ("path", "name", "most"),
    [
        ("/iserver/marketdata/snapshot", "conids", 100),
        ("/iserver/marketdata/snapshot", "fields", 50),
        ("/trsrv/secdef", "conids", 200),
    ],
)
def test_lists_have_a_greatest_length(path: str, name: str, most: int) -> None:
    assert too_long(path, {name: ",".join("1" * most)}) is None
    assert too_long(path, {name: ",".join("1" * (most + 1))}) == f"{name}: at most {most}"


def test_a_list_too_long_is_refused_with_full_pacing_and_counted_always(make: Make) -> None:
    path = f"/iserver/marketdata/snapshot?conids={','.join(['265598'] * 101)}&fields=31"
    client = in_round(make, "on")
    assert client.api("GET", path)[0] == 200
    client.control("POST", "/switches", {"pacing": "full"})
    assert client.api("GET", path)[1]["error"] == "Bad Request: conids: at most 100"
    assert counted(client)["too_long"] == 2


def questions(client: Inside) -> list[tuple[int, int, list[str], str]]:
    """Questions, replies, what came between, outcome."""
    rows = client.control("GET", "/truth/questions")
    return [(row["questions"], row["replies"], row["between"], row["outcome"]) for row in rows]


def test_questions_answered_at_once_have_nothing_between(make: Make) -> None:
    client = make()
    client.place(*bracket("b", 600.0, 580.0, 700.0))
    client.control("POST", "/faults", {"number": 46, "depth": 3})
    client.place(limit("chain", 600.0))
    asked = client.ask(*bracket("no", 600.0, 580.0, 700.0))
    client.get("/tickle")
    client.post(f"/iserver/reply/{asked[0]['id']}", {"confirmed": False})
    assert questions(client) == [(1, 1, [], "answered"), (3, 3, [], "answered"), (1, 1, [], "declined")]


def test_a_request_between_a_question_and_its_reply_is_named(make: Make) -> None:
    client = make()
    asked = client.ask(*bracket("b", 600.0, 580.0, 700.0))
    client.get("/iserver/account/orders")
    assert client.api("POST", f"/iserver/reply/{asked[0]['id']}", {"confirmed": True})[0] == 400
    client.ask(*bracket("c", 600.0, 580.0, 700.0))
    client.ask(*bracket("d", 600.0, 580.0, 700.0))
    assert questions(client) == [
        (1, 1, ["GET /iserver/account/orders"], "expired"),
        (1, 0, [f"POST {ACCOUNT}/orders"], "interrupted"),
        (1, 0, [], "open"),
    ]
