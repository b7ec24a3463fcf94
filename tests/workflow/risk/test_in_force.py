"""Which limits count: a strategy's, never wider than the account's; a guard's are those of the account."""

from __future__ import annotations

from dataclasses import fields, replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassdesk.kernel.errors import IntegrityViolation
from glassdesk.workflow.risk.in_force import AccountLimits, in_force, of_the_guards, require_of
from glassdesk.workflow.risk.model import Limits
from glassdesk.workflow.risk.presets import PRESETS

CAREFUL, WIDE = PRESETS["careful"], PRESETS["wide"]
NONE = AccountLimits()
fractions = st.decimals(min_value="0.001", max_value=1, places=3)
maybe = st.none() | fractions


def test_without_limits_of_the_account_a_strategys_own_count() -> None:
    assert in_force(WIDE, NONE) == WIDE


def test_the_account_narrows_a_strategy_and_never_widens_it() -> None:
    account = AccountLimits(max_daily_loss=Decimal("0.02"), max_drawdown=Decimal("0.5"))
    assert in_force(WIDE, account) == replace(WIDE, max_daily_loss=Decimal("0.02"))
    assert in_force(CAREFUL, account) == CAREFUL


def test_guards_measure_by_the_widest_strategy_that_trades_and_say_which() -> None:
    found = of_the_guards({"dips": CAREFUL, "trend": WIDE}, NONE)
    assert (found.limits.max_daily_loss, found.limits.max_drawdown) == (Decimal("0.03"), Decimal("0.15"))
    assert found.origins["MAX_DAILY_LOSS"] == "the widest of the strategies that trade: trend"
    alone = of_the_guards({"dips": CAREFUL}, NONE)
    assert (alone.limits.max_daily_loss, alone.limits.max_drawdown) == (Decimal("0.01"), Decimal("0.06"))


def test_guards_never_measure_by_more_than_the_account_allows() -> None:
    found = of_the_guards({"trend": WIDE}, AccountLimits(max_daily_loss=Decimal("0.015")))
    assert found.limits.max_daily_loss == Decimal("0.015")
    assert found.origins == {
        "MAX_DAILY_LOSS": "the setting max_daily_loss",
        "MAX_DRAWDOWN": "the widest of the strategies that trade: trend",
    }


def test_without_strategies_the_defaults_count() -> None:
    found = of_the_guards({}, NONE)
    assert found.limits == Limits()
    assert set(found.origins.values()) == {"the default: no strategy trades"}


@given(st.dictionaries(st.text(min_size=1), st.tuples(fractions, fractions)), maybe, maybe)
def test_a_guard_never_trips_before_every_strategy_is_denied(
    stated: dict[str, tuple[Decimal, Decimal]], loss: Decimal | None, drawdown: Decimal | None
) -> None:
    account = AccountLimits(max_daily_loss=loss, max_drawdown=drawdown)
    trading = {
        name: replace(Limits(), max_daily_loss=one, max_drawdown=other)
        for name, (one, other) in stated.items()
    }
    guard = of_the_guards(trading, account).limits
    rules = [in_force(one, account) for one in trading.values()]
    for name in ("max_daily_loss", "max_drawdown"):
        assert all(getattr(one, name) <= getattr(guard, name) for one in rules)
        if rules:
            assert max(getattr(one, name) for one in rules) == getattr(guard, name)
        cap = getattr(account, name)
        assert cap is None or getattr(guard, name) <= cap


def test_limits_that_no_account_can_have_made_of_a_strategys_are_found_out() -> None:
    require_of(WIDE, replace(WIDE, max_daily_loss=Decimal("0.001")))
    for one in fields(Limits):
        wider = replace(CAREFUL, **{one.name: getattr(CAREFUL, one.name) + 1})
        with pytest.raises(IntegrityViolation, match=f"judged by {one.name}"):
            require_of(CAREFUL, wider)
