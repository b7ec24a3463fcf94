"""`T-59`: message id × role of the leg × what the numbers say; everything else is declined."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassdesk.adapters.ibkr.questions import PRICE_PERCENT, STOP_RISK, Asked, Question, confirmed
from glassdesk.workflow.orders.model import OrderType, Role, Side, Ticket
from tests.adapters.ibkr.tickets import BRACKET, ENTRY, EXIT, STOP, TARGET

LONE_STOP = replace(STOP, parent_coid=None)
LONE_TARGET = replace(TARGET, parent_coid=None)
FAR = "exceeds the price percentage limit"


def asked(
    tickets: Sequence[Ticket], *, ask: str | None = None, position: int = 0, questions: int = 1
) -> Asked:
    price = Decimal(ask) if ask else None
    return Asked(tickets=tickets, reference=lambda conid: price, position=position, questions=questions)


def about(*message_ids: str, text: str = "") -> Question:
    return Question(question="q", message_ids=message_ids, text=text)


@pytest.mark.parametrize(
    ("question", "context", "yes"),
    [
        (about("o10331"), asked(BRACKET), True),
        (about("o10152"), asked(BRACKET), True),
        (about("o10331", "o10152"), asked(BRACKET), True),
        (about("o10331"), asked((LONE_STOP,)), True),
        (about("o10331"), asked((LONE_STOP,), ask="185"), True),
        (about("o10331"), asked((LONE_STOP,), ask="179"), False),
        (about("o10331"), asked((ENTRY,)), False),
        (about("o10331"), asked((replace(LONE_STOP, role=Role.EXIT),)), False),
        (about("o10331"), asked((replace(LONE_STOP, side=Side.BUY),)), False),
        (about("o10331"), asked((ENTRY, STOP, replace(STOP, coid="x"))), False),
        (about("o163"), asked((LONE_TARGET,), ask="187"), True),
        (about("o163"), asked((LONE_TARGET,)), False),
        (about("o163"), asked((LONE_TARGET,), ask="231"), False),
        (about("o163"), asked((ENTRY,), ask="187"), False),
        (about("o163"), asked((EXIT,), ask="187"), False),
        (about("o163"), asked((replace(LONE_TARGET, order_type=OrderType.STOP),), ask="187"), False),
        (about("o163"), asked(BRACKET), False),
        (about("o163"), asked(BRACKET, position=2, questions=3), True),
        (about("o163"), asked(BRACKET, position=0, questions=3), False),
        (about("o163", text=f"{FAR} (SELL 10 LMT GTC)"), asked(BRACKET), True),
        (about("o163", text=f"{FAR} (BUY 10 LMT DAY)"), asked(BRACKET), False),
        (about("o163", text=f'"SELL 10 AAPL @ 230.00" {FAR} of 3%'), asked(BRACKET), True),
        (about("o163", text=f'"BUY 10 AAPL @ 187.12" {FAR} of 3%'), asked(BRACKET), False),
        (about("o10331", "o163"), asked(BRACKET), False),
        (about("o10331", "o99999"), asked(BRACKET), False),
        (about(), asked(BRACKET), False),
        *(
            (about(one), asked((LONE_STOP,)), False)
            for one in ("o354", "o382", "o383", "o403", "o451", "o10151")
        ),
    ],
)
def test_the_policy_answers(question: Question, context: Asked, yes: bool) -> None:
    assert confirmed(question, context) is yes


@given(
    st.lists(st.from_regex(r"[op]\d{1,5}", fullmatch=True), min_size=1, max_size=3),
    st.sampled_from([(ENTRY,), (EXIT,), (LONE_STOP,), (LONE_TARGET,), BRACKET]),
)
def test_an_id_outside_the_table_is_never_confirmed(ids: list[str], tickets: Sequence[Ticket]) -> None:
    if not set(ids) <= STOP_RISK | PRICE_PERCENT:
        assert not confirmed(about(*ids), asked(tickets, ask="187"))


@given(st.sampled_from(sorted(STOP_RISK | PRICE_PERCENT)), st.sampled_from([(ENTRY,), (EXIT,)]))
def test_nothing_is_ever_confirmed_for_a_lone_entry_or_exit(
    message_id: str, tickets: Sequence[Ticket]
) -> None:
    assert not confirmed(about(message_id), asked(tickets, ask="187"))
