"""What one write led to, for every shape of answer.

One attempt each, and nothing believed that was not said.
"""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import httpx2
import pytest

from glassdesk.workflow.orders.model import Acknowledged, OrderType, OutcomeKind, Ticket
from tests.adapters.ibkr.gateway import ACCOUNT, Desk
from tests.adapters.ibkr.tickets import AAPL, BRACKET, ENTRY, EXIT, STOP
from tests.facts import orders

PLACE = f"/iserver/account/{ACCOUNT}/orders"
ORDER = f"/iserver/account/{ACCOUNT}/order/77"
TEXT = {"error": "something nobody has seen before"}


def accepted(*ids: object) -> list[dict[str, object]]:
    return [{"order_id": one, "order_status": "Submitted", "encrypt_message": "1"} for one in ids]


def question(identity: str, *message_ids: str, text: str = "Sure?") -> dict[str, object]:
    stated = orders.QUESTION.example[0] | {"id": identity, "message": [text], "messageIds": list(message_ids)}
    return dict(stated)


@pytest.mark.parametrize(
    ("body", "status", "tickets", "kind"),
    [
        (orders.ACCEPTED.example, 200, (ENTRY,), OutcomeKind.ACCEPTED),
        (orders.ACCEPTED.example[0], 200, (ENTRY,), OutcomeKind.ACCEPTED),
        (accepted(1, 2, 3), 200, BRACKET, OutcomeKind.ACCEPTED),
        (accepted(1, 2), 200, BRACKET, OutcomeKind.UNKNOWN),
        (orders.ERROR.example, 200, (ENTRY,), OutcomeKind.REJECTED),
        ([orders.ERROR.example], 200, (ENTRY,), OutcomeKind.REJECTED),
        (orders.ERROR.example, 200, BRACKET, OutcomeKind.UNKNOWN),
        ({"error": "No trading permissions."}, 200, BRACKET, OutcomeKind.REJECTED),
        (orders.ERROR.example, 400, (ENTRY,), OutcomeKind.UNKNOWN),
        (TEXT, 200, (ENTRY,), OutcomeKind.UNKNOWN),
        ({"error": "java.lang.Exception"}, 200, (ENTRY,), OutcomeKind.UNKNOWN),
        ({"error": "Order not confirmed"}, 200, (ENTRY,), OutcomeKind.UNKNOWN),
        (orders.DUPLICATE.example, 200, (ENTRY,), OutcomeKind.EXISTS),
        (orders.DUPLICATE.example, 400, (ENTRY,), OutcomeKind.EXISTS),
        (orders.DUPLICATE.example, 200, BRACKET, OutcomeKind.EXISTS),
        (orders.ADVANCED_REJECT.example, 200, (ENTRY,), OutcomeKind.UNKNOWN),
        (orders.FAILED_CHILD.example, 200, (ENTRY,), OutcomeKind.UNKNOWN),
        (orders.UNPRIMED.example, 400, (ENTRY,), OutcomeKind.NOT_SENT),
        (orders.UNPRIMED.example, 500, (ENTRY,), OutcomeKind.NOT_SENT),
        (b"", 500, (ENTRY,), OutcomeKind.UNKNOWN),
        (b"", 200, (ENTRY,), OutcomeKind.UNKNOWN),
        (b"<html>502</html>", 502, (ENTRY,), OutcomeKind.UNKNOWN),
        (b"<html>ok</html>", 200, (ENTRY,), OutcomeKind.UNKNOWN),
        (b'[{"order_id":"1"', 200, (ENTRY,), OutcomeKind.UNKNOWN),
        ([], 200, (ENTRY,), OutcomeKind.UNKNOWN),
        ({}, 200, (ENTRY,), OutcomeKind.UNKNOWN),
        ([{"surprise": 1}], 200, (ENTRY,), OutcomeKind.UNKNOWN),
        ({"error": "Bad Request: no bridge"}, 400, (ENTRY,), OutcomeKind.UNKNOWN),
        (b"Access Denied", 401, (ENTRY,), OutcomeKind.UNKNOWN),
        (b"", 403, (ENTRY,), OutcomeKind.UNKNOWN),
        ({"error": "slow"}, 429, (ENTRY,), OutcomeKind.UNKNOWN),
        ({"error": "aborted"}, 503, (ENTRY,), OutcomeKind.UNKNOWN),
        (httpx2.ConnectError("refused"), 0, (ENTRY,), OutcomeKind.NOT_SENT),
        (httpx2.ConnectTimeout("slow"), 0, (ENTRY,), OutcomeKind.NOT_SENT),
        (httpx2.ReadTimeout("slow"), 0, (ENTRY,), OutcomeKind.UNKNOWN),
        (httpx2.WriteTimeout("slow"), 0, (ENTRY,), OutcomeKind.UNKNOWN),
        (httpx2.WriteError("cut"), 0, (ENTRY,), OutcomeKind.UNKNOWN),
        (httpx2.ReadError("cut"), 0, (ENTRY,), OutcomeKind.UNKNOWN),
        (httpx2.RemoteProtocolError("cut"), 0, (ENTRY,), OutcomeKind.UNKNOWN),
    ],
)
def test_an_answer_leads_to_its_outcome_with_one_request(
    over: Desk, body: Any, status: int, tickets: Sequence[Ticket], kind: OutcomeKind
) -> None:
    over.gateway.on("POST", PLACE, body, status=status)
    outcome = over.broker.orders.place(tickets)
    assert outcome.kind is kind, outcome
    assert over.gateway.paths("POST").count(PLACE) == 1


