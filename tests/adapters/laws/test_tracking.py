"""Laws of the ledger and the facts: everything the broker said is kept, the highest revision counts."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from glassdesk.adapters.database import Stores
from glassdesk.kernel.errors import IntegrityViolation
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.order_tracking.fold import effective
from glassdesk.workflow.order_tracking.model import Execution, Fact, Fill, OrderRow
from glassdesk.workflow.orders.model import Role, Side
from tests.adapters.laws.makers import AAPL, ACCOUNT, MSFT, NOON, a_run, an_execution, store_order, write


def a_strangers_row(number: str) -> OrderRow:
    """An order that the desk did not place."""
    return OrderRow(
        broker_order_id=number,
        order_ref=None,
        parent_id=None,
        account=ACCOUNT,
        conid=AAPL,
        side=Side.SELL,
        status="Submitted",
        order_type="LMT",
        price=Decimal("210.5"),
        tif="GTC",
        total=Decimal(10),
        filled=Decimal(0),
        remaining=Decimal(10),
        average_price=None,
        symbol="AAPL",
    )


def add(stores: Stores, execution: Execution, order: str | None = None) -> bool:
    return write(stores, lambda t: stores.tracking.add_execution(t, execution, order=order, seen_at=NOON))


def test_an_execution_is_counted_once(stores: Stores) -> None:
    order = store_order(stores, a_run())
    assert add(stores, an_execution(), order.order)
    assert not add(stores, an_execution(), order.order)
    with stores.transactions.read() as t:
        assert stores.tracking.executions(t) == [an_execution()]
        assert stores.tracking.execution_order(t, ACCOUNT, an_execution().execution) == order.order


def test_news_are_what_adding_would_learn_from(stores: Stores) -> None:
    order = store_order(stores, a_run())
    bare, whole = an_execution(), an_execution(commission=Decimal("1.05"))

    def news(*told: Execution) -> list[Execution]:
        with stores.transactions.read() as t:
            return list(stores.tracking.news(t, told))

    assert news() == []
    assert news(bare) == [bare]
    # Whose it is may still turn out, and its commission may still come.
    add(stores, bare)
    assert news(bare) == [bare]
    add(stores, bare, order.order)
    assert news(bare) == []
    assert news(bare, whole) == [whole]
    add(stores, whole, order.order)
    assert news(bare, whole) == []
    corrected = replace(bare, revision=2)
    assert news(bare, corrected, replace(bare, account="DU2")) == [corrected, replace(bare, account="DU2")]


def test_a_missing_commission_is_added_once_and_never_changed(stores: Stores) -> None:
    add(stores, an_execution())
    assert add(stores, an_execution(commission=Decimal("1.05")))
    assert not add(stores, an_execution(commission=Decimal("1.05")))
    assert not add(stores, an_execution(commission=Decimal("9.99")))
    with stores.transactions.read() as t:
        assert [found.commission for found in stores.tracking.executions(t)] == [Decimal("1.05")]


def test_a_commission_that_came_at_once_stays(stores: Stores) -> None:
    add(stores, an_execution(commission=Decimal("0.35")))
    assert not add(stores, an_execution(commission=Decimal("1.05")))
    with stores.transactions.read() as t:
        assert [found.commission for found in stores.tracking.executions(t)] == [Decimal("0.35")]


def test_the_highest_revision_is_the_effective_one(stores: Stores) -> None:
    order = store_order(stores, a_run())
    corrected = replace(an_execution(revision=2), quantity=Decimal(4), commission=Decimal("1.00"))
    add(stores, corrected, order.order)
    add(stores, an_execution(), order.order)
    with stores.transactions.read() as t:
        assert stores.tracking.executions(t, order=order.order) == [corrected]


def test_a_correction_stands_at_the_instant_of_its_trade_in_any_order_of_arrival(stores: Stores) -> None:
    order = store_order(stores, a_run())
    fixed = replace(an_execution(revision=2), quantity=Decimal(0), executed_at=NOON + timedelta(hours=3))
    add(stores, fixed, order.order)
    add(stores, an_execution(2), order.order)
    add(stores, an_execution(), order.order)
    with stores.transactions.read() as t:
        found, told = stores.tracking.executions(t), stores.tracking.revisions(t, order.order)
        fills = stores.tracking.fills(t, ACCOUNT)
    stands = replace(fixed, executed_at=an_execution().executed_at)
    assert found == [stands, an_execution(2)] == effective(told) == [fill.execution for fill in fills]


def test_executions_come_oldest_first_and_can_be_narrowed(stores: Stores) -> None:
    other = replace(an_execution(2), conid=MSFT)
    for execution in (an_execution(3), an_execution(1), other):
        add(stores, execution)
    with stores.transactions.read() as t:
        assert stores.tracking.executions(t) == [an_execution(1), other, an_execution(3)]
        assert stores.tracking.executions(t, conid=MSFT) == [other]
        assert stores.tracking.external_executions(t, conid=MSFT) == [other]


def test_T_31_an_execution_may_turn_out_to_be_ours_later(stores: Stores) -> None:
    """A child's broker id can be learnt after its fill was read."""
    order = store_order(stores, a_run())
    add(stores, an_execution())
    with stores.transactions.read() as t:
        assert stores.tracking.external_executions(t) == (an_execution(),)
        assert stores.tracking.fills(t, ACCOUNT) == ()
    assert add(stores, an_execution(), order.order)
    assert not add(stores, an_execution(), order.order)
    with stores.transactions.read() as t:
        assert stores.tracking.external_executions(t) == ()
        assert stores.tracking.executions(t, order=order.order) == [an_execution()]


