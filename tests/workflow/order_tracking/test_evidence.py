"""T-75: which states a person may name, for every kind of evidence, and why not the others."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from glassdesk.workflow.order_tracking.evidence import MEANINGS, Evidence, against, choices
from glassdesk.workflow.order_tracking.model import OrderRow
from glassdesk.workflow.orders.model import OrderState, Role, Side, TimeInForce
from tests.workflow.order_tracking.test_fold import NOW, TEN, an_execution, an_order

WORKING, PARTIAL, FILLED = OrderState.WORKING, OrderState.PARTIAL, OrderState.FILLED
CANCELLED, REJECTED, EXPIRED = OrderState.CANCELLED, OrderState.REJECTED, OrderState.EXPIRED
ABANDONED = OrderState.ABANDONED
ENTRY = an_order()
STOP = an_order("stop", role=Role.STOP)
GTC = replace(ENTRY, ticket=replace(ENTRY.ticket, tif=TimeInForce.GTC))


def a_row(status: str, filled: int = 0) -> OrderRow:
    return OrderRow(
        broker_order_id="1",
        order_ref=None,
        parent_id=None,
        account="DU1",
        conid=1,
        side=Side.BUY,
        status=status,
        order_type="LMT",
        price=Decimal(100),
        tif="DAY",
        total=TEN,
        filled=Decimal(filled),
        remaining=TEN - filled,
        average_price=None,
    )


def evidence(listed: OrderRow | None = None, filled: int = 0, **changes: object) -> Evidence:
    plain: dict[str, object] = {
        "order": ENTRY,
        "read_at": NOW,
        "complete": True,
        "listed": listed,
        "by_id": None,
        "executions": (an_execution(quantity=filled),) if filled else (),
        "unexplained": Decimal(0),
        "day_over": False,
    }
    return Evidence(**{**plain, **changes})  # type: ignore[arg-type]  # the fields' own types, by name


def allowed(seen: Evidence) -> set[OrderState]:
    return {one.state for one in choices(seen) if not one.against}


@pytest.mark.parametrize(
    ("seen", "states"),
    [
        # Shown nowhere.
        (evidence(), {CANCELLED, REJECTED, ABANDONED}),
        (evidence(day_over=True), {CANCELLED, REJECTED, ABANDONED, EXPIRED}),
        (evidence(day_over=True, order=GTC), {CANCELLED, REJECTED, ABANDONED}),
        (evidence(complete=False, day_over=True), set()),
        (evidence(filled=4), {CANCELLED}),
        (evidence(filled=4, day_over=True), {CANCELLED, EXPIRED}),
        (evidence(filled=9), {CANCELLED}),
        (evidence(filled=10), {FILLED}),
        (evidence(filled=11), {FILLED}),
        (evidence(filled=10, complete=False), {FILLED}),
        # Alive.
        (evidence(a_row("Submitted")), {WORKING}),
        (evidence(a_row("PreSubmitted")), {WORKING}),
        (evidence(a_row("Submitted", 4), filled=4), {PARTIAL}),
        (evidence(a_row("Submitted", 3), filled=4), {PARTIAL}),
        (evidence(a_row("Submitted", 5), filled=4), set()),
        (evidence(a_row("Submitted", 4)), set()),
        # Over.
        (evidence(a_row("Cancelled")), {CANCELLED}),
        (evidence(a_row("Inactive")), {REJECTED}),
        (evidence(a_row("Expired")), {EXPIRED}),
        (evidence(a_row("Inactive", 4), filled=4), {CANCELLED}),
        (evidence(a_row("Filled", 4), filled=4), {CANCELLED}),
        (evidence(a_row("Filled", 10)), set()),
        (evidence(a_row("Filled", 10), filled=10), {FILLED}),
        # A word that nobody knows decides nothing, but that it arrived.
        (evidence(a_row("WarnState")), {WORKING, CANCELLED, REJECTED, EXPIRED}),
        # What the broker answers by id is nearer than its list.
        (evidence(a_row("Submitted"), by_id=a_row("Cancelled")), {CANCELLED}),
        (evidence(by_id=a_row("Submitted"), complete=False), {WORKING}),
    ],
)
def test_T_75_a_person_may_name_what_the_evidence_does_not_contradict(
    seen: Evidence, states: set[OrderState]
) -> None:
    assert allowed(seen) == states
    assert [one.state for one in choices(seen)] == list(MEANINGS)


@pytest.mark.parametrize(
    ("order", "unexplained", "word"),
    [
        (ENTRY, 3, "more"),
        (ENTRY, -3, ""),
        (ENTRY, 0, ""),
        (STOP, -3, "fewer"),
        (STOP, 3, ""),
    ],
)
def test_T_75_absence_says_nothing_while_shares_moved_the_orders_way(
    order: object, unexplained: int, word: str
) -> None:
    said = against(evidence(order=order, unexplained=Decimal(unexplained)), ABANDONED)
    wanted = f"the broker holds 3 shares {word} than the ledger explains: it may have traded"
    assert said == (wanted if word else "")


@pytest.mark.parametrize(
    ("seen", "state", "why"),
    [
        (evidence(), FILLED, "0 of 10 are filled in the ledger; a fill is never invented"),
        (evidence(), WORKING, "the broker shows it nowhere"),
        (evidence(), PARTIAL, "0 of 10 are filled in the ledger"),
        (evidence(filled=4), ABANDONED, "4 of 10 are filled in the ledger"),
        (evidence(a_row("Submitted", 4), filled=4), CANCELLED, "shows it as Submitted, with 6 remaining"),
        (evidence(a_row("Cancelled")), WORKING, "the broker shows it as Cancelled"),
        (evidence(a_row("WarnState")), ABANDONED, "the broker shows it as WarnState"),
        (evidence(a_row("Cancelled", 5), filled=4), CANCELLED, "says 5 filled, the ledger has 4: read again"),
        (evidence(complete=False), ABANDONED, "not listed is not gone"),
        (evidence(), EXPIRED, "its time is not over"),
        (evidence(), OrderState.UNKNOWN, "unknown is no state that a person can know of"),
    ],
)
def test_T_75_the_reason_against_a_state_is_said(seen: Evidence, state: OrderState, why: str) -> None:
    assert why in against(seen, state)
