"""Good till cancelled ends with the quarter after the current one (T-34)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassdesk.workflow.orders.model import OrderState, Role
from glassdesk.workflow.positions.expiry import end_of, ends, ends_on, is_due
from tests.workflow.dealing.desk import a_desk
from tests.workflow.dealing.makers import WINDOW


@pytest.mark.parametrize(
    ("placed", "ends"),
    [
        (date(2012, 10, 1), date(2013, 3, 31)),
        (date(2012, 12, 31), date(2013, 3, 31)),
        (date(2013, 1, 1), date(2013, 6, 30)),
        (date(2012, 5, 15), date(2012, 9, 30)),
    ],
)
def test_T_34_an_order_lives_to_the_end_of_the_quarter_after_the_current_one(
    placed: date, ends: date
) -> None:
    assert ends_on(placed) == ends


@given(placed=st.dates(date(2005, 1, 1), date(2040, 1, 1)))
def test_T_34_it_is_renewed_at_least_ten_days_before_and_not_twice_a_day(placed: date) -> None:
    assert is_due(placed, ends_on(placed) - timedelta(days=10))
    assert not is_due(placed, placed)
    assert ends_on(placed) - placed >= timedelta(days=89)


@pytest.mark.parametrize(
    ("signed_in", "ends_at"),
    [
        (None, date(2013, 3, 31)),
        (date(2012, 10, 1), date(2012, 12, 30)),
        (date(2012, 12, 31), date(2013, 3, 31)),
        (date(2013, 1, 15), date(2013, 3, 31)),
    ],
)
def test_T_34_it_ends_earlier_where_nobody_signs_in_for_ninety_days(
    signed_in: date | None, ends_at: date
) -> None:
    assert ends(date(2012, 10, 1), signed_in) == ends_at


def test_T_34_it_is_renewed_from_the_fourteenth_day_before_its_end() -> None:
    placed = date(2012, 10, 1)
    assert is_due(placed, date(2013, 3, 17))
    assert not is_due(placed, date(2013, 3, 16))


def test_T_34_the_end_of_a_resting_stop_is_counted_from_its_placement_and_the_last_sign_in() -> None:
    desk = a_desk()
    made = desk.reserve_entry()
    stop = replace(desk.legs(made)[Role.STOP], state=OrderState.WORKING, last_sent_at=WINDOW)
    placed, zone = WINDOW.date(), UTC
    assert end_of(stop, None, zone) == ends(placed, None)
    long_ago = WINDOW - timedelta(days=60)
    assert end_of(stop, long_ago, zone) == ends(placed, long_ago.date()) != ends(placed, None)
    assert end_of(replace(stop, state=OrderState.CANCELLED), None, zone) is None
    entry = replace(desk.legs(made)[Role.ENTRY], state=OrderState.WORKING, last_sent_at=WINDOW)
    assert end_of(entry, None, zone) is None
