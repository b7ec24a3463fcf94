"""Every rule breaks on its own number and on nothing else; exits are stopped by T-40's list only."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from glassdesk.kernel.ids import AccountKind
from glassdesk.workflow.risk.model import (
    Exposure,
    Gates,
    HaltLevel,
    Limits,
    LiveStanding,
    LiveState,
    Proposal,
    Purpose,
)
from glassdesk.workflow.risk.rules import BY_NAME, RULES, assess, only_waits
from glassdesk.workflow.risk.rules_live import asks_person
from glassdesk.workflow.risk.verdicts import Rule, verdict
from tests.workflow.risk.makers import (
    AAPL,
    MSFT,
    a_buy,
    a_closed,
    a_holding,
    a_sell,
    a_what_if,
    a_working,
    an_exposure,
    an_opened,
    at_send,
    gates,
)

LIMITS = Limits()
FIVE = tuple(a_holding(conid) for conid in range(1, 6))
Case = tuple[str, Proposal, Exposure, Gates, Limits]

ELSEWHERE = an_opened(strategy="evening")
ON_THIS_BAR = an_opened(AAPL, last_bar=date(2024, 3, 4))
LEFT_TODAY = a_closed(AAPL, closed=date(2024, 3, 5), net=Decimal(1))


def asked(**changes: object) -> Gates:
    """The broker was asked for a what-if."""
    return gates(asks_what_if=True, what_if=a_what_if(**changes))


def a_live(state: LiveState = LiveState.UNLOCKED, **changes: object) -> Gates:
    """A live account."""
    standing = LiveStanding(state=state, **changes)  # type: ignore[arg-type]  # by name
    return gates(account_kind=AccountKind.LIVE, live=standing)


ENTRY_BREACHES: list[Case] = [
    ("KILL_SWITCH", a_buy(), an_exposure(), gates(halt=HaltLevel.PAUSE_ENTRIES), LIMITS),
    ("KILL_SWITCH", at_send(), an_exposure(), gates(halt=HaltLevel.REDUCE_ONLY), LIMITS),
    ("PAPER_PROOF", a_buy(), an_exposure(), gates(account_proved=False), LIMITS),
    ("ACCOUNT", a_buy(), replace(an_exposure(), account=""), gates(), LIMITS),
    ("LIVE_LOCKED", a_buy(), an_exposure(), a_live(LiveState.NEVER, accepted=10), LIMITS),
    ("LIVE_LOCKED", at_send(), an_exposure(), a_live(LiveState.EXPIRED, accepted=10), LIMITS),
    ("LIVE_LOCKED", at_send(), an_exposure(), a_live(LiveState.LOCKED, accepted=10), LIMITS),
    ("LIVE_FIRST_ORDERS", at_send(), an_exposure(), a_live(accepted=9), LIMITS),
    ("SESSION_READY", at_send(), an_exposure(), gates(session_ready=False), LIMITS),
    ("MARKET_OPEN", at_send(), an_exposure(), gates(market_open=False), LIMITS),
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
    ("ORDERS_PER_DAY", a_buy(), an_exposure(opened=(an_opened(),) * 4), gates(), LIMITS),
    ("MAX_TRADES_PER_DAY", a_buy(), an_exposure(opened=(ELSEWHERE,) * 20), gates(), LIMITS),
    (
        "MAX_SYMBOL_TRADES_PER_DAY",
        a_buy(),
        an_exposure(opened=(an_opened(AAPL, strategy="evening"),) * 6),
        gates(),
        LIMITS,
    ),
    (
        "RATE_LIMIT",
        at_send(),
        an_exposure(opened=(replace(ELSEWHERE, seconds_since_send=59),) * 3),
        gates(),
        LIMITS,
    ),
    ("DUPLICATE_SIGNAL", a_buy(), an_exposure(opened=(ON_THIS_BAR,)), gates(), LIMITS),
    (
        "DUPLICATE_SIGNAL",
        a_buy(),
        an_exposure(opened=(replace(ON_THIS_BAR, last_bar=None),)),
        gates(),
        LIMITS,
    ),
    (
        "DUPLICATE_SIGNAL",
        a_buy(),
        an_exposure(opened=(an_opened(AAPL, minutes_ago=4),)),
        gates(bar_seconds=300),
        LIMITS,
    ),
    ("COOLDOWN", a_buy(), an_exposure(closed=(LEFT_TODAY,)), gates(), LIMITS),
    ("COOLDOWN", a_buy(), an_exposure(closed=(LEFT_TODAY,)), gates(), Limits(cooldown_bars=3)),
    (
        "COOLDOWN",
        a_buy(),
        an_exposure(closed=(a_closed(AAPL, minutes_ago=4),)),
        gates(bar_seconds=300),
        LIMITS,
    ),
    ("LOSS_STREAK", a_buy(), an_exposure(closed=(a_closed(),) * 4), gates(), LIMITS),
    (
        "DAY_TRADES",
        a_buy(),
        an_exposure(closed=(a_closed(opened=date(2024, 3, 1), net=Decimal(5)),) * 3),
        gates(),
        Limits(max_day_trades=3),
    ),
    ("MAX_DAILY_LOSS", a_buy(), an_exposure(day_pnl=Decimal("-2000.01")), gates(), LIMITS),
    ("MAX_DRAWDOWN", a_buy(), an_exposure(peak=Decimal("111111.2")), gates(), LIMITS),
    ("MAX_EXPOSURE", a_buy(), an_exposure(), gates(), Limits(max_exposure=Decimal("0.01"))),
    ("MAX_ORDER_QTY", a_buy(), an_exposure(), gates(), Limits(max_order_quantity=9)),
    ("VOLUME_SHARE", a_buy(average_volume=Decimal(1999)), an_exposure(), gates(), LIMITS),
    ("VOLUME_SHARE", a_buy(average_volume=None), an_exposure(), gates(), LIMITS),
    ("SPREAD_TOO_WIDE", at_send(bid=Decimal("169.64")), an_exposure(), gates(), LIMITS),
    ("SPREAD_TOO_WIDE", at_send(bid=None), an_exposure(), gates(), LIMITS),
    ("SPREAD_TOO_WIDE", at_send(bid=Decimal(171)), an_exposure(), gates(), LIMITS),
    ("QUOTE", at_send(), an_exposure(), gates(quote_problem="130 s old"), LIMITS),
    ("CLOCK_SKEW", at_send(), an_exposure(), gates(asks_clock=True, clock_skew=Decimal("5.001")), LIMITS),
    ("CLOCK_SKEW", at_send(), an_exposure(), gates(asks_clock=True, clock_skew=Decimal("-5.001")), LIMITS),
    ("CLOCK_SKEW", at_send(), an_exposure(), gates(asks_clock=True), LIMITS),
    ("PRICE_DRIFT", at_send(decision_close=None), an_exposure(), gates(), LIMITS),
    ("STALE_BOOKS", a_buy(), an_exposure(books_of=date(2024, 3, 1)), gates(), LIMITS),
    ("STALE_BOOKS", a_buy(), an_exposure(books_of=None), gates(), LIMITS),
    (
        "UNKNOWN_OUTSTANDING",
        a_buy(),
        an_exposure(working=(a_working(MSFT, unknown=True, unknown_minutes=5),)),
        gates(),
        LIMITS,
    ),
    ("WHAT_IF", at_send(), an_exposure(), gates(asks_what_if=True), LIMITS),
    ("WHAT_IF", at_send(), an_exposure(), asked(problem="no answer"), LIMITS),
    ("WHAT_IF", at_send(), an_exposure(), asked(error="margin"), LIMITS),
    ("WHAT_IF", at_send(), an_exposure(), asked(initial_after=Decimal(90_000)), LIMITS),
    ("WHAT_IF", at_send(), an_exposure(), asked(commission=Decimal("17.2")), LIMITS),
    ("BUYING_POWER", a_buy(), an_exposure(cash_account=True, settled_cash=Decimal(1710)), gates(), LIMITS),
    ("BUYING_POWER", a_buy(), an_exposure(cash_account=True, settled_cash=None), gates(), LIMITS),
    ("PRICE_COLLAR", a_buy(reference=Decimal(170)), an_exposure(), gates(), Limits(price_collar=Decimal(0))),
    ("PRICE_COLLAR", a_buy(reference=None), an_exposure(), gates(), LIMITS),
    ("NO_ENTRY_DATE", a_buy(), an_exposure(), gates(no_entry=True), LIMITS),
    ("OPEN_BREAK", a_buy(), an_exposure(broken=frozenset({AAPL})), gates(), LIMITS),
    ("BROKER_CANCEL", a_buy(), an_exposure(withheld=frozenset({AAPL})), gates(), LIMITS),
    ("LATE_ARRIVAL", a_buy(), an_exposure(arriving=frozenset({AAPL})), gates(), LIMITS),
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
    # An order of unknown fate is also a working one; without a calendar no age is known.
    assert set(denials(case)) - {"ONE_WORKING_DECISION", "STALE_BOOKS"} | {case[0]} == {case[0]}
    assert case[0] in denials(case)


def test_T_20_another_working_decision_on_the_contract_denies_an_entry_its_own_does_not() -> None:
    other, own = a_working(), a_working(run="run-1")
    assert denials(("", a_buy(), an_exposure(working=(other,)), gates(), LIMITS)) == ["ONE_WORKING_DECISION"]
    assert denials(("", a_buy(), an_exposure(working=(own,)), gates(), LIMITS)) == []


def test_a_stop_that_is_missing_or_above_the_entry_denies() -> None:
    for stop in (None, Decimal(171), Decimal(0)):
        assert "STOP_PRESENT" in denials(("", a_buy(stop=stop), an_exposure(), gates(), LIMITS))


def test_a_mark_that_is_missing_denies_an_entry() -> None:
    exposure = an_exposure(holdings=(a_holding(MSFT, mark=None),))
    assert set(denials(("", a_buy(), exposure, gates(), LIMITS))) == {
        "OPEN_RISK",
        "GAP_BUDGET",
        "MAX_EXPOSURE",
    }


def test_T_40_an_exit_is_denied_only_by_the_listed_rules_everything_else_warns() -> None:
    holding = an_exposure(
        capital=None,
        cash=None,
        holdings=(a_holding(mark=None),),
        opened=(an_opened(),) * 9,
        broken=frozenset({AAPL}),
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


def test_an_exit_is_denied_on_an_account_nobody_knows() -> None:
    nobody = replace(an_exposure(holdings=(a_holding(),)), account="")
    assert [v.rule for v in assess(a_sell(), nobody, gates(), LIMITS).denials] == ["ACCOUNT"]


@pytest.mark.parametrize("state", LiveState)
def test_T_61_whatever_the_unlock_says_an_exit_goes(state: LiveState) -> None:
    found = assess(a_sell(moment="send"), an_exposure(holdings=(a_holding(),)), a_live(state), LIMITS)
    assert found.allowed
    warned = {v.rule for v in found.verdicts if not v.passed}
    assert ("LIVE_LOCKED" in warned) == (state is not LiveState.UNLOCKED)


def test_T_61_a_live_account_of_which_nobody_knows_the_unlock_is_locked() -> None:
    unknown = gates(account_kind=AccountKind.LIVE)
    denials = assess(at_send(), an_exposure(), unknown, LIMITS).denials
    assert [(v.rule, v.observed) for v in denials] == [
        ("LIVE_LOCKED", "missing"),
        ("LIVE_FIRST_ORDERS", "missing"),
    ]


def test_T_61_the_first_ten_of_an_unlock_wait_for_a_person_and_say_how_many_there_were() -> None:
    def said(proposal: Proposal, around: Gates) -> tuple[bool, str]:
        found = assess(proposal, an_exposure(), around, LIMITS)
        [one] = [v for v in found.verdicts if v.rule == "LIVE_FIRST_ORDERS"]
        return one.passed, one.observed

    assert said(a_buy(), a_live(accepted=9)) == (True, "9 accepted")
    assert said(at_send(), a_live(accepted=9)) == (False, "9 accepted")
    assert said(at_send(), a_live(accepted=9, approved=True)) == (True, "9 accepted, approved")
    assert said(at_send(), a_live(accepted=10)) == (True, "10 accepted")
    assert [asks_person(a_live(accepted=n)) for n in (0, 9, 10)] == [True, True, False]
    assert not asks_person(gates())


def test_T_50_a_person_may_exit_at_halt_and_flatten_exits_by_itself() -> None:
    exposure = an_exposure(holdings=(a_holding(),))
    assert assess(a_sell(by_person=True), exposure, gates(halt=HaltLevel.HALT), LIMITS).allowed
    assert assess(a_sell(), exposure, gates(halt=HaltLevel.FLATTEN), LIMITS).allowed


def test_before_the_send_a_closed_market_or_a_missing_session_only_means_waiting() -> None:
    found = assess(a_buy(), an_exposure(), gates(market_open=False, session_ready=False), LIMITS)
    assert found.allowed
    assert {v.rule for v in found.verdicts if not v.passed} == {"MARKET_OPEN", "SESSION_READY"}


def test_R8_what_ended_empty_may_be_tried_again_on_the_same_bar() -> None:
    exposure = an_exposure(opened=(replace(ON_THIS_BAR, traded=False),))
    assert assess(a_buy(), exposure, gates(), LIMITS).allowed


def test_T_22_the_collar_is_one_sided() -> None:
    assert assess(a_buy(reference=Decimal(300)), an_exposure(), gates(), LIMITS).allowed


def test_the_table_names_each_rule_once_with_meaning_default_and_source() -> None:
    assert len({rule.name for rule in RULES}) == len(RULES) == 51
    assert all(rule.meaning and rule.default and rule.source and rule.acts_on for rule in RULES)
    by_name = {rule.name: rule for rule in RULES}
    assert by_name["RISK_PER_TRADE"].default == str(replace(LIMITS).risk_per_trade)


def test_a_rule_that_says_no_more_denies_entries_and_warns_on_exits() -> None:
    plain = Rule(name="ONE", meaning="one", default="1", source="-", judge=BY_NAME["SCOPE"].judge)
    assert (plain.denies_exits, plain.warns_before_send, plain.waits) == (False, False, False)
    wrong = a_buy(quantity=Decimal("1.5"))
    assert verdict(plain, wrong, an_exposure(), gates(), LIMITS).denies
    assert not verdict(plain, replace(wrong, purpose=Purpose.REDUCING), an_exposure(), gates(), LIMITS).denies


MAY_PASS = gates(quote_problem="130 s old")
DRIFTED = at_send(decision_close=None)


@pytest.mark.parametrize(
    ("proposal", "quoted", "denied", "waits"),
    [
        (at_send(), MAY_PASS, {"QUOTE"}, True),
        (DRIFTED, MAY_PASS, {"QUOTE", "PRICE_DRIFT"}, True),
        (DRIFTED, gates(), {"PRICE_DRIFT"}, False),
        (DRIFTED, gates(session_ready=False), {"SESSION_READY", "PRICE_DRIFT"}, False),
        (at_send(), gates(quote_problem="130 s old", no_entry=True), {"QUOTE", "NO_ENTRY_DATE"}, False),
    ],
)
def test_T_03_an_entry_waits_for_what_may_pass_and_a_price_without_a_quote_only_beside_it(
    proposal: Proposal, quoted: Gates, denied: set[str], waits: bool
) -> None:
    assessment = assess(proposal, an_exposure(), quoted, LIMITS)
    assert {one.rule for one in assessment.denials} == denied
    assert only_waits(assessment) is waits
