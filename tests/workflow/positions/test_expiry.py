"""Good till cancelled ends with the quarter after the current one (T-34)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassdesk.workflow.positions.expiry import ends, ends_on, is_due


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
