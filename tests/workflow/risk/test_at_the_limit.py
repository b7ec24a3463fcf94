"""What is exactly at a limit is within it, and the next number is not; what a rule counts is its own."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from glassdesk.workflow.risk.model import Closed, Exposure, Gates, Limits, Opened, Proposal
from glassdesk.workflow.risk.rules import BY_NAME
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
THE_BAR = date(2024, 3, 4)


def passes(
    rule: str,
    proposal: Proposal | None = None,
    exposure: Exposure | None = None,
    around: Gates | None = None,
    limits: Limits = LIMITS,
) -> bool:
    told = (proposal or a_buy(), exposure or an_exposure(), around or gates(), limits)
    return BY_NAME[rule].judge(*told).passed


@pytest.mark.parametrize(
    ("rule", "limit", "most", "beyond"),
    [
        # Ten shares at 171 with a stop at 165, on a capital of 100,000.
        ("MAX_POSITION", "max_position", "0.0171", "0.01709"),
        ("MAX_ORDER", "max_order", "0.0171", "0.01709"),
        ("MAX_ORDER_VALUE", "max_order_value", "1710", "1709.99"),
        ("MAX_EXPOSURE", "max_exposure", "0.0171", "0.01709"),
        ("OPEN_RISK", "max_open_risk", "0.0006", "0.00059"),
        ("RISK_PER_TRADE", "risk_per_trade", "0.0006", "0.00059"),
        ("GAP_BUDGET", "max_gap_loss", "0.002565", "0.00256"),
        ("COMMISSION", "max_commission", "0.0011696", "0.0011695"),
    ],
)
def test_an_order_at_its_limit_passes_and_above_it_fails(
    rule: str, limit: str, most: str, beyond: str
) -> None:
    def within(value: str) -> bool:
        return passes(rule, limits=Limits(**{limit: Decimal(value)}))  # type: ignore[arg-type]  # by name

    assert (within(most), within(beyond)) == (True, False)


def test_what_is_held_and_being_bought_counts_and_other_contracts_where_all_do() -> None:
    held = an_exposure(holdings=(a_holding(AAPL, 20), a_holding(MSFT, 30)), working=(a_working(AAPL),))
    for rule, limit, most in [
        # 20 and 10 at 170, and the order's 1,710.
        ("MAX_POSITION", "max_position", "0.0681"),
        ("MAX_EXPOSURE", "max_exposure", "0.1191"),
        ("GAP_BUDGET", "max_gap_loss", "0.017865"),
        # 5 each of 60, and the order's 6 of 10.
        ("OPEN_RISK", "max_open_risk", "0.0036"),
    ]:
        least = Decimal(most) - Decimal("0.0000001")
        assert passes(rule, exposure=held, limits=Limits(**{limit: Decimal(most)}))  # type: ignore[arg-type]
        assert not passes(rule, exposure=held, limits=Limits(**{limit: least}))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("rule", "around", "passed"),
    [
        ("WORKING_ORDERS", gates(same_side=13), True),
        ("WORKING_ORDERS", gates(same_side=14), False),
        ("STALE_DATA", gates(last_bar=date(2024, 3, 1)), False),
        ("STALE_DATA", gates(last_bar=date(2024, 3, 5)), False),
        ("STALE_BOOKS", gates(expected_last=date(2024, 3, 5)), False),
        ("STALE_BOOKS", gates(expected_last=date(2024, 3, 1)), True),
        ("STALE_BOOKS", gates(expected_last=None), False),
    ],
)
def test_gates_at_their_edge(rule: str, around: Gates, passed: bool) -> None:
    assert passes(rule, around=around) is passed


@pytest.mark.parametrize(
    ("cash", "others", "passed"),
    [
        ("1711", (), True),
        ("1710.99", (), False),
        ("3411", (a_working(MSFT),), True),
        ("3410.99", (a_working(MSFT),), False),
    ],
)
def test_cash_pays_the_order_its_commission_and_what_is_promised(
    cash: str, others: tuple[object, ...], passed: bool
) -> None:
    exposure = an_exposure(cash=Decimal(cash), working=others)  # type: ignore[arg-type]  # of workings
    assert passes("BUYING_POWER", exposure=exposure) is passed


def test_sales_that_work_and_the_order_itself_promise_no_cash() -> None:
    working = (a_working(MSFT, side="SELL"), a_working(AAPL, run="run-1"))
    assert passes("BUYING_POWER", exposure=an_exposure(cash=Decimal(1711), working=working))


def test_the_collar_the_drift_and_the_spread_at_their_edge() -> None:
    assert passes("PRICE_COLLAR", a_buy(limit=Decimal("171.3525")))
    assert not passes("PRICE_COLLAR", a_buy(limit=Decimal("171.3526")))
    for close, within in [("168.5", True), ("168.49", False), ("172.5", True), ("172.51", False)]:
        assert passes("PRICE_DRIFT", at_send(decision_close=Decimal(close))) is within
    assert not passes("PRICE_DRIFT", at_send(reference=None))
    assert not passes("PRICE_DRIFT", at_send(atr=None))
    # 0.1 of a mid of 20.
    for bid, within in [("19.95", True), ("19.94", False)]:
        quoted = at_send(bid=Decimal(bid), reference=Decimal("20.05"))
        assert passes("SPREAD_TOO_WIDE", quoted) is within
    assert passes("SPREAD_TOO_WIDE", at_send(bid=Decimal(20), reference=Decimal(20)))


@pytest.mark.parametrize(("stop", "passed"), [("0.01", True), ("0", False), ("170.99", True), ("171", False)])
def test_a_stop_lies_between_nothing_and_the_entry(stop: str, passed: bool) -> None:
    assert passes("STOP_PRESENT", a_buy(stop=Decimal(stop))) is passed


@pytest.mark.parametrize(
    ("held", "selling", "quantity", "passed"),
    [(10, 0, 10, True), (10, 0, 11, False), (10, 4, 6, True), (10, 4, 7, False)],
)
def test_T_36_no_more_is_sold_than_the_strategy_holds_and_sells_already(
    held: int, selling: int, quantity: int, passed: bool
) -> None:
    sells = {"side": "SELL", "remaining": Decimal(selling)}
    working = (
        a_working(AAPL, **sells),
        a_working(MSFT, **sells),
        a_working(AAPL, strategy="evening", **sells),
        a_working(AAPL, run="run-1", **sells),
        a_working(AAPL, remaining=Decimal(5)),
    )
    holdings = (a_holding(AAPL, held), a_holding(MSFT, 50), a_holding(AAPL, 50, strategy="evening"))
    exposure = an_exposure(holdings=holdings, working=working)
    assert passes("NO_SHORT", a_sell(quantity=Decimal(quantity)), exposure) is passed


def test_every_contract_held_or_being_bought_takes_a_place_once() -> None:
    two = an_exposure(
        holdings=(a_holding(MSFT), a_holding(7, 0)), working=(a_working(MSFT), a_working(8, side="SELL"))
    )
    assert passes("MAX_POSITIONS", exposure=two, limits=Limits(max_positions=2))
    assert not passes("MAX_POSITIONS", exposure=two, limits=Limits(max_positions=1))
    assert passes("MAX_POSITIONS", a_buy(conid=MSFT), two, limits=Limits(max_positions=1))


@pytest.mark.parametrize(
    ("rule", "limit", "counts", "others"),
    [
        ("ORDERS_PER_DAY", "max_orders_per_day", an_opened(), an_opened(strategy="evening")),
        ("ORDERS_PER_DAY", "max_orders_per_day", an_opened(), an_opened(today=False)),
        ("MAX_TRADES_PER_DAY", "max_account_orders", an_opened(strategy="evening"), an_opened(today=False)),
        ("MAX_SYMBOL_TRADES_PER_DAY", "max_symbol_orders", an_opened(AAPL), an_opened(MSFT)),
        ("MAX_SYMBOL_TRADES_PER_DAY", "max_symbol_orders", an_opened(AAPL), an_opened(AAPL, today=False)),
        (
            "RATE_LIMIT",
            "max_orders_per_minute",
            an_opened(seconds_since_send=59),
            an_opened(seconds_since_send=60),
        ),
        ("RATE_LIMIT", "max_orders_per_minute", an_opened(seconds_since_send=0), an_opened()),
    ],
)
def test_a_pace_counts_its_own_orders_and_this_one(
    rule: str, limit: str, counts: Opened, others: Opened
) -> None:
    def within(opened: tuple[Opened, ...], most: int) -> bool:
        limits = Limits(**{limit: most})  # type: ignore[arg-type]  # by name
        return passes(rule, at_send(), an_exposure(opened=opened), limits=limits)

    assert within((counts, counts), 3)
    assert not within((counts, counts), 2)
    assert within((others, others), 1)
    assert not within((), 0)
    mine = an_opened(AAPL, run="run-1", seconds_since_send=0)
    assert within((mine,), 1)


@pytest.mark.parametrize(
    ("opened", "around", "passed"),
    [
        (an_opened(AAPL, last_bar=THE_BAR), gates(), False),
        (an_opened(AAPL, last_bar=None), gates(), False),
        (an_opened(AAPL, last_bar=date(2024, 3, 1)), gates(), True),
        (an_opened(AAPL, last_bar=THE_BAR, traded=False), gates(), True),
        (an_opened(AAPL, last_bar=THE_BAR, strategy="evening"), gates(), True),
        (an_opened(MSFT, last_bar=date(2024, 3, 4)), gates(), True),
        (an_opened(AAPL, minutes_ago=4), gates(bar_seconds=300), False),
        (an_opened(AAPL, minutes_ago=5), gates(bar_seconds=300), True),
    ],
)
def test_R8_the_same_bar_is_ordered_on_once(opened: Opened, around: Gates, passed: bool) -> None:
    assert passes("DUPLICATE_SIGNAL", exposure=an_exposure(opened=(opened,)), around=around) is passed


@pytest.mark.parametrize(
    ("closed", "around", "bars", "passed"),
    [
        # Left on Friday 1 March; the bars of Friday and Monday have closed.
        (a_closed(AAPL), gates(), 2, True),
        (a_closed(AAPL), gates(), 3, False),
        (a_closed(AAPL, closed=date(2024, 3, 4)), gates(), 1, True),
        (a_closed(AAPL, closed=date(2024, 3, 5)), gates(), 1, False),
        (a_closed(AAPL, closed=date(2024, 3, 5)), gates(), 0, True),
        (a_closed(AAPL, closed=date(2024, 3, 5), strategy="evening"), gates(), 1, True),
        (a_closed(MSFT, closed=date(2024, 3, 5)), gates(), 1, True),
        (a_closed(AAPL, minutes_ago=10), gates(bar_seconds=300), 2, True),
        (a_closed(AAPL, minutes_ago=9), gates(bar_seconds=300), 2, False),
    ],
)
def test_a_contract_cools_down_for_so_many_bars(
    closed: Closed, around: Gates, bars: int, passed: bool
) -> None:
    books, limits = an_exposure(closed=(closed,)), Limits(cooldown_bars=bars)
    assert passes("COOLDOWN", a_buy(), books, around, limits) is passed
    assert passes("COOLDOWN", a_sell(), books, around, limits)


def test_a_contract_cools_down_since_it_was_last_left() -> None:
    old, new = a_closed(AAPL, minutes_ago=4000), a_closed(AAPL, closed=date(2024, 3, 4), minutes_ago=9)
    for both in ((old, new), (new, old)):
        books = an_exposure(closed=both)
        assert not passes("COOLDOWN", exposure=books, limits=Limits(cooldown_bars=2))
        assert not passes("COOLDOWN", None, books, gates(bar_seconds=300), Limits(cooldown_bars=2))


@pytest.mark.parametrize(
    ("closed", "passed"),
    [
        ((a_closed(),) * 3, True),
        ((a_closed(),) * 4, False),
        ((a_closed(),) * 3 + (a_closed(net=Decimal(0)),), True),
        ((a_closed(),) * 3 + (a_closed(strategy="evening"),), True),
        ((a_closed(),) * 3 + (a_closed(closed=date(2024, 2, 26)),), True),
        ((a_closed(),) * 3 + (a_closed(closed=date(2024, 2, 27)),), False),
    ],
)
def test_four_losses_of_the_strategy_within_a_week_stop_it(closed: tuple[Closed, ...], passed: bool) -> None:
    assert passes("LOSS_STREAK", exposure=an_exposure(closed=closed)) is passed


def test_day_trades_are_round_trips_within_one_session() -> None:
    within = a_closed(opened=date(2024, 3, 1))
    for trades, passed in [((within,), True), ((within,) * 2, False), ((within, a_closed()), True)]:
        limits = Limits(max_day_trades=2)
        assert passes("DAY_TRADES", exposure=an_exposure(closed=trades), limits=limits) is passed


@pytest.mark.parametrize(("minutes", "passed"), [(4, True), (5, False)])
def test_R25_an_order_of_unknown_fate_stops_entries_from_the_fifth_minute(minutes: int, passed: bool) -> None:
    lost = a_working(MSFT, unknown=True, unknown_minutes=minutes)
    known = a_working(MSFT, unknown_minutes=60)
    assert passes("UNKNOWN_OUTSTANDING", exposure=an_exposure(working=(lost, known))) is passed
    assert passes("UNKNOWN_ORDER", exposure=an_exposure(working=(lost, known)))


@pytest.mark.parametrize(
    ("changes", "passed"),
    [
        ({"day_pnl": Decimal(-2000)}, True),
        ({"day_pnl": Decimal("-2000.01")}, False),
        ({"day_pnl": Decimal(5000)}, True),
    ],
)
def test_the_loss_of_the_day_at_its_edge(changes: dict[str, object], passed: bool) -> None:
    assert passes("MAX_DAILY_LOSS", exposure=an_exposure(**changes)) is passed  # type: ignore[arg-type]


@pytest.mark.parametrize(("peak", "passed"), [("111111.11", True), ("111111.2", False), ("90000", True)])
def test_the_drawdown_at_its_edge(peak: str, passed: bool) -> None:
    assert passes("MAX_DRAWDOWN", exposure=an_exposure(peak=Decimal(peak))) is passed


@pytest.mark.parametrize(
    ("told", "passed"),
    [
        ({"initial_after": Decimal("89999.10")}, True),
        ({"initial_after": Decimal("89999.11")}, False),
        ({"commission": Decimal("17.10")}, True),
        ({"commission": Decimal("17.11")}, False),
        ({"commission": None}, False),
        ({"equity_after": None}, False),
        ({"initial_after": None}, False),
        ({"maintenance_after": None}, True),
    ],
)
def test_the_brokers_what_if_at_its_edge(told: dict[str, object], passed: bool) -> None:
    around = gates(asks_what_if=True, what_if=a_what_if(**told))
    assert passes("WHAT_IF", at_send(), around=around) is passed
    assert passes("WHAT_IF", a_buy(), around=around)
    assert passes("WHAT_IF", a_sell(moment="send"), around=around)