def test_a_fill_says_what_its_order_was_for(stores: Stores) -> None:
    order = store_order(stores, a_run())
    add(stores, an_execution(commission=Decimal(1)), order.order)
    add(stores, an_execution(2))
    with stores.transactions.read() as t:
        assert stores.tracking.fills(t, ACCOUNT, conid=order.conid) == (
            Fill(
                execution=an_execution(commission=Decimal(1)),
                order=order.order,
                run=order.run,
                strategy="morning",
                role=Role.ENTRY,
            ),
        )
        assert stores.tracking.fills(t, "another") == ()
        assert stores.tracking.fills(t, ACCOUNT, conid=MSFT) == ()


def test_what_a_unit_saw_that_was_undone_is_seen_by_nobody_after_it(stores: Stores) -> None:
    """Fills are kept between readings: of two units that add one execution each, one is undone."""
    order = store_order(stores, a_run())
    with stores.transactions.read() as t:
        assert stores.tracking.fills(t, ACCOUNT) == ()

    def undone(t: Transaction) -> None:
        stores.tracking.add_execution(t, an_execution(1), order=order.order, seen_at=NOON)
        assert [fill.execution for fill in stores.tracking.fills(t, ACCOUNT)] == [an_execution(1)]
        raise ValueError("undone")

    with pytest.raises(ValueError, match="undone"):
        write(stores, undone)
    add(stores, an_execution(2), order.order)
    with stores.transactions.read() as t:
        first = stores.tracking.fills(t, ACCOUNT)
        assert [fill.execution for fill in first] == [an_execution(2)]
        assert stores.tracking.fills(t, ACCOUNT) is first
    add(stores, an_execution(2, commission=Decimal(1)), order.order)
    with stores.transactions.read() as t:
        assert [fill.execution.commission for fill in stores.tracking.fills(t, ACCOUNT)] == [Decimal(1)]


def test_an_execution_of_an_order_that_is_not_stored_is_refused(stores: Stores) -> None:
    with pytest.raises(IntegrityViolation):
        add(stores, an_execution(), "nobody")


def test_facts_keep_their_order_of_arrival(stores: Stores) -> None:
    order = store_order(stores, a_run())
    facts = [
        Fact(
            order=order.order,
            kind="list",
            status=status,
            filled=Decimal(0),
            remaining=Decimal(5),
            epoch=1,
            observed_at=NOON,
        )
        for status in ("Submitted", "PreSubmitted", "Submitted")
    ]
    with stores.transactions.begin() as t:
        for fact in facts:
            stores.tracking.add_fact(t, fact)
    with stores.transactions.read() as t:
        assert stores.tracking.facts(t, order.order) == facts
    with pytest.raises(IntegrityViolation):
        write(stores, lambda t: stores.tracking.add_fact(t, replace(facts[0], order="nobody")))


def test_a_sighting_is_the_last_instant_only(stores: Stores) -> None:
    one, two = store_order(stores, a_run()), store_order(stores, a_run(conid=MSFT))
    write(stores, lambda t: stores.tracking.sighted(t, [one.order, two.order], seen_at=NOON))
    write(stores, lambda t: stores.tracking.sighted(t, [one.order], seen_at=NOON + timedelta(seconds=30)))
    write(stores, lambda t: stores.tracking.sighted(t, [], seen_at=NOON + timedelta(hours=1)))
    with stores.transactions.read() as t:
        assert stores.tracking.sighting(t, one.order) == NOON + timedelta(seconds=30)
        assert stores.tracking.sighting(t, two.order) == NOON
        assert stores.tracking.sighting(t, "unheard of") is None


def test_T_11_working_orders_of_the_owner_are_replaced_whole_and_keep_their_age(stores: Stores) -> None:
    later = NOON + timedelta(minutes=1)
    one = a_strangers_row("11")
    other = replace(one, broker_order_id="12", price=None, symbol="MSFT", conid=MSFT, order_ref="mine")
    filled = replace(one, filled=Decimal(3), remaining=Decimal(7), average_price=Decimal("99.5"))

    def put(at: datetime, *rows: OrderRow) -> list[tuple[OrderRow, datetime]]:
        write(stores, lambda t: stores.tracking.put_owner_orders(t, ACCOUNT, rows, seen_at=at))
        with stores.transactions.read() as t:
            assert stores.tracking.owner_orders(t, "another") == []
            return list(stores.tracking.owner_orders(t, ACCOUNT))

    assert put(NOON, one, other) == sorted([(one, NOON), (other, NOON)], key=lambda kept: kept[0].conid)
    assert set(put(later, other, one)) == {(one, NOON), (other, NOON)}
    assert set(put(later, filled, other)) == {(filled, later), (other, NOON)}
    assert put(later) == []
