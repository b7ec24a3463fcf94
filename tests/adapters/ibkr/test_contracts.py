"""Contracts are found, named and never guessed [§3]."""

import pytest

from glassdesk.kernel.errors import NotFound, ReadFailed, SessionNotReady
from tests.adapters.ibkr.gateway import START, Desk
from tests.facts import contracts

SEARCH = "/iserver/secdef/search"
SECDEF = "/trsrv/secdef"
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
