"""Every rule breaks on its own number and on nothing else; exits are stopped by T-40's list only."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from glassdesk.kernel.ids import AccountKind
from glassdesk.workflow.risk.model import Exposure, Gates, HaltLevel, Limits, Proposal
from glassdesk.workflow.risk.rules import RULES, assess
from tests.workflow.risk.makers import AAPL, MSFT, a_buy, a_holding, a_sell, a_working, an_exposure, gates

LIMITS = Limits()
FIVE = tuple(a_holding(conid) for conid in range(1, 6))
Case = tuple[str, Proposal, Exposure, Gates, Limits]

ENTRY_BREACHES: list[Case] = [
    ("KILL_SWITCH", a_buy(), an_exposure(), gates(halt=HaltLevel.PAUSE_ENTRIES), LIMITS),
    ("KILL_SWITCH", a_buy(moment="send"), an_exposure(), gates(halt=HaltLevel.REDUCE_ONLY), LIMITS),
    ("PAPER_PROOF", a_buy(), an_exposure(), gates(account_proved=False), LIMITS),
    ("ACCOUNT", a_buy(), an_exposure(), gates(account_kind=AccountKind.LIVE), LIMITS),
    ("SESSION_READY", a_buy(moment="send"), an_exposure(), gates(session_ready=False), LIMITS),
    ("MARKET_OPEN", a_buy(moment="send"), an_exposure(), gates(market_open=False), LIMITS),
    ("STALE_DATA", a_buy(), an_exposure(), gates(last_bar=date(2024, 3, 1)), LIMITS),
    ("STALE_DATA", a_buy(), an_exposure(), gates(expected_last=None), LIMITS),
    ("DATA_QUALITY", a_buy(), an_exposure(), gates(bars_fit=False, bars_problem="a gap"), LIMITS),
    ("PRICE_DRIFT", a_buy(decision_close=Decimal(168)), an_exposure(), gates(), LIMITS),
    ("PRICE_DRIFT", a_buy(decision_close=Decimal(170), atr=None), an_exposure(), gates(), LIMITS),
    ("SCOPE", a_buy(quantity=Decimal("9.5")), an_exposure(), gates(), LIMITS),
    ("UNKNOWN_ORDER", a_buy(), an_exposure(working=(a_working(unknown=True),)), gates(), LIMITS),
    ("PYRAMIDING", a_buy(), an_exposure(holdings=(a_holding(),)), gates(), LIMITS),
    ("OWNERSHIP", a_buy(), an_exposure(), gates(other_owner="evening"), LIMITS),
    ("MAX_POSITION", a_buy(), an_exposure(), gates(), Limits(max_position=Decimal("0.01"))),
    ("MAX_ORDER", a_buy(), an_exposure(), gates(), Limits(max_order=Decimal("0.01"))),
    ("MAX_ORDER_VALUE", a_buy(), an_exposure(), gates(), Limits(max_order_value=Decimal(1709))),
    ("MAX_POSITIONS", a_buy(), an_exposure(holdings=FIVE), gates(), LIMITS),
    ("OPEN_RISK", a_buy(), an_exposure(), gates(), Limits(max_open_risk=Decimal("0.0005"))),
    ("GAP_BUDGET", a_buy(), an_exposure(), gates(), Limits(max_gap_loss=Decimal("0.002"))),
    ("RISK_PER_TRADE", a_buy(), an_exposure(), gates(), Limits(risk_per_trade=Decimal("0.0005"))),
    ("COMMISSION", a_buy(), an_exposure(), gates(), Limits(max_commission=Decimal("0.001"))),
    ("ORDERS_PER_DAY", a_buy(), an_exposure(orders_today=4), gates(), LIMITS),
    ("PRICE_COLLAR", a_buy(reference=Decimal(170)), an_exposure(), gates(), Limits(price_collar=Decimal(0))),
    ("PRICE_COLLAR", a_buy(reference=None), an_exposure(), gates(), LIMITS),
    ("NO_ENTRY_DATE", a_buy(), an_exposure(), gates(no_entry=True), LIMITS),
    ("OPEN_BREAK", a_buy(), an_exposure(broken=frozenset({AAPL})), gates(), LIMITS),
    ("BROKER_CANCEL", a_buy(), an_exposure(withheld=frozenset({AAPL})), gates(), LIMITS),
    ("WORKING_ORDERS", a_buy(), an_exposure(), gates(same_side=14), LIMITS),
    ("BUYING_POWER", a_buy(), an_exposure(cash=Decimal(1710)), gates(), LIMITS),
    ("BUYING_POWER", a_buy(), an_exposure(cash=None), gates(), LIMITS),
]


def denials(case: Case) -> list[str]:
    _, proposal, exposure, around, limits = case
    return [v.rule for v in assess(proposal, exposure, around, limits).denials]


def test_a_sound_entry_passes_every_rule_and_none_is_skipped() -> None:
    found = assess(a_buy(), an_exposure(), gates(), LIMITS)
    assert found.allowed
    assert [v.rule for v in found.verdicts] == [rule.name for rule in RULES]


@pytest.mark.parametrize("case", ENTRY_BREACHES, ids=lambda case: case[0])
def test_an_entry_is_denied_by_the_rule_whose_number_is_wrong(case: Case) -> None:
    # An order of unknown fate is also a working one.
    assert set(denials(case)) - {"ONE_WORKING_DECISION"} == {case[0]}


def test_T_20_another_working_decision_on_the_contract_denies_an_entry_its_own_does_not() -> None:
    other, own = a_working(), a_working(run="run-1")
    assert denials(("", a_buy(), an_exposure(working=(other,)), gates(), LIMITS)) == ["ONE_WORKING_DECISION"]
    assert denials(("", a_buy(), an_exposure(working=(own,)), gates(), LIMITS)) == []


def test_a_stop_that_is_missing_or_above_the_entry_denies() -> None:
    for stop in (None, Decimal(171), Decimal(0)):
        assert "STOP_PRESENT" in denials(("", a_buy(stop=stop), an_exposure(), gates(), LIMITS))


def test_a_mark_that_is_missing_denies_an_entry() -> None:
    exposure = an_exposure(holdings=(a_holding(MSFT, mark=None),))
    assert set(denials(("", a_buy(), exposure, gates(), LIMITS))) == {"OPEN_RISK", "GAP_BUDGET"}


def test_T_40_an_exit_is_denied_only_by_the_listed_rules_everything_else_warns() -> None:
    holding = an_exposure(
        capital=None, cash=None, holdings=(a_holding(mark=None),), orders_today=99, broken=frozenset({AAPL})
    )
    around = gates(
        bars_fit=False,
        bars_problem="a gap",
        expected_last=None,
        no_entry=True,
        other_owner="evening",
        halt=HaltLevel.REDUCE_ONLY,
    )
    found = assess(a_sell(moment="send"), holding, around, LIMITS)
    assert found.allowed
    assert {v.rule for v in found.verdicts if not v.passed} >= {"STALE_DATA", "OPEN_BREAK", "ORDERS_PER_DAY"}


EXIT_BREACHES: list[tuple[str, Proposal, Gates, tuple[str, ...]]] = [
    ("KILL_SWITCH", a_sell(), gates(halt=HaltLevel.HALT), ()),
    ("KILL_SWITCH", a_sell(by_person=True), gates(halt=HaltLevel.FREEZE), ()),
    ("ACCOUNT", a_sell(), gates(account_kind=AccountKind.LIVE), ()),
    ("PAPER_PROOF", a_sell(), gates(account_proved=False), ()),
    ("SESSION_READY", a_sell(moment="send"), gates(session_ready=False), ()),
    ("MARKET_OPEN", a_sell(moment="send"), gates(market_open=False), ()),
    ("NO_SHORT", a_sell(quantity=Decimal(11)), gates(), ()),
    ("NO_SHORT", a_sell(), gates(), ("sell",)),
    ("UNKNOWN_ORDER", a_sell(), gates(), ("unknown",)),
]


@pytest.mark.parametrize("case", EXIT_BREACHES, ids=lambda case: case[0])
def test_T_40_what_denies_an_exit(case: tuple[str, Proposal, Gates, tuple[str, ...]]) -> None:
    rule, proposal, around, others = case
    working = tuple(
        a_working(side="SELL", role="exit", remaining=Decimal(1))
        if kind == "sell"
        else a_working(unknown=True)
        for kind in others
    )
    exposure = an_exposure(holdings=(a_holding(),), working=working)
    assert [v.rule for v in assess(proposal, exposure, around, LIMITS).denials] == [rule]


def test_T_50_a_person_may_exit_at_halt_and_flatten_exits_by_itself() -> None:
    exposure = an_exposure(holdings=(a_holding(),))
    assert assess(a_sell(by_person=True), exposure, gates(halt=HaltLevel.HALT), LIMITS).allowed
    assert assess(a_sell(), exposure, gates(halt=HaltLevel.FLATTEN), LIMITS).allowed


def test_before_the_send_a_closed_market_or_a_missing_session_only_means_waiting() -> None:
    found = assess(a_buy(), an_exposure(), gates(market_open=False, session_ready=False), LIMITS)
    assert found.allowed
    assert {v.rule for v in found.verdicts if not v.passed} == {"MARKET_OPEN", "SESSION_READY"}


def test_T_22_the_collar_is_one_sided() -> None:
    assert assess(a_buy(reference=Decimal(300)), an_exposure(), gates(), LIMITS).allowed


def test_the_table_names_each_rule_once_with_meaning_default_and_source() -> None:
    assert len({rule.name for rule in RULES}) == len(RULES) == 30
    assert all(rule.meaning and rule.default and rule.source and rule.acts_on for rule in RULES)
    by_name = {rule.name: rule for rule in RULES}
    assert by_name["RISK_PER_TRADE"].default == str(replace(LIMITS).risk_per_trade)