def test_ids_are_given_to_legs_by_place(over: Desk) -> None:
    over.gateway.on("POST", PLACE, accepted("11", 12, "13"))
    assert [(one.coid, one.broker_order_id) for one in over.broker.orders.place(BRACKET).acknowledged] == [
        (leg.coid, number) for leg, number in zip(BRACKET, ("11", "12", "13"), strict=True)
    ]


def test_an_id_of_ours_in_the_answer_goes_before_place(over: Desk) -> None:
    entry, stop, target = accepted("11", "12", "13")
    over.gateway.on("POST", PLACE, [target, stop, entry | {"local_order_id": ENTRY.coid}])
    found = {one.broker_order_id: one.coid for one in over.broker.orders.place(BRACKET).acknowledged}
    assert found["11"] == ENTRY.coid


def test_a_half_live_bracket_is_unknown_and_names_what_lives(over: Desk) -> None:
    over.gateway.on("POST", PLACE, [*accepted("11"), *orders.FAILED_CHILD.example, *accepted("13")])
    outcome = over.broker.orders.place(BRACKET)
    assert outcome.kind is OutcomeKind.UNKNOWN
    assert [(one.coid, one.broker_order_id) for one in outcome.acknowledged] == [
        (ENTRY.coid, "11"),
        (BRACKET[2].coid, "13"),
    ]
    assert (outcome.text, outcome.failed) == ("Invalid child order", (BRACKET[1].coid,))


def test_a_bracket_sends_the_parent_first_and_children_without_ids_of_their_own(over: Desk) -> None:
    over.gateway.on("POST", PLACE, accepted(1, 2, 3))
    over.broker.orders.place(BRACKET)
    sent = over.gateway.asked[-1][2]["orders"]
    assert sent[0] == {
        "acctId": ACCOUNT,
        "conid": AAPL,
        "orderType": "LMT",
        "side": "BUY",
        "tif": "DAY",
        "outsideRTH": False,
        "quantity": 10,
        "price": 187.12,
        "cOID": ENTRY.coid,
    }
    assert [(one["orderType"], one["parentId"], "cOID" in one) for one in sent[1:]] == [
        ("STP", ENTRY.coid, False),
        ("LMT", ENTRY.coid, False),
    ]


def test_a_market_order_has_no_price(over: Desk) -> None:
    over.gateway.on("POST", PLACE, accepted(1))
    over.broker.orders.place((replace(EXIT, order_type=OrderType.MARKET, price=None),))
    assert "price" not in over.gateway.asked[-1][2]["orders"][0]


def test_a_stop_question_is_confirmed_and_the_chain_ends_accepted(over: Desk) -> None:
    over.gateway.on("POST", PLACE, [question("q1", "o10331")])
    over.gateway.on("POST", "/iserver/reply/q1", accepted(1, 2, 3))
    outcome = over.broker.orders.place(BRACKET)
    assert (outcome.kind, outcome.questions) == (OutcomeKind.ACCEPTED, ("o10331:yes",))
    assert ("POST", "/iserver/reply/q1", {"confirmed": True}) in over.gateway.asked


def test_a_chain_of_questions_is_followed(over: Desk) -> None:
    over.gateway.on("POST", PLACE, [question("q1", "o10331")])
    over.gateway.on("POST", "/iserver/reply/q1", [question("q2", "o10152")])
    over.gateway.on("POST", "/iserver/reply/q2", accepted(1, 2, 3)[0])
    over.gateway.on("POST", "/iserver/reply/q2", accepted(1, 2, 3))
    outcome = over.broker.orders.place(BRACKET)
    assert (outcome.kind, outcome.questions) == (OutcomeKind.ACCEPTED, ("o10331:yes", "o10152:yes"))


def test_several_questions_of_one_answer_are_each_answered(over: Desk) -> None:
    target = question("q2", "o163", text="exceeds the price percentage limit (SELL 10 LMT GTC)")
    over.gateway.on("POST", PLACE, [question("q1", "o10331"), target])
    over.gateway.on("POST", "/iserver/reply/q1", [target])
    over.gateway.on("POST", "/iserver/reply/q2", accepted(1, 2, 3))
    outcome = over.broker.orders.place(BRACKET)
    assert (outcome.kind, outcome.questions) == (OutcomeKind.ACCEPTED, ("o10331:yes", "o163:yes"))


