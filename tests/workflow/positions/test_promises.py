"""What working sells promise never exceeds what is there (T-35, T-36, I-53)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from glassdesk.workflow.orders.model import Order, OrderState, OrderType, Role
from glassdesk.workflow.positions.promises import Resting, promised, shrunk
from tests.workflow.positions.test_protection import NOW, a_stop

Row = tuple[int, bool, int]
"""Number of the bracket, whether the order is its stop, shares left."""


def resting(number: int, row: Row) -> Resting:
    bracket, is_stop, left = row
    plain = a_stop(OrderState.WORKING, left)
    role, kind = (Role.STOP, OrderType.STOP) if is_stop else (Role.TARGET, OrderType.LIMIT)
    ticket = replace(plain.ticket, coid=f"gd{number}", parent_coid=f"gd-entry-{bracket}", order_type=kind)
    order: Order = replace(
        plain,
        order=f"order-{number}",
        coid=ticket.coid,
        role=role,
        ticket=ticket,
        reserved_at=NOW + timedelta(minutes=bracket),
    )
    return Resting(order=order, remaining=Decimal(left))


def after(sells: list[Resting], changes: list[Resting]) -> list[Resting]:
    new = {one.order.order: one for one in changes}
    return [new.get(one.order.order, one) for one in sells]


@given(
    rows=st.lists(st.tuples(st.integers(0, 3), st.booleans(), st.integers(1, 50)), max_size=8),
    held=st.integers(-20, 120),
)
def test_I_53_after_the_changes_no_more_is_promised_than_is_there(rows: list[Row], held: int) -> None:
    sells = [resting(number, row) for number, row in enumerate(rows)]
    changes = shrunk(sells, Decimal(held))
    assert promised(after(sells, changes)) <= max(held, 0)
    before = {one.order.order: one.remaining for one in sells}
    assert all(change.remaining < before[change.order.order] for change in changes)
    if promised(sells) <= held:
        assert changes == []


def test_T_36_children_of_one_bracket_promise_the_larger_one_and_single_sells_their_own() -> None:
    pair = [resting(0, (1, True, 10)), resting(1, (1, False, 8))]
    assert promised(pair) == 10
    assert promised([*pair, resting(2, (2, True, 5))]) == 15


def test_T_35_the_target_gives_way_before_the_stop() -> None:
    changes = shrunk([resting(0, (1, True, 10)), resting(1, (1, False, 10))], Decimal(6))
    found = [(c.order.role, c.remaining) for c in changes]
    assert found == [(Role.TARGET, Decimal(6)), (Role.STOP, Decimal(6))]


def test_T_35_a_sell_without_a_stop_gives_way_before_a_bracket_and_the_oldest_stop_is_the_last() -> None:
    sells = [resting(0, (3, True, 10)), resting(1, (1, True, 10)), resting(2, (2, False, 10))]
    changes = shrunk(sells, Decimal(10))
    found = [(c.order.order, c.remaining) for c in changes]
    assert found == [("order-2", Decimal(0)), ("order-0", Decimal(0))]
