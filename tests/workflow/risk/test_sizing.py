"""Sizing (T-55): the floor of the minimum of all caps; rules never deny what it produced."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassdesk.workflow.risk import costs
from glassdesk.workflow.risk.model import Exposure, Limits, Proposal
from glassdesk.workflow.risk.rules import assess
from glassdesk.workflow.risk.sizing import size
from tests.workflow.risk.makers import MSFT, a_buy, a_holding, a_working, an_exposure, gates

cents = st.integers(200, 60_000).map(lambda n: Decimal(n) / 100)
amounts = st.integers(500_000, 50_000_000).map(lambda n: Decimal(n) / 100)
fractions = st.integers(5, 400).map(lambda n: Decimal(n) / 1000)


def test_a_signal_may_ask_for_half_of_what_the_limits_allow() -> None:
    """V16: the share binds by name, one share has no half, and the least capital knows of it."""
    whole = size(a_buy(quantity=Decimal(0)), an_exposure(), Limits())
    half = size(a_buy(quantity=Decimal(0), share=Decimal("0.5")), an_exposure(), Limits())
    assert whole.quantity > 1
    assert (half.quantity, half.binding) == (whole.quantity // 2, "SIGNAL_SHARE")
    limits = replace(Limits(), max_order_quantity=1)
    none = size(a_buy(quantity=Decimal(0), share=Decimal("0.5")), an_exposure(), limits)
    assert (none.quantity, none.binding) == (Decimal(0), "SIGNAL_SHARE")


@st.composite
def proposals(draw: st.DrawFn) -> Proposal:
    limit = draw(cents)
    stop = draw(st.integers(1, 99)) * limit / 100
    return a_buy(quantity=Decimal(0), limit=limit, stop=stop, reference=limit)


@st.composite
def exposures(draw: st.DrawFn) -> Exposure:
    held = st.builds(
        lambda conid, q, mark, stop: a_holding(conid, q, mark=mark, stop=stop),
        st.integers(1, 4),
        st.integers(1, 20),
        cents,
        st.none() | cents,
    )
    works = st.builds(
        lambda q, price, stop: a_working(MSFT, remaining=Decimal(q), price=price, stop=stop),
        st.integers(1, 20),
        cents,
        st.none() | cents,
    )
    return an_exposure(
        capital=draw(amounts),
        cash=draw(amounts),
        holdings=tuple(draw(st.lists(held, max_size=3))),
        working=tuple(draw(st.lists(works, max_size=2))),
    )


limits = st.builds(
    Limits,
    risk_per_trade=fractions,
    max_position=fractions,
    max_order=fractions,
    max_order_value=amounts,
    max_open_risk=fractions,
    gap=st.just(Decimal(0)) | fractions,
    max_gap_loss=fractions,
    max_commission=fractions,
)


@given(proposal=proposals(), exposure=exposures(), limit=limits)
def test_T_55_no_rule_denies_what_sizing_produced(
    proposal: Proposal, exposure: Exposure, limit: Limits
) -> None:
    sized = size(proposal, exposure, limit)
    assert sized.quantity == sized.quantity.to_integral_value() >= 0
    if sized.quantity:
        assert assess(replace(proposal, quantity=sized.quantity), exposure, gates(), limit).allowed
        assert sized.quantity == min(cap for _, cap in sized.caps)
        assert (sized.binding, sized.quantity) in sized.caps


@given(proposal=proposals(), exposure=exposures(), limit=limits)
def test_one_share_more_than_sizing_breaks_a_rule(
    proposal: Proposal, exposure: Exposure, limit: Limits
) -> None:
    sized = size(proposal, exposure, limit)
    # Cash is capped with the undiscounted commission: the last cents of it stay unused.
    if sized.quantity and sized.binding != "BUYING_POWER":
        more = replace(proposal, quantity=sized.quantity + 1)
        assert not assess(more, exposure, gates(), limit).allowed


@given(proposal=proposals(), limit=limits)
def test_the_smallest_capital_trades(proposal: Proposal, limit: Limits) -> None:
    poor = size(proposal, an_exposure(capital=Decimal(1), cash=Decimal(10**9)), limit)
    if poor.smallest_capital is not None:
        rich = an_exposure(capital=poor.smallest_capital, cash=Decimal(10**9))
        assert size(proposal, rich, limit).quantity >= 1


@pytest.mark.parametrize("capital", [5_000, 10_000, 25_000, 100_000])
@pytest.mark.parametrize("stop_atr", ["1.5", "2", "2.5", "3"])
def test_T_55_the_defaults_let_small_accounts_buy_a_share_of_an_index_fund(
    capital: int, stop_atr: str
) -> None:
    limit = Decimal(640)
    stop = limit - Decimal(stop_atr) * Decimal("6.5")
    money = Decimal(capital)
    sized = size(
        a_buy(limit=limit, stop=stop, reference=limit), an_exposure(capital=money, cash=money), Limits()
    )
    assert sized.quantity >= 1, sized


def test_a_size_names_the_cap_that_bound_it() -> None:
    sized = size(a_buy(), an_exposure(), Limits())
    # 20 % of 100,000 is 116 shares, 10,000 USD is 58, 0.5 % risk at 6 a share is 83.
    assert (sized.binding, sized.quantity) == ("MAX_ORDER_VALUE", Decimal(58))


def test_too_small_says_what_capital_would_trade() -> None:
    sized = size(a_buy(), an_exposure(capital=Decimal(1000), cash=Decimal(1000)), Limits())
    assert (sized.quantity, sized.binding) == (Decimal(0), "RISK_PER_TRADE")
    # Three shares are needed for the commission to be worth it: 3 × 6 ÷ 0.5 %.
    assert sized.smallest_capital == Decimal(3601)


def test_a_missing_number_sizes_to_nothing() -> None:
    for missing in (a_holding(MSFT, mark=None), a_holding(mark=None)):
        assert size(a_buy(), an_exposure(holdings=(missing,)), Limits()).quantity == 0
    assert size(a_buy(), an_exposure(working=(a_working(MSFT, price=None),)), Limits()).quantity == 0
    assert size(a_buy(), an_exposure(capital=None), Limits()).binding == "DESK_CAPITAL"
    assert size(a_buy(stop=None), an_exposure(), Limits()).binding == "STOP_PRESENT"
    assert size(a_buy(), an_exposure(cash=None), Limits()).binding == "BUYING_POWER"


def test_the_commission_has_a_minimum_and_a_ceiling() -> None:
    assert costs.commission(Decimal(10), Decimal(100)) == Decimal(1)
    assert costs.commission(Decimal(1000), Decimal(100)) == Decimal(5)
    assert costs.commission(Decimal(10), Decimal(2)) == Decimal("0.2")


def test_every_cap_is_the_floor_of_its_own_number() -> None:
    """Worked by hand: 100,000 of capital and cash, a limit of 100, a stop of 95, nothing held."""
    limit = Limits(
        risk_per_trade=Decimal("0.01"),
        max_position=Decimal("0.2"),
        max_order=Decimal("0.15"),
        max_order_value=Decimal(12_345),
        max_open_risk=Decimal("0.06"),
        gap=Decimal("0.1"),
        max_gap_loss=Decimal("0.03"),
        max_exposure=Decimal("0.9"),
        max_order_quantity=400,
        max_volume_share=Decimal("0.01"),
    )
    buy = a_buy(limit=Decimal(100), stop=Decimal(95), reference=Decimal(100), average_volume=Decimal(7_777))
    sized = size(buy, an_exposure(), limit)
    caps = dict(sized.caps)
    per_share = caps.pop("RISK_PER_TRADE"), caps.pop("OPEN_RISK"), caps.pop("BUYING_POWER")
    assert caps == {
        "MAX_POSITION": 200,
        "MAX_ORDER": 150,
        "MAX_ORDER_VALUE": 123,
        "GAP_BUDGET": 300,
        "MAX_EXPOSURE": 900,
        "MAX_ORDER_QTY": 400,
        "VOLUME_SHARE": 77,
    }
    # A share risks five dollars and its commissions; the cash pays the entry's commission, too.
    assert 195 <= per_share[0] <= 200
    assert 1170 <= per_share[1] <= 1200
    assert per_share[2] == 999
    assert (sized.binding, sized.quantity) == ("VOLUME_SHARE", Decimal(77))


@pytest.mark.parametrize(("slots", "full"), [(1, True), (2, False)])
def test_the_last_free_place_is_free(slots: int, full: bool) -> None:
    exposure = an_exposure(holdings=(a_holding(MSFT, 1),))
    sized = size(a_buy(), exposure, Limits(max_positions=slots))
    assert ("MAX_POSITIONS" in dict(sized.caps)) is full
    assert bool(sized.quantity) is not full
