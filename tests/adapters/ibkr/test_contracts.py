"""Contracts are found, named and never guessed [§3]."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from glassdesk.kernel.errors import NotFound, ReadFailed, SessionNotReady
from tests.adapters.ibkr.gateway import START, Desk
from tests.facts import contracts

SEARCH = "/iserver/secdef/search"
SECDEF = "/trsrv/secdef"
RULES = "/iserver/contract/rules"
SCHEDULE = "/contract/trading-schedule"
DEFINITION = {"secdef": [{"conid": 756733, "currency": "USD"}]}


def test_a_search_names_the_currency_of_each_listing(over: Desk) -> None:
    over.gateway.on("GET", SEARCH, contracts.SEARCH.example)
    over.gateway.on("GET", SECDEF, DEFINITION)
    (found,) = over.broker.contracts.search("SPY")
    assert (found.conid, found.exchange, found.currency) == (756733, "ARCA", "USD")


def test_a_listing_without_a_definition_has_no_currency_rather_than_a_guessed_one(over: Desk) -> None:
    over.gateway.on("GET", SEARCH, contracts.SEARCH.example)
    over.gateway.on("GET", SECDEF, {"secdef": []})
    assert over.broker.contracts.search("SPY")[0].currency == ""


@pytest.mark.parametrize("body", [{"error": "No symbol found"}, {}, []])
def test_an_unknown_symbol_is_searched_by_name_and_then_not_found(over: Desk, body: object) -> None:
    over.gateway.on("GET", SEARCH, body)
    assert over.broker.contracts.search("NOPE") == ()
    assert over.gateway.paths() == [SEARCH, SEARCH]


def test_bond_issuers_in_a_search_are_left_out(over: Desk) -> None:
    issuer = contracts.SEARCH.example[0] | {"conid": "-1"}
    over.gateway.on("GET", SEARCH, [issuer, *contracts.SEARCH.example])
    over.gateway.on("GET", SECDEF, DEFINITION)
    assert [one.conid for one in over.broker.contracts.search("SPY")] == [756733]


def test_a_contract_that_does_not_exist_is_not_found(over: Desk) -> None:
    over.gateway.on("GET", "/iserver/contract/1/info", {"error": "Bad Request: invalid conid"}, status=400)
    with pytest.raises(NotFound):
        over.broker.contracts.contract(1)
    over.gateway.on("POST", "/iserver/contract/rules", {"error": "Bad Request: invalid conid"}, status=400)
    with pytest.raises(NotFound):
        over.broker.contracts.rules(1, fetched_at=START)


def test_a_contract_asked_for_without_a_session_is_not_a_contract_that_does_not_exist(over: Desk) -> None:
    over.gateway.on("GET", "/iserver/contract/1/info", {"error": "Bad Request: no bridge"}, status=400)
    with pytest.raises(SessionNotReady):
        over.broker.contracts.contract(1)


def test_rules_with_an_error_text_are_a_failed_read(over: Desk) -> None:
    over.gateway.on("POST", "/iserver/contract/rules", contracts.RULES.example | {"error": "no rules"})
    with pytest.raises(ReadFailed, match="no rules"):
        over.broker.contracts.rules(756733, fetched_at=START)


def test_a_false_401_of_the_portfolio_is_no_lost_session(over: Desk) -> None:
    over.gateway.on("GET", "/portfolio2/DU9/positions", b"", status=401)
    with pytest.raises(ReadFailed) as failure:
        over.broker.positions.positions("DU9")
    assert not isinstance(failure.value, SessionNotReady)


def test_repeated_positions_are_counted_once(over: Desk) -> None:
    row = {"conid": "756733", "description": "SPY", "position": 5, "avgCost": 640, "marketPrice": 641}
    over.gateway.on("GET", "/portfolio2/DU1234567/positions", [row, row | {"conid": "1"}, row])
    assert [one.conid for one in over.broker.positions.positions("DU1234567")] == [756733, 1]


def test_rules_hold_for_the_brokers_day(over: Desk) -> None:
    over.gateway.on("POST", RULES, contracts.RULES.example)
    first = over.broker.contracts.rules(756733, fetched_at=START)
    late = datetime(2012, 10, 2, 3, 59, 59, tzinfo=UTC)
    assert over.broker.contracts.rules(756733, fetched_at=late) == first
    again = over.broker.contracts.rules(756733, fetched_at=late + timedelta(seconds=1))
    assert again.fetched_at == late + timedelta(seconds=1)
    assert over.gateway.paths().count(RULES) == 2
    over.broker.contracts.rules(265598, fetched_at=late)
    assert over.gateway.paths().count(RULES) == 3


def test_hours_are_asked_for_again_a_day_before_they_run_out_and_past_ones_are_left_out(over: Desk) -> None:
    over.gateway.on("GET", SCHEDULE, schedule(date(2012, 10, 1), 5))
    assert len(over.broker.contracts.hours(756733, "ARCA")) == 5
    over.clock.advance(timedelta(days=2))
    assert [one.session.day for one in over.broker.contracts.hours(756733, "ARCA")] == [3, 4, 5]
    assert over.gateway.paths().count(SCHEDULE) == 1
    over.clock.advance(timedelta(days=1))
    over.broker.contracts.hours(756733, "ARCA")
    assert over.gateway.paths().count(SCHEDULE) == 2
    over.broker.contracts.hours(756733, "BATS")
    assert over.gateway.paths().count(SCHEDULE) == 3


def test_a_session_that_closes_before_it_opens_is_a_failed_read(over: Desk) -> None:
    hours = {"opening": 1349100000, "closing": 1349099999}
    stated = {"exchange_time_zone": "US/Eastern", "schedules": {"20121001": {"liquid_hours": [hours]}}}
    over.gateway.on("GET", SCHEDULE, stated)
    with pytest.raises(ReadFailed, match="closes before it opens"):
        over.broker.contracts.hours(756733, "ARCA")


def schedule(first: date, days: int) -> dict[str, Any]:
    """Regular hours of so many days in a row, 13:30 to 20:00 UTC."""
    spans = {}
    for day in (first + timedelta(days=number) for number in range(days)):
        opens = datetime(day.year, day.month, day.day, 13, 30, tzinfo=UTC)
        span = {"opening": int(opens.timestamp()), "closing": int(opens.timestamp()) + 23_400}
        spans[day.strftime("%Y%m%d")] = {"liquid_hours": [span]}
    return {"exchange_time_zone": "US/Eastern", "schedules": spans}
