"""Lots, trades, R and the books: sums that must come out to the last unit."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from glassdesk.workflow.order_tracking.model import Fill
from glassdesk.workflow.orders.model import Side
from glassdesk.workflow.portfolio import accounts, lots
from tests.workflow.positions.test_derive import a_fill, histories

NOW = datetime(2024, 3, 5, 21, 0, tzinfo=UTC)
CASH = Decimal(100_000)


@given(history=histories(), mark=st.integers(100, 20_000), data=st.data())
def test_equity_is_opening_cash_plus_realised_plus_unrealised_in_any_order(
    history: list[Fill], mark: int, data: st.DataObject
) -> None:
    marks = {conid: (Decimal(mark) / 100, NOW) for conid in (1, 2)}
    books = accounts.books("DU1", accounts.counted(history), marks, opening=CASH, broker=None, as_of=NOW)
    assert books.equity is not None
    assert books.unrealised is not None
    assert books.market_value is not None
    assert books.cash is not None
    assert books.equity == books.cash + books.market_value == CASH + books.realised + books.unrealised
    shuffled = data.draw(st.permutations(history))
    assert (
        accounts.books("DU1", accounts.counted(shuffled), marks, opening=CASH, broker=None, as_of=NOW)
        == books
    )


@given(history=histories())
def test_commissions_are_divided_without_loss(history: list[Fill]) -> None:
    ledger = lots.match(history)
    divided = sum((lots.commissions(one) for one in ledger.matches), Decimal(0))
    still_open = sum((part.commission for part in ledger.open), Decimal(0))
    assert divided + still_open == len(history)
    assert ledger.oversold == ()


def test_T_71_a_sale_closes_the_oldest_purchase_first() -> None:
    fills = [
        a_fill(1, price="100"),
        a_fill(2, price="110"),
        a_fill(3, Side.SELL, 15, "120", commission="1.50"),
    ]
    first, second = lots.trades(lots.match(fills).matches, {"order-1": Decimal(95)})
    assert (first.quantity, first.gross, first.commissions, first.net) == (
        Decimal(10),
        Decimal(200),
        Decimal("2.00"),
        Decimal("198.00"),
    )
    # T-72: 198 ÷ ((100 − 95) × 10)
    assert first.r_multiple == Decimal("3.96")
    assert (second.quantity, second.gross, second.commissions) == (Decimal(5), Decimal(50), Decimal("1.00"))
    assert second.r_multiple is None


def test_T_72_a_gap_through_the_stop_is_worse_than_minus_one() -> None:
    assert lots.r_multiple(Decimal(-80), Decimal(100), Decimal(95), Decimal(10)) == Decimal("-1.6")
    assert lots.r_multiple(Decimal(-80), Decimal(100), Decimal(100), Decimal(10)) is None


def test_a_missing_mark_or_opening_leaves_equity_unknown_not_wrong() -> None:
    fills = [a_fill(1)]
    without_mark = accounts.books("DU1", accounts.counted(fills), {}, opening=CASH, broker=None, as_of=NOW)
    assert (without_mark.equity, without_mark.unrealised) == (None, None)
    assert without_mark.cash == CASH - 1001
    without_cash = accounts.books("DU1", accounts.counted([]), {}, opening=None, broker=None, as_of=NOW)
    assert (without_cash.cash, without_cash.equity) == (None, None)


def test_shares_sold_that_were_never_bought_are_set_aside() -> None:
    ledger = lots.match([a_fill(1, quantity=5), a_fill(2, Side.SELL, 8)])
    assert [part.quantity for part in ledger.oversold] == [Decimal(3)]
