"""Each number of the books is the sum of its parts, to the last digit; each part names where it is from."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from glassdesk.workflow.order_tracking.model import Fill
from glassdesk.workflow.portfolio import accounts
from glassdesk.workflow.portfolio.explaining import Explained, Ground, explain
from glassdesk.workflow.portfolio.model import BrokerBalances, CashRow, Lane, Whose
from tests.workflow.positions.test_derive import a_fill, histories

NOW = datetime(2024, 3, 5, 21, 0, tzinfo=UTC)
BROKER = BrokerBalances(
    account="DU1",
    net_liquidation=Decimal(100_010),
    cash=Decimal(99_000),
    settled_cash=None,
    available_funds=None,
    currency="USD",
    accrued_interest=Decimal("1.25"),
)
amounts = st.decimals(min_value=-500, max_value=500, places=2)


def a_row(number: int, lane: Lane, whose: Whose, amount: Decimal) -> CashRow:
    return CashRow(
        account="DU1",
        row=str(number),
        lane=lane,
        whose=whose,
        amount=amount,
        day=date(2024, 3, 5),
        conid=None,
        evidence=f"evidence {number}",
        booked_at=NOW,
    )


def explained(history: list[Fill], rows: list[CashRow], marks: accounts.Marks) -> dict[str, Explained]:
    half = len(history) // 3
    fills, external = history[half:], [fill.execution for fill in history[:half]]
    rest = accounts.Rest(rows=rows, external=external)
    books = accounts.books(
        "DU1",
        accounts.counted(fills),
        marks,
        opening=Decimal(100_000),
        broker=BROKER,
        as_of=NOW,
        rest=rest,
    )
    ground = Ground(fills=fills, held=fills, external=external, rows=rows, marks=marks)
    return {one.name: one for one in explain(books, ground)}


rows_of = st.lists(st.tuples(st.sampled_from(Lane), st.sampled_from(Whose), amounts), max_size=6)


@given(history=histories(), told=rows_of, mark=st.integers(100, 20_000))
def test_the_parts_of_every_number_add_up_to_it(
    history: list[Fill], told: list[tuple[Lane, Whose, Decimal]], mark: int
) -> None:
    rows = [a_row(number, *one) for number, one in enumerate(told)]
    found = explained(history, rows, {conid: (Decimal(mark) / 100, NOW) for conid in (1, 2)})
    assert len(found) == 12
    for one in found.values():
        assert one.value == sum((part.amount or 0 for part in one.parts), Decimal(0)), one.name


@given(history=histories())
def test_a_number_is_missing_where_a_part_is(history: list[Fill]) -> None:
    for one in explained(history, [], {}).values():
        assert (one.value is None) == any(part.amount is None for part in one.parts), one.name


def test_every_fill_and_mark_leads_to_its_lineage() -> None:
    found = explained([a_fill(3)], [], {1: (Decimal(101), NOW)})
    bought = a_fill(3).execution
    ref = f"execution:{bought.execution}.{bought.revision:02d}"
    assert {part.ref for part in found["cash"].parts[1:]} == {ref}
    [held] = found["market value"].parts
    assert (held.ref, held.at) == ("order:order-3", NOW)


def test_a_fee_that_belongs_to_no_execution_stands_with_its_evidence() -> None:
    found = explained([], [a_row(1, Lane.FEES, Whose.OWNER, Decimal("-4.50"))], {})
    assert found["fees"].value == Decimal("-4.50")
    [part] = found["fees"].parts
    assert part.what == "owner's fees: evidence 1"
    assert found["cash"].value == Decimal("99995.50")
