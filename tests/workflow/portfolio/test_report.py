"""What a person reads: lots, curves, groups, and the broker's realised profit beside ours with reasons."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from glassdesk.workflow.order_tracking.model import Fill
from glassdesk.workflow.orders.model import Side
from glassdesk.workflow.portfolio import accounts, report
from glassdesk.workflow.portfolio.model import Snapshot
from glassdesk.workflow.portfolio.statistics import statistics
from glassdesk.workflow.positions.model import BrokerPosition
from tests.workflow.positions.test_derive import a_fill, histories

NOW = datetime(2024, 3, 5, 21, 0, tzinfo=UTC)
OPENING = Decimal(100_000)


def a_close(day: int, equity: str, *, deposits: str = "0", pnl: str = "0") -> Snapshot:
    return Snapshot(
        account="DU1",
        session=date(2024, 3, day),
        equity=Decimal(equity),
        cash=Decimal(equity),
        market_value=Decimal(0),
        realised=Decimal(pnl),
        unrealised=Decimal(0),
        broker_equity=None,
        taken_at=datetime(2024, 3, day, 21, 10, tzinfo=UTC),
        deposits=Decimal(deposits),
        dividends=Decimal(1),
    )


@given(history=histories(), mark=st.integers(100, 20_000), data=st.data())
def test_lots_add_up_to_the_books_in_any_order_of_executions(
    history: list[Fill], mark: int, data: st.DataObject
) -> None:
    marks = {conid: (Decimal(mark) / 100, NOW) for conid in (1, 2)}
    books = accounts.books("DU1", accounts.counted(history), marks, opening=OPENING, broker=None, as_of=NOW)
    found = report.open_lots(data.draw(st.permutations(history)), marks)
    assert found == report.open_lots(history, marks)
    assert sum((lot.unrealised or 0 for lot in found), Decimal(0)) == books.unrealised


def test_every_lot_leads_to_its_order_and_run_and_a_missing_mark_stays_missing() -> None:
    [lot] = report.open_lots([a_fill(3)], {})
    assert (lot.order, lot.run, lot.mark, lot.unrealised) == ("order-3", "run-3", None, None)
    [group] = report.groups({}, {"morning": [lot]}, statistics([]))
    assert (group.name, group.statistics.trades, group.unrealised) == ("morning", 0, None)


def test_T_71_fifo_and_average_cost_differ_and_the_reasons_add_up_to_the_difference() -> None:
    fills = [
        a_fill(1, quantity=10, price="100"),
        a_fill(2, quantity=10, price="120"),
        a_fill(3, Side.SELL, 10, "130"),
    ]
    by_hand = [
        a_fill(4, quantity=5, price="10", conid=7).execution,
        a_fill(5, Side.SELL, 5, "12", conid=7).execution,
    ]
    # ours: 10 × 30 − 2 commissions; the broker: 10 × 20 − 2, and 10 − 2 of the owner's
    seen = report.realised(fills, by_hand, (), ours=Decimal(298), broker=Decimal("206.01"))
    assert [reason.amount for reason in seen.reasons] == [-100, 8, Decimal("0.01")]
    assert seen.broker == seen.ours + sum(reason.amount for reason in seen.reasons)


def test_T_11_what_the_owner_had_before_lends_its_cost_to_the_brokers_figure() -> None:
    held = BrokerPosition(
        account="DU1",
        conid=1,
        symbol="S1",
        quantity=Decimal(10),
        average_cost=Decimal(90),
        market_price=None,
    )
    sold = a_fill(1, Side.SELL, 10, "100").execution
    assert report.at_average_cost([sold], [held]) == 99
    silent = report.realised([], [sold], [held], ours=Decimal(0), broker=None)
    assert (silent.broker, silent.reasons) == (None, ())


@given(history=histories())
def test_at_average_cost_nothing_is_lost_once_everything_is_sold(history: list[Fill]) -> None:
    held: dict[int, Decimal] = {}
    executions = [fill.execution for fill in history]
    for one in executions:
        held[one.conid] = held.get(one.conid, Decimal(0)) + (
            one.quantity if one.side is Side.BUY else -one.quantity
        )
    out = [
        a_fill(900 + conid, Side.SELL, int(quantity), "50", conid=conid).execution
        for conid, quantity in held.items()
        if quantity
    ]
    cash = sum(
        (
            (one.quantity if one.side is Side.SELL else -one.quantity) * one.price
            - (one.commission or Decimal(0))
            for one in [*executions, *out]
        ),
        Decimal(0),
    )
    assert abs(report.at_average_cost([*executions, *out], ()) - cash) < Decimal("1E-15")


def test_T_70_both_curves_stand_side_by_side_and_only_the_accounts_knows_deposits() -> None:
    closes = [a_close(1, "100"), a_close(4, "160", deposits="50", pnl="9"), a_close(5, "150", deposits="50")]
    days = report.days(closes, Decimal(100), Decimal(1000))
    assert [day.flow for day in days] == [0, 50, 0]
    assert [day.daily_return for day in days] == [0, Decimal("0.1"), Decimal("-0.0625")]
    assert [day.desk_equity for day in days] == [1001, 1010, 1001]
    assert days[2].drawdown == Decimal("0.0625")
    assert days[2].desk_drawdown == Decimal("0.00891089")
    assert report.days(closes, None, Decimal(1000)) == ()
    assert [day.desk_equity for day in report.days(closes, Decimal(100), None)] == [None, None, None]
