"""From a decision to intents, orders and tickets: whole, rounded towards safety, the same each time."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassdesk.kernel.errors import Conflict, InvalidInput
from glassdesk.kernel.ids import AccountKind, coid, intent_id, is_ours
from glassdesk.workflow.orders import approval
from glassdesk.workflow.orders.bracket import Decision, bracket, entry_limit, exit_order, repriced
from glassdesk.workflow.orders.model import (
    IntentKind,
    IntentState,
    OrderState,
    OrderType,
    Role,
    SendTerms,
    TimeInForce,
)
from glassdesk.workflow.orders.routes import route
from glassdesk.workflow.orders.transitions import LEGAL
from glassdesk.workflow.risk.model import Limits

NOW = datetime(2024, 3, 4, 21, 30, tzinfo=UTC)
RUN = "5b0c4f3e-0000-5000-8000-000000000001"


def a_decision(
    quantity: Decimal = Decimal(10),
    *,
    entry_high: Decimal | None = Decimal("171.009"),
    atr: Decimal | None = Decimal(4),
    tick: Decimal = Decimal("0.01"),
) -> Decision:
    terms = SendTerms(
        symbol="AAPL",
        exchange="XNYS",
        last_bar=date(2024, 3, 4),
        reference_close=Decimal(170),
        atr=atr,
        tick=tick,
        entry_high=entry_high,
        limits=Limits(),
    )
    return Decision(
        run=RUN,
        account="DU1234567",
        kind=AccountKind.SIMULATED,
        strategy="morning",
        strategy_version=1,
        conid=265598,
        quantity=quantity,
        terms=terms,
        window_opens=NOW,
        window_closes=NOW + timedelta(hours=1),
        reserved_at=NOW,
    )


def test_T_30_a_bracket_is_an_entry_a_stop_and_a_target() -> None:
    made = bracket(a_decision(), stop=Decimal("165.001"), target=Decimal("190.009"))
    tickets = [order.ticket for order in made.orders]
    assert [(t.role, t.order_type, t.tif, t.price) for t in tickets] == [
        (Role.ENTRY, OrderType.LIMIT, TimeInForce.DAY, Decimal("171.00")),
        (Role.STOP, OrderType.STOP, TimeInForce.GTC, Decimal("165.01")),
        (Role.TARGET, OrderType.LIMIT, TimeInForce.GTC, Decimal("190.00")),
    ]
    entry = made.orders[0]
    assert [t.parent_coid for t in tickets] == [None, entry.coid, entry.coid]
    assert [order.parent for order in made.orders] == [None, entry.order, entry.order]
    assert {order.state for order in made.orders} == {OrderState.RESERVED}
    assert not any(intent.parking for intent in made.intents)
    assert not any(ticket.outside_rth for ticket in tickets)


def test_identities_are_recomputable_without_the_database() -> None:
    made = bracket(a_decision(), stop=Decimal(165), target=None)
    assert [i.intent for i in made.intents] == [intent_id(RUN, leg) for leg in ("main", "stop", "target")]
    for intent, order in zip(made.intents, made.orders, strict=True):
        assert order.coid == coid(AccountKind.SIMULATED, "DU1234567", intent.intent)
        assert is_ours(order.coid)
    assert bracket(a_decision(), stop=Decimal(165), target=None) == made


def test_T_30_without_a_target_it_is_parked_eight_atr_above_the_entry() -> None:
    made = bracket(a_decision(), stop=Decimal(165), target=None)
    assert made.orders[2].ticket.price == Decimal("203.00")
    assert made.intents[2].parking


@given(
    entry=st.integers(1000, 100_000),
    stop=st.integers(1, 99),
    tick=st.sampled_from(["0.0001", "0.01", "0.05", "0.10"]),
)
def test_T_57_the_planned_loss_never_grows_by_rounding(entry: int, stop: int, tick: str) -> None:
    high = Decimal(entry) / 1000
    low = high * stop / 100
    decision = a_decision(entry_high=high, tick=Decimal(tick))
    try:
        made = bracket(decision, stop=low, target=high * 2)
    except InvalidInput:
        return
    limit, protective = made.orders[0].ticket.price, made.orders[1].ticket.price
    assert limit is not None
    assert protective is not None
    assert limit - protective <= high - low
    assert limit % Decimal(tick) == protective % Decimal(tick) == 0


def test_T_21_an_entry_pays_at_most_the_upper_entry_and_the_ask_and_a_tenth_of_a_percent() -> None:
    tick = Decimal("0.01")
    assert entry_limit(Decimal(171), Decimal(170), tick) == Decimal("170.17")
    assert entry_limit(Decimal(171), Decimal("170.95"), tick) == Decimal(171)
    assert entry_limit(Decimal("171.009"), None, tick) == Decimal("171.00")


@pytest.mark.parametrize(
    ("decision", "stop", "target", "field"),
    [
        (a_decision(), "172", "190", "levels"),
        (a_decision(), "165", "170", "levels"),
        (a_decision(Decimal("1.5")), "165", "190", "quantity"),
        (a_decision(Decimal(0)), "165", "190", "quantity"),
        (a_decision(entry_high=None), "165", "190", "entry_high"),
        (a_decision(atr=None), "165", None, "atr"),
    ],
)
def test_numbers_out_of_order_are_refused_by_name(
    decision: Decision, stop: str, target: str | None, field: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        bracket(decision, stop=Decimal(stop), target=None if target is None else Decimal(target))
    assert refused.value.where == field


def test_T_41_an_exit_is_one_intent_that_names_the_target_it_moves() -> None:
    made = exit_order(a_decision(entry_high=None), target_order="the-target")
    [intent] = made.intents
    assert made.orders == ()
    assert (intent.kind, intent.role, intent.leg) == (IntentKind.REDUCE, Role.EXIT, "main")
    assert intent.target_order == "the-target"
    with pytest.raises(InvalidInput):
        exit_order(a_decision(Decimal(0)), target_order=None)


def test_an_order_to_the_market_has_no_price() -> None:
    order = bracket(a_decision(), stop=Decimal(165), target=None).orders[2]
    market = repriced(order, price=None, quantity=Decimal(4)).ticket
    assert (market.order_type, market.price, market.quantity) == (OrderType.MARKET, None, Decimal(4))
    assert replace(market, order_type=order.ticket.order_type, price=order.ticket.price) == replace(
        order.ticket, quantity=Decimal(4)
    )


def test_approval_is_asked_once_and_in_time() -> None:
    [intent, *_] = bracket(a_decision(), stop=Decimal(165), target=None).intents
    assert approval.approved(intent, IntentState.AWAITING_APPROVAL, now=NOW) is IntentState.QUEUED
    assert approval.declined(IntentState.AWAITING_APPROVAL) is IntentState.CANCELLED
    with pytest.raises(Conflict):
        approval.approved(intent, IntentState.AWAITING_APPROVAL, now=NOW + timedelta(hours=2))
    with pytest.raises(Conflict):
        approval.declined(IntentState.SENT)


@given(before=st.sampled_from(OrderState), after=st.sampled_from(OrderState))
def test_a_route_takes_legal_steps_only_where_there_is_one(before: OrderState, after: OrderState) -> None:
    steps = route(before, after)
    assert steps[-1] is after
    if before is not after and len(steps) > 1:
        assert all(pair in LEGAL for pair in zip((before, *steps), steps, strict=False))
    if (before, after) in LEGAL:
        assert steps == (after,)
    if before is OrderState.FILLED and after is not before:
        assert (before, after) not in LEGAL