def test_an_unknown_question_is_declined(over: Desk) -> None:
    over.gateway.on("POST", PLACE, [question("q1", "o99999", text="Never seen")])
    over.gateway.on("POST", "/iserver/reply/q1", {"error": "Order not confirmed"})
    outcome = over.broker.orders.place((ENTRY,))
    assert (outcome.kind, outcome.questions, outcome.text) == (
        OutcomeKind.DECLINED,
        ("o99999:no",),
        "Never seen",
    )
    assert ("POST", "/iserver/reply/q1", {"confirmed": False}) in over.gateway.asked


def test_a_later_question_that_is_declined_keeps_what_was_acknowledged(over: Desk) -> None:
    over.gateway.on("POST", PLACE, [*accepted(1), question("q1", "o451")])
    over.gateway.on("POST", "/iserver/reply/q1", {"error": "Order not confirmed"})
    outcome = over.broker.orders.place(BRACKET)
    assert outcome.kind is OutcomeKind.DECLINED
    assert [one.broker_order_id for one in outcome.acknowledged] == ["1"]


def test_a_sixth_question_is_declined_whatever_it_asks(over: Desk) -> None:
    over.gateway.on("POST", PLACE, [question("q0", "o10331")])
    for number in range(6):
        over.gateway.on("POST", f"/iserver/reply/q{number}", [question(f"q{number + 1}", "o10331")])
    outcome = over.broker.orders.place(BRACKET)
    assert outcome.kind is OutcomeKind.DECLINED
    assert outcome.questions == ("o10331:yes",) * 5 + ("o10331:no",)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (httpx2.ReadTimeout("slow"), 0),
        (httpx2.ConnectError("refused"), 0),
        (orders.REPLY_NOT_FOUND.example, 400),
        ({"error": "timeout"}, 503),
        (orders.UNPRIMED.example, 400),
    ],
)
def test_a_reply_of_unknown_fate_is_unknown_and_never_sent_twice(over: Desk, body: Any, status: int) -> None:
    over.gateway.on("POST", PLACE, [question("q1", "o10331")])
    over.gateway.on("POST", "/iserver/reply/q1", body, status=status)
    assert over.broker.orders.place(BRACKET).kind is OutcomeKind.UNKNOWN
    assert over.gateway.paths("POST") == [PLACE, "/iserver/reply/q1"]


def test_an_advanced_reject_is_declined_through_its_own_door(over: Desk) -> None:
    over.gateway.on("POST", PLACE, orders.ADVANCED_REJECT.example)
    over.gateway.on("POST", "/iserver/notification", b"Success")
    outcome = over.broker.orders.place((ENTRY,))
    assert (outcome.kind, outcome.questions, outcome.said_no) == (OutcomeKind.UNKNOWN, ("p12:no",), True)
    assert over.gateway.asked[-1] == (
        "POST",
        "/iserver/notification",
        {"orderId": 1020484122, "reqId": "12", "text": "No"},
    )


def test_a_modification_is_one_bare_order_with_every_field(over: Desk) -> None:
    over.gateway.on("POST", ORDER, accepted("77"))
    outcome = over.broker.orders.modify("77", replace(STOP, price=Decimal("181.5")))
    assert outcome.kind is OutcomeKind.ACCEPTED
    assert outcome.acknowledged == (Acknowledged(coid=STOP.coid, broker_order_id="77", status="Submitted"),)
    sent = over.gateway.asked[-1][2]
    assert sent == {
        "acctId": ACCOUNT,
        "conid": AAPL,
        "orderType": "STP",
        "side": "SELL",
        "tif": "GTC",
        "outsideRTH": False,
        "quantity": 10,
        "price": 181.5,
    }


@pytest.mark.parametrize(
    ("body", "status", "kind"),
    [
        (orders.CANCEL.example, 200, OutcomeKind.ACCEPTED),
        (orders.CANCEL.example | {"conid": -1, "account": None}, 200, OutcomeKind.ACCEPTED),
        (orders.CANCEL_UNKNOWN.example, 200, OutcomeKind.REJECTED),
        (orders.CANCEL_UNKNOWN.example, 400, OutcomeKind.REJECTED),
        ({"error": "Order is inactive"}, 400, OutcomeKind.REJECTED),
        ({"error": "else"}, 400, OutcomeKind.UNKNOWN),
        (b"", 503, OutcomeKind.UNKNOWN),
        (b"<html>", 200, OutcomeKind.UNKNOWN),
        (httpx2.ReadTimeout("slow"), 0, OutcomeKind.UNKNOWN),
        (httpx2.ConnectError("refused"), 0, OutcomeKind.NOT_SENT),
    ],
)
def test_a_cancel_leads_to_its_outcome_with_one_request(
    over: Desk, body: Any, status: int, kind: OutcomeKind
) -> None:
    over.gateway.on("DELETE", ORDER, body, status=status)
    assert over.broker.orders.cancel(ACCOUNT, "77").kind is kind
    assert over.gateway.paths("DELETE") == [ORDER]


def test_an_order_is_not_sent_when_the_accounts_cannot_be_primed(over: Desk) -> None:
    over.gateway.on("GET", "/iserver/accounts", httpx2.ReadTimeout("slow"))
    assert over.broker.orders.place((ENTRY,)).kind is OutcomeKind.NOT_SENT
    assert over.gateway.paths("POST") == []
