"""Whatever the broker answers, a write is one attempt, and nothing is believed that was not said (`T-59`)."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glassdesk.adapters.ibkr.rejections import is_final
from glassdesk.workflow.orders.model import OrderType, Outcome, OutcomeKind, Ticket
from tests.adapters.ibkr.gateway import ACCOUNT, Desk, Gateway, answer, desk
from tests.adapters.ibkr.tickets import BRACKET, ENTRY, EXIT, STOP, TARGET
from tests.facts import orders

ORDER = f"/iserver/account/{ACCOUNT}/order/77"
FINAL = {"error": "No trading permissions."}
QUESTIONS = ("q1", "q2", "q3")
Reply = tuple[Any, int] | Exception


def accepted(count: int) -> list[dict[str, object]]:
    return [{"order_id": str(number), "order_status": "Submitted"} for number in range(1, count + 1)]


def question(identity: str, *ids: str) -> dict[str, Any]:
    return dict(orders.QUESTION.example[0]) | {"id": identity, "message": ["Sure?"], "messageIds": list(ids)}


ANSWERS: list[Reply] = [
    (accepted(1), 200),
    (accepted(3), 200),
    (FINAL, 200),
    (FINAL, 400),
    (orders.ERROR.example, 200),
    ({"error": "something new"}, 200),
    (orders.DUPLICATE.example, 200),
    (orders.UNPRIMED.example, 400),
    (orders.ADVANCED_REJECT.example, 200),
    (orders.FAILED_CHILD.example, 200),
    ([question("q1", "o10331")], 200),
    ([question("q2", "o10331")], 200),
    ([question("q3", "o10331", "o10152")], 200),
    ([question("q1", "o10331"), question("q2", "o10331")], 200),
    ([question("q1", "o451")], 200),
    ([question("q2")], 200),
    ([*accepted(1), question("q3", "o10331")], 200),
    ({"error": "reply id not found: 'q1'"}, 400),
    (b"", 200),
    (b"<html>", 200),
    (b'[{"order_id"', 200),
    (b"", 401),
    (b"", 403),
    ({"error": "slow down"}, 429),
    (b"", 500),
    ({"error": "aborted"}, 503),
    httpx2.ConnectError("refused"),
    httpx2.ConnectTimeout("slow"),
    httpx2.PoolTimeout("full"),
    httpx2.WriteTimeout("slow"),
    httpx2.ReadTimeout("slow"),
    httpx2.ReadError("cut"),
    httpx2.RemoteProtocolError("cut"),
]
LEGS: list[tuple[Ticket, ...]] = [(ENTRY,), (STOP,), (TARGET,), (EXIT,), BRACKET]


def served(gateway: Gateway, replies: Sequence[Reply]) -> list[str]:
    """Writes are answered with `replies` in order, the last one for ever; what was sent, as it came."""
    sent, left = [], list(replies)

    def take(request: httpx2.Request) -> httpx2.Response:
        sent.append(f"{request.method} {request.url.path} {request.content.decode()}")
        reply = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(reply, Exception):
            raise reply
        return answer(*reply)

    for path in (f"/iserver/account/{ACCOUNT}/orders", ORDER, "/iserver/notification"):
        gateway.on("POST", path, take)
    gateway.on("DELETE", ORDER, take)
    for identity in QUESTIONS:
        gateway.on("POST", f"/iserver/reply/{identity}", take)
    return sent


def place(made: Desk, legs: tuple[Ticket, ...]) -> Outcome:
    return made.broker.orders.place(legs)


def modify(made: Desk, legs: tuple[Ticket, ...]) -> Outcome:
    return made.broker.orders.modify("77", legs[0])


def cancel(made: Desk, legs: tuple[Ticket, ...]) -> Outcome:
    return made.broker.orders.cancel(ACCOUNT, "77")


@settings(max_examples=150, deadline=None)
@given(
    act=st.sampled_from([place, place, modify, cancel]),
    legs=st.sampled_from(LEGS),
    replies=st.lists(st.sampled_from(ANSWERS), min_size=1, max_size=8),
)
def test_a_write_is_one_attempt_and_its_outcome_is_what_was_said(
    certificate: Path,
    act: Callable[[Desk, tuple[Ticket, ...]], Outcome],
    legs: tuple[Ticket, ...],
    replies: list[Reply],
) -> None:
    with desk(certificate) as made:
        sent = served(made.gateway, replies)
        outcome = act(made, legs)
        paths = made.gateway.paths()
    assert max(Counter(sent).values()) == 1, "no write was sent twice"
    assert paths[0] == "/iserver/accounts"
    assert len(paths) == 1 + len(sent), "nothing but the chain itself"
    heard = replies[: len(sent)] + [replies[-1]] * (len(sent) - len(replies))
    asked = 1 if act is not place else len(legs)
    believed(outcome, heard, asked)


def believed(outcome: Outcome, heard: list[Reply], tickets: int) -> None:
    first, last = heard[0], heard[-1]
    if outcome.kind is OutcomeKind.ACCEPTED:
        assert len(outcome.acknowledged) == tickets
    if outcome.kind is OutcomeKind.REJECTED:
        assert not isinstance(last, Exception)
        body, status = last
        assert (status, is_final(body["error"], bracket=tickets > 1)) == (200, True)
        assert outcome.acknowledged == ()
    if outcome.kind is OutcomeKind.NOT_SENT:
        assert len(heard) == 1
        never_left = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout)
        assert isinstance(first, never_left) or first == (orders.UNPRIMED.example, 400)
    if outcome.kind is OutcomeKind.DECLINED:
        assert any(said.endswith(":no") for said in outcome.questions)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 429, 500, 502, 503, 504])
@pytest.mark.parametrize("body", [FINAL, b"", b"<html>", {"error": "slow down"}])
def test_only_a_200_with_a_known_text_is_final(certificate: Path, status: int, body: Any) -> None:
    with desk(certificate) as made:
        served(made.gateway, [(body, status)])
        assert made.broker.orders.place((ENTRY,)).kind is OutcomeKind.UNKNOWN


def test_a_question_that_is_asked_again_is_not_answered_again(certificate: Path) -> None:
    with desk(certificate) as made:
        sent = served(made.gateway, [([question("q1", "o10331")], 200)])
        outcome = made.broker.orders.place((STOP,))
    assert (outcome.kind, len(sent)) == (OutcomeKind.UNKNOWN, 2)
    assert "asked again" in outcome.text


@pytest.mark.parametrize("message_id", ["o10151", "o163", "o451"])
@pytest.mark.parametrize("leg", [ENTRY, EXIT, replace(TARGET, order_type=OrderType.MARKET, price=None)])
def test_T_59_entries_and_marketable_exits_are_declined_and_the_refusal_is_named(
    certificate: Path, leg: Ticket, message_id: str
) -> None:
    with desk(certificate) as made:
        sent = served(made.gateway, [([question("q1", message_id)], 200), ({"msg": "discarded"}, 200)])
        outcome = made.broker.orders.modify("77", leg)
    assert (outcome.kind, outcome.questions) == (OutcomeKind.DECLINED, (f"{message_id}:no",))
    assert sent[-1].endswith('{"confirmed":false}')
    assert Decimal(len(sent)) == 2
