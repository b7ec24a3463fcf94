"""Money is exact, and rounding goes the way the rule says (T-57)."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassdesk.kernel import money

prices = st.decimals(min_value="0.0001", max_value="100000", places=6, allow_nan=False)
ticks = st.sampled_from([Decimal("0.01"), Decimal("0.05"), Decimal("0.0001"), Decimal("1"), Decimal("0.25")])
amounts = st.decimals(min_value=-(10**12), max_value=10**12, places=8, allow_nan=False)


@given(amounts)
def test_stored_units_give_the_amount_back(amount: Decimal) -> None:
    assert money.from_units(money.to_units(amount)) == amount


@given(prices, ticks)
def test_down_is_never_above_and_up_never_below_by_less_than_a_tick(price: Decimal, tick: Decimal) -> None:
    down, up = money.down_to_tick(price, tick), money.up_to_tick(price, tick)
    assert down <= price <= up
    assert price - down < tick
    assert up - price < tick
    assert down % tick == 0
    assert up % tick == 0


@pytest.mark.parametrize("bad", [Decimal("NaN"), Decimal("Infinity")])
def test_what_is_no_number_is_no_amount(bad: Decimal) -> None:
    with pytest.raises(ValueError, match="no amount"):
        money.exact(bad)


@pytest.mark.parametrize(
    ("value", "text"), [("5.00", "5"), ("0.250", "0.25"), ("1E+3", "1000"), ("-0.10", "-0.1")]
)
def test_tidy_text_is_short_and_without_exponent(value: str, text: str) -> None:
    assert money.tidy(Decimal(value)) == text
