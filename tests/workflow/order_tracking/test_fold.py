"""The state of an order is a pure fold: order and repetition do not matter, counts beat words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassdesk.workflow.order_tracking import mapping
from glassdesk.workflow.order_tracking.fold import effective, folded
from glassdesk.workflow.order_tracking.model import Execution, Fact, OrderRow
from glassdesk.workflow.orders.model import (
    Order,
    OrderState,
    OrderType,
    Role,
    Side,
    Ticket,
    TimeInForce,
)

NOW = datetime(2024, 3, 5, 14, 35, tzinfo=UTC)
TEN = Decimal(10)
WORDS = ["PendingSubmit", "PreSubmitted", "Submitted", "PendingCancel", "Cancelled", "Filled", "Inactive"]


def an_order(
    identity: str = "entry",
    *,
    role: Role = Role.ENTRY,
    state: OrderState = OrderState.WORKING,
    parent: str | None = None,
    broker_id: str | None = None,
) -> Order:
    side = Side.BUY if role is Role.ENTRY else Side.SELL
    order_type = OrderType.STOP if role is Role.STOP else OrderType.LIMIT
    ticket = Ticket(
        coid=f"gd1s{identity:a>20}",
        parent_coid=None,
        account="DU1",
        conid=1,
        side=side,
        order_type=order_type,
        quantity=TEN,
        price=Decimal(100),
        tif=TimeInForce.DAY,
        role=role,
    )
    return Order(
        order=identity,
        intent=identity,
        run="run",
        coid=ticket.coid,
        role=role,
        parent=parent,
        account="DU1",
        strategy="morning",
        conid=1,
        state=state,
        ticket=ticket,
        reserved_at=NOW,
        broker_order_id=broker_id,
    )


def a_fact(status: str, filled: int = 0, seconds: int = 0, kind: str = "list") -> Fact:
    return Fact(
        order="entry",
        kind=kind,
        status=status,
        filled=Decimal(filled),
        remaining=TEN - filled,
        epoch=1,
        observed_at=NOW + timedelta(seconds=seconds),
    )


def an_execution(number: int = 1, quantity: int = 4, revision: int = 1, **changes: object) -> Execution:
    plain: dict[str, object] = {
        "execution": f"e{number}",
        "revision": revision,
        "order_ref": "x",
        "broker_order_id": "1",
        "account": "DU1",
        "conid": 1,
        "symbol": "AAPL",
        "side": Side.BUY,
        "quantity": Decimal(quantity),
        "price": Decimal(100),
        "commission": Decimal(1),
        "executed_at": NOW,
    }
    return Execution(**{**plain, **changes})  # type: ignore[arg-type]  # the fields' own types, by name


facts = st.builds(
    a_fact,
    st.sampled_from(WORDS),
    st.integers(0, 10),
    st.integers(0, 5),
    st.sampled_from(["list", "status", "answer"]),
)
commands = st.builds(
    a_fact,
    st.sampled_from(["cancel", "cancel_refused"]),
    st.just(0),
    st.integers(0, 5),
    st.just("command"),
)
executions = st.builds(an_execution, st.integers(1, 4), st.integers(1, 4), st.integers(1, 3))


def unique(found: Sequence[Execution]) -> list[Execution]:
    """The broker never states two different fills under one id and revision."""
    return list({(one.execution, one.revision): one for one in found}.values())


@given(data=st.data())
def test_any_order_and_any_repetition_of_the_same_evidence_gives_the_same_state(data: st.DataObject) -> None:
    said = data.draw(st.lists(facts | commands, max_size=6))
    fills = unique(data.draw(st.lists(executions, max_size=6)))
    more_said = data.draw(st.permutations([*said, *said]))
    more_fills = data.draw(st.permutations([*fills, *fills]))
    assert folded(an_order(), said, fills) == folded(an_order(), more_said, more_fills)


@given(data=st.data())
def test_taking_evidence_in_piece_by_piece_ends_where_all_at_once_ends(data: st.DataObject) -> None:
    said = data.draw(st.lists(facts | commands, max_size=6))
    fills = unique(data.draw(st.lists(executions, max_size=4)))
    everything: list[Fact | Execution] = [*said, *fills]
    pieces = data.draw(st.permutations(everything))
    order, seen_facts, seen_fills = an_order(), list[Fact](), list[Execution]()
    for piece in pieces:
        if isinstance(piece, Fact):
            seen_facts.append(piece)
        else:
            seen_fills.append(piece)
        after = folded(order, seen_facts, seen_fills)
        sticky = (OrderState.FILLED, OrderState.NEEDS_OPERATOR)
        # What only a person leaves, and what is full, is never left by later words: not part of this promise.
        if after.state in sticky and after.state is not folded(an_order(), said, fills).state:
            return
        order = after
    assert order == folded(an_order(), said, fills)


@pytest.mark.parametrize(
    ("said", "fills", "state"),
    [
        ([], [], OrderState.UNKNOWN),
        ([a_fact("Submitted")], [], OrderState.WORKING),
        ([a_fact("Submitted", 4)], [an_execution()], OrderState.PARTIAL),
        ([], [an_execution(1, 4), an_execution(2, 6)], OrderState.FILLED),
        ([a_fact("Cancelled")], [an_execution(1, 10)], OrderState.FILLED),
        ([a_fact("Cancelled")], [], OrderState.CANCELLED),
        ([a_fact("Cancelled", 4)], [an_execution()], OrderState.CANCELLED),
        ([a_fact("Cancelled", 4)], [], OrderState.WORKING),
        ([a_fact("Filled", 10)], [an_execution()], OrderState.PARTIAL),
        ([a_fact("Inactive")], [], OrderState.REJECTED),
        ([a_fact("Inactive", 4)], [an_execution()], OrderState.CANCELLED),
        ([a_fact("PendingCancel")], [], OrderState.CANCEL_REQUESTED),
        ([a_fact("Submitted"), a_fact("cancel", 0, 1, "command")], [], OrderState.CANCEL_REQUESTED),
        (
            [
                a_fact("Submitted"),
                a_fact("cancel", 0, 1, "command"),
                a_fact("cancel_refused", 0, 2, "command"),
            ],
            [],
            OrderState.WORKING,
        ),
        ([a_fact("Cancelled", 0, 1), a_fact("Submitted", 0, 2)], [], OrderState.WORKING),
        ([a_fact("absent", 0, 0, "negative")], [], OrderState.UNKNOWN),
        ([a_fact("WarnState")], [], OrderState.NEEDS_OPERATOR),
    ],
)
def test_what_evidence_says(said: list[Fact], fills: list[Execution], state: OrderState) -> None:
    assert folded(an_order(state=OrderState.UNKNOWN), said, fills).state is state


def test_one_that_the_broker_works_with_a_larger_quantity_is_not_filled_by_ours() -> None:
    """Chaos, E1 seed 1782: a change of minutes ago came through, and the rest of it was sold by an order that
    counted as over."""
    four = replace(an_order(), last_sent_at=NOW)
    order = replace(four, ticket=replace(four.ticket, quantity=Decimal(4)))
    before, after = a_fact("Submitted", 4, -1), a_fact("Submitted", 4, 1)
    assert folded(order, [before], [an_execution()]).state is OrderState.FILLED
    assert folded(order, [after], [an_execution()]).state is OrderState.PARTIAL
    assert folded(order, [after, a_fact("Cancelled", 4, 2)], [an_execution()]).state is OrderState.CANCELLED
    whole = [an_execution(1, 4), an_execution(2, 6)]
    assert folded(order, [after, a_fact("Filled", 10, 2)], whole).state is OrderState.FILLED


def test_T_75_only_a_person_leaves_needs_operator() -> None:
    order = an_order(state=OrderState.NEEDS_OPERATOR)
    after = folded(order, [a_fact("Submitted", 4)], [an_execution()])
    assert (after.state, after.filled) == (OrderState.NEEDS_OPERATOR, Decimal(4))


def test_a_correction_replaces_the_execution_it_corrects() -> None:
    first, corrected = an_execution(1, 4), an_execution(1, 3, 2)
    assert effective([corrected, first, first]) == [corrected]


class Known:
    """Our orders, for the mapping."""

    def __init__(self, *orders: Order) -> None:
        self._orders = orders

    def by_coid(self, coid: str) -> Order | None:
        return next((order for order in self._orders if order.coid == coid), None)

    def by_broker_id(self, broker_order_id: str) -> Order | None:
        return next((order for order in self._orders if order.broker_order_id == broker_order_id), None)

    def children(self, order: str) -> Sequence[Order]:
        return [one for one in self._orders if one.parent == order]

    def unlisted(self, conid: int) -> Sequence[Order]:
        return [one for one in self._orders if one.conid == conid and one.broker_order_id == "gone"]


ENTRY = an_order("entry", broker_id="100")
STOP = an_order("stop", role=Role.STOP, parent="entry")
TARGET = an_order("target", role=Role.TARGET, parent="entry")


def a_row(broker_id: str, ref: str | None, parent: str | None, side: Side, kind: str) -> OrderRow:
    return OrderRow(
        broker_order_id=broker_id,
        order_ref=ref,
        parent_id=parent,
        account="DU1",
        conid=1,
        side=side,
        status="Submitted",
        order_type=kind,
        price=Decimal(100),
        tif="GTC",
        total=TEN,
        filled=Decimal(0),
        remaining=TEN,
        average_price=None,
    )


@pytest.mark.parametrize(
    ("row", "owner"),
    [
        (a_row("7", ENTRY.coid, None, Side.BUY, "LMT"), "entry"),
        (a_row("100", None, None, Side.BUY, "LMT"), "entry"),
        (a_row("101", None, "100", Side.SELL, "STP"), "stop"),
        (a_row("102", None, "100", Side.SELL, "LMT"), "target"),
        # A child that carries its parent's client id is told apart by its side.
        (a_row("101", ENTRY.coid, "100", Side.SELL, "STP"), "stop"),
        (a_row("103", None, "999", Side.SELL, "LMT"), None),
        (a_row("104", None, None, Side.BUY, "LMT"), None),
    ],
)
def test_T_31_rows_map_by_client_id_else_broker_id_else_parent(row: OrderRow, owner: str | None) -> None:
    found = mapping.owner_of_row(row, Known(ENTRY, STOP, TARGET))
    assert (found.order if found else None) == owner


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({}, True),
        ({"price": Decimal(99)}, False),
        ({"total": Decimal(9)}, False),
        ({"tif": "DAY"}, False),
        ({"status": "Cancelled"}, False),
        ({"order_ref": "somebody's own"}, False),
        ({"side": Side.BUY}, False),
    ],
)
def test_T_32_a_resting_stop_listed_under_another_id_is_ours_by_its_terms(
    change: dict[str, object], found: bool
) -> None:
    ticket = replace(STOP.ticket, tif=TimeInForce.GTC, order_type=OrderType.STOP, price=Decimal(100))
    stop = replace(STOP, broker_order_id="gone", ticket=ticket)
    row = replace(a_row("900", None, "999", Side.SELL, "STP"), **change)  # type: ignore[arg-type]  # by name
    assert mapping.owner_of_row(row, Known(ENTRY, stop)) == (stop if found else None)


def test_T_31_executions_map_by_client_id_else_broker_id_and_never_to_the_other_side() -> None:
    stop = replace(STOP, broker_order_id="101")
    known = Known(ENTRY, stop, TARGET)
    fill = an_execution(order_ref=None, broker_order_id="101", side=Side.SELL)
    assert mapping.owner_of_execution(fill, known) == stop
    mixed = an_execution(order_ref=ENTRY.coid, broker_order_id="101", side=Side.SELL)
    assert mapping.owner_of_execution(mixed, known) == stop
    assert mapping.owner_of_execution(an_execution(order_ref=None, broker_order_id="999"), known) is None
    assert mapping.owner_of_execution(an_execution(order_ref=ENTRY.coid), known) == ENTRY


def test_T_75_of_two_words_of_a_person_the_last_one_counts() -> None:
    odd = a_fact("WarnState")
    first = a_fact("working", seconds=2, kind="operator")
    handed = a_fact("needs_operator", seconds=3, kind="verdict")
    second = a_fact("cancelled", seconds=4, kind="operator")
    waits = an_order(state=OrderState.NEEDS_OPERATOR)
    assert folded(waits, [odd, first, handed], []).state is OrderState.NEEDS_OPERATOR
    assert folded(waits, [odd, first, handed, second], []).state is OrderState.CANCELLED
