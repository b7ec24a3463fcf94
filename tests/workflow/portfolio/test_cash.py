"""Cash lanes: each amount with its evidence, and what nothing explains stays unexplained (`T-70`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from glassdesk.workflow.order_tracking.model import Fill
from glassdesk.workflow.portfolio import accounts, cash
from glassdesk.workflow.portfolio.model import (
    BrokerBalances,
    CashRow,
    Flow,
    Lane,
    Movement,
    Snapshot,
    Whose,
)
from glassdesk.workflow.positions.model import BrokerPosition
from tests.workflow.positions.test_derive import a_fill, histories

NOW = datetime(2024, 3, 5, 21, 10, tzinfo=UTC)
TODAY, FIRST = NOW.date(), date(2024, 1, 2)
OPENING = Decimal(100_000)
DIVIDEND = Movement(kind="dividend", conid=1, day=TODAY, amount=Decimal("12.34"), text="Dividend Payment")


def evidence(
    *,
    movements: Sequence[Movement] = (),
    flows: Sequence[Flow] = (),
    accrued: cash.Accrued | None = None,
    owned: frozenset[int] = frozenset(),
) -> cash.Evidence:
    return cash.Evidence(
        account="DU1",
        booked_at=NOW,
        movements=movements,
        flows=flows,
        accrued=accrued,
        since=FIRST,
        owned=owned,
        held=frozenset({1}),
    )


def a_flow(amount: str, *, day: date = TODAY, margin: str = "0.02") -> Flow:
    return Flow(day=day, amount=Decimal(amount), margin=Decimal(margin))


def a_row(amount: str, lane: Lane = Lane.DIVIDENDS, whose: Whose = Whose.DESK) -> CashRow:
    return CashRow(
        account="DU1",
        row=f"{lane}:{amount}",
        lane=lane,
        whose=whose,
        amount=Decimal(amount),
        day=TODAY,
        conid=1,
        evidence="seen",
        booked_at=NOW,
    )


def stated(money: Decimal) -> BrokerBalances:
    return BrokerBalances(
        account="DU1",
        net_liquidation=money,
        cash=money,
        settled_cash=None,
        available_funds=None,
        currency="USD",
    )


def accrued(before: str, now: str, *, daily: str | None = "0.50", nights: int = 2) -> cash.Accrued:
    return cash.Accrued(
        before=Decimal(before),
        daily=None if daily is None else Decimal(daily),
        nights=nights,
        now=Decimal(now),
        since=TODAY - timedelta(days=nights),
    )


# ------------------------------------------------------------------ dividends


def test_T_70_a_dividend_is_booked_once_with_the_brokers_row_as_evidence() -> None:
    [row] = cash.explain(DIVIDEND.amount, evidence(movements=[DIVIDEND]), ())
    assert (row.lane, row.whose, row.amount) == (Lane.DIVIDENDS, Whose.DESK, Decimal("12.34"))
    assert "Dividend Payment 2024-03-05" in row.evidence
    assert cash.explain(Decimal(0), evidence(movements=[DIVIDEND]), [row]) == []


def test_T_70_a_fee_that_the_broker_lists_without_a_trade_is_in_the_lane_of_fees() -> None:
    fee = replace(DIVIDEND, kind="fee", amount=Decimal("-0.02"), text="ADR Fee")
    [row] = cash.explain(Decimal("-0.02"), evidence(movements=[fee]), ())
    assert (row.lane, row.whose, row.amount) == (Lane.FEES, Whose.DESK, Decimal("-0.02"))
    assert row.evidence == "the broker's transactions: ADR Fee 2024-03-05"
    assert cash.lanes((), [row]).fees == Decimal("-0.02")


def test_two_equal_dividends_of_a_day_are_two_rows() -> None:
    first, second = cash.explain(DIVIDEND.amount * 2, evidence(movements=[DIVIDEND, DIVIDEND]), ())
    assert first.row != second.row
    [again] = cash.explain(DIVIDEND.amount, evidence(movements=[DIVIDEND, DIVIDEND]), [first])
    assert again == second


def test_T_11_what_comes_on_shares_that_the_owner_has_too_is_the_owners() -> None:
    [row] = cash.explain(DIVIDEND.amount, evidence(movements=[DIVIDEND], owned=frozenset({1})), ())
    assert row.whose is Whose.OWNER
    [row] = cash.explain(DIVIDEND.amount, evidence(movements=[replace(DIVIDEND, conid=7)]), ())
    assert row.whose is Whose.OWNER


def test_what_was_paid_before_first_sight_is_in_the_opening_already() -> None:
    for day in (FIRST, FIRST - timedelta(days=1)):
        assert cash.explain(Decimal(0), evidence(movements=[replace(DIVIDEND, day=day)]), ()) == []


def test_a_movement_of_an_unknown_kind_explains_nothing() -> None:
    assert cash.explain(Decimal(5), evidence(movements=[replace(DIVIDEND, kind="transfer")]), ()) == []


# ------------------------------------------------------------------ deposits


def test_T_70_a_deposit_is_what_is_missing_where_the_brokers_return_leaves_the_same_out() -> None:
    [row] = cash.explain(Decimal("5000.00"), evidence(flows=[a_flow("4999.99")]), ())
    assert (row.lane, row.amount, row.whose) == (Lane.DEPOSITS, Decimal("5000.00"), Whose.OWNER)
    assert cash.explain(Decimal(0), evidence(flows=[a_flow("4999.99")]), [row]) == []


def test_a_second_deposit_of_the_day_is_booked_when_it_is_seen() -> None:
    first = cash.explain(Decimal(5000), evidence(flows=[a_flow("5000")]), ())
    [second] = cash.explain(Decimal(-700), evidence(flows=[a_flow("4300.01")]), first)
    assert second.amount == -700
    assert second.row != first[0].row


def test_a_deposit_that_does_not_fit_is_booked_as_stated_and_the_rest_stays_unexplained() -> None:
    [row] = cash.explain(Decimal("5003.00"), evidence(flows=[a_flow("5000.004")]), ())
    assert row.amount == Decimal("5000.00")


def test_the_opening_itself_is_no_deposit_but_one_on_the_same_day_is() -> None:
    opening = a_flow("100000", day=FIRST)
    assert cash.explain(Decimal(40), evidence(flows=[opening]), ()) == []
    [row] = cash.explain(Decimal(40), evidence(flows=[a_flow("40.01", day=FIRST)]), ())
    assert row.amount == 40


# ------------------------------------------------------------------ interest


def test_T_70_interest_is_what_is_missing_where_what_had_accrued_is_gone() -> None:
    for before, booked, now in (("12.00", "12.50", "0.50"), ("-3.10", "-4.10", "0")):
        daily = "0.50" if booked > "0" else "-0.50"
        found = cash.explain(Decimal(booked), evidence(accrued=accrued(before, now, daily=daily)), ())
        assert [(row.lane, row.amount) for row in found] == [(Lane.INTEREST, Decimal(booked))]


def test_interest_beside_a_fee_is_what_was_stated_and_the_fee_stays_unexplained() -> None:
    [row] = cash.explain(Decimal("8.00"), evidence(accrued=accrued("12.00", "0.50")), ())
    assert row.amount == Decimal("12.00")


def test_interest_that_goes_on_accruing_is_not_booked() -> None:
    assert cash.explain(Decimal(5), evidence(accrued=accrued("12.00", "13.00")), ()) == []
    assert cash.explain(Decimal(5), evidence(accrued=accrued("0", "0")), ()) == []
    assert cash.explain(Decimal(0), evidence(accrued=accrued("12.00", "0.50")), ()) == []


def test_what_had_accrued_is_read_from_the_last_closes_that_say_it() -> None:
    def close(day: int, interest: str | None) -> Snapshot:
        nothing = Decimal(0)
        return Snapshot(
            account="DU1",
            session=date(2024, 3, day),
            equity=nothing,
            cash=nothing,
            market_value=nothing,
            realised=nothing,
            unrealised=nothing,
            broker_equity=None,
            taken_at=datetime(2024, 3, day, 21, 10, tzinfo=UTC),
            accrued_interest=None if interest is None else Decimal(interest),
        )

    closes = [close(1, "4.00"), close(3, "5.00"), close(4, None)]
    seen = cash.accrued(closes, Decimal("0.50"), NOW)
    assert seen == cash.Accrued(
        before=Decimal(5), daily=Decimal("0.5"), nights=2, now=Decimal("0.50"), since=date(2024, 3, 3)
    )
    alone = cash.accrued(closes[:1], Decimal(1), NOW)
    assert alone is not None
    assert alone.daily is None
    assert cash.accrued(closes, None, NOW) is None
    assert cash.accrued([close(1, None)], Decimal(1), NOW) is None


# ------------------------------------------------------------------ the books


@st.composite
def rows(draw: st.DrawFn) -> list[CashRow]:
    drawn = draw(
        st.lists(
            st.tuples(
                st.integers(-50_000, 50_000), st.sampled_from(list(Lane)), st.sampled_from(list(Whose))
            ),
            max_size=8,
        )
    )
    return [
        replace(a_row(str(Decimal(amount) / 100), lane, whose), row=str(number))
        for number, (amount, lane, whose) in enumerate(drawn)
    ]


@given(history=histories(), booked=rows(), gap=st.integers(-500, 500), mark=st.integers(100, 20_000))
def test_lanes_sum_to_cash_and_the_rest_to_the_brokers(
    history: list[Fill], booked: list[CashRow], gap: int, mark: int
) -> None:
    marks = {conid: (Decimal(mark) / 100, NOW) for conid in (1, 2)}
    rest = accounts.Rest(rows=booked)
    bare = accounts.books(
        "DU1", accounts.counted(history), marks, opening=OPENING, broker=None, as_of=NOW, rest=rest
    )
    assert bare.cash is not None
    broker = stated(bare.cash + gap)
    seen = accounts.books(
        "DU1", accounts.counted(history), marks, opening=OPENING, broker=broker, as_of=NOW, rest=rest
    )
    assert seen.cash == OPENING + seen.lanes.change
    assert seen.unexplained == gap
    one = seen.lanes
    parts = (one.trades, -one.commissions, one.dividends, one.interest, one.fees, one.deposits, one.fx)
    assert OPENING + sum(parts) + gap == broker.cash


@given(history=histories(), booked=rows(), mark=st.integers(100, 20_000), data=st.data())
def test_equity_is_conserved_whatever_moved_and_in_whatever_order(
    history: list[Fill], booked: list[CashRow], mark: int, data: st.DataObject
) -> None:
    """Equity = opening + the desk's profit and dividends + every lane that is no result of the desk."""
    marks = {conid: (Decimal(mark) / 100, NOW) for conid in (1, 2)}
    rest = accounts.Rest(rows=booked)
    seen = accounts.books(
        "DU1", accounts.counted(history), marks, opening=OPENING, broker=None, as_of=NOW, rest=rest
    )
    assert seen.pnl is not None
    beside = [
        row for row in booked if not (row.whose is Whose.DESK and row.lane in (Lane.DIVIDENDS, Lane.TRADES))
    ]
    assert seen.equity == OPENING + seen.pnl + sum(row.amount for row in beside)
    shuffled = accounts.Rest(rows=data.draw(st.permutations(booked)))
    mixed = data.draw(st.permutations(history))
    assert (
        accounts.books(
            "DU1", accounts.counted(mixed), marks, opening=OPENING, broker=None, as_of=NOW, rest=shuffled
        )
        == seen
    )


def test_T_11_the_owners_trades_and_shares_are_in_the_account_and_not_in_the_desks_profit() -> None:
    desk = [a_fill(1, quantity=10, price="100")]
    by_hand = a_fill(2, quantity=5, price="50", conid=2).execution
    held = [
        BrokerPosition(
            account="DU1",
            conid=conid,
            symbol=f"S{conid}",
            quantity=Decimal(quantity),
            average_cost=Decimal(1),
            market_price=None,
        )
        for conid, quantity in ((1, 10), (2, 8))
    ]
    marks = {1: (Decimal(110), NOW), 2: (Decimal(60), NOW)}
    rest = accounts.Rest(external=[by_hand], stated=held)
    seen = accounts.books(
        "DU1", accounts.counted(desk), marks, opening=OPENING, broker=None, as_of=NOW, rest=rest
    )
    assert seen.cash == OPENING - 1001 - 251
    assert seen.owner_value == 8 * 60
    assert seen.equity == OPENING - 1001 - 251 + 1100 + 480
    assert seen.pnl == 99
    assert (seen.desk.trades, seen.lanes.trades) == (Decimal(-1000), Decimal(-1250))
    blind = accounts.books(
        "DU1", accounts.counted(desk), {1: marks[1]}, opening=OPENING, broker=None, as_of=NOW, rest=rest
    )
    assert (blind.equity, blind.owner_value, blind.pnl) == (None, None, Decimal(99))


def test_what_accrues_is_part_of_equity_and_not_of_cash() -> None:
    broker = replace(stated(OPENING), accrued_interest=Decimal("-1.50"), accrued_dividends=Decimal(20))
    seen = accounts.books("DU1", accounts.counted([]), {}, opening=OPENING, broker=broker, as_of=NOW)
    assert (seen.cash, seen.accrued, seen.equity) == (OPENING, Decimal("18.50"), OPENING + Decimal("18.50"))
    assert (
        accounts.books(
            "DU1", accounts.counted([]), {}, opening=OPENING, broker=stated(OPENING), as_of=NOW
        ).accrued
        is None
    )


def test_a_commission_that_is_on_its_way_is_waited_for_one_day() -> None:
    fill = a_fill(1, commission=None)
    at = fill.execution.executed_at
    assert not cash.settled([fill], at + timedelta(hours=23))
    assert cash.settled([fill], at + timedelta(hours=25))
    assert cash.settled([a_fill(1)], at)


def test_the_tolerance_is_one_dollar_or_a_ten_thousandth_of_equity() -> None:
    assert cash.tolerance(None) == cash.tolerance(Decimal(5_000)) == 1
    assert cash.tolerance(Decimal(100_000)) == 10
