"""Positions come from executions alone, in whatever order they came; breaks are named, never repaired."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from glassdesk.workflow.order_tracking.fold import effective
from glassdesk.workflow.order_tracking.model import Execution, Fill
from glassdesk.workflow.orders.model import Role, Side
from glassdesk.workflow.portfolio import lots
from glassdesk.workflow.positions import breaks, derive
from glassdesk.workflow.positions.model import BrokerPosition, Position

NOW = datetime(2024, 3, 5, 14, 35, tzinfo=UTC)


def a_fill(
    number: int,
    side: Side = Side.BUY,
    quantity: int = 10,
    price: str = "100",
    *,
    conid: int = 1,
    strategy: str = "morning",
    commission: str | None = "1",
) -> Fill:
    execution = Execution(
        execution=f"e{number}",
        revision=1,
        order_ref=None,
        broker_order_id="1",
        account="DU1",
        conid=conid,
        symbol=f"S{conid}",
        side=side,
        quantity=Decimal(quantity),
        price=Decimal(price),
        commission=Decimal(commission) if commission is not None else None,
        executed_at=NOW + timedelta(seconds=number),
    )
    role = Role.ENTRY if side is Side.BUY else Role.TARGET
    return Fill(
        execution=execution, order=f"order-{number}", run=f"run-{number}", strategy=strategy, role=role
    )


@st.composite
def histories(draw: st.DrawFn) -> list[Fill]:
    """Fills that never sell what is not held."""
    fills, held = list[Fill](), dict[tuple[str, int], int]()
    for number in range(draw(st.integers(0, 10))):
        key = (draw(st.sampled_from(["morning", "evening"])), draw(st.integers(1, 2)))
        has = held.get(key, 0)
        sells = has > 0 and draw(st.booleans())
        quantity = draw(st.integers(1, has)) if sells else draw(st.integers(1, 20))
        held[key] = has + (-quantity if sells else quantity)
        price = str(Decimal(draw(st.integers(100, 20_000))) / 100)
        side = Side.SELL if sells else Side.BUY
        fills.append(a_fill(number, side, quantity, price, strategy=key[0], conid=key[1]))
    return fills


@given(history=histories(), data=st.data())
def test_the_same_fills_in_any_order_give_the_same_positions(
    history: list[Fill], data: st.DataObject
) -> None:
    found = derive.positions(history)
    assert found == derive.positions(data.draw(st.permutations(history)))
    for position in found:
        mine = [
            derive.signed(f.execution)
            for f in history
            if (f.strategy, f.execution.conid) == (position.strategy, position.conid)
        ]
        assert position.quantity == sum(mine) > 0


@st.composite
def revised(draw: st.DrawFn) -> tuple[list[Execution], list[Fill]]:
    """Every revision of the executions of one history, and the fills that stand in the end: with the last
    price and quantity of each, at the instant of its trade."""
    told, stands = list[Execution](), list[Fill]()
    for fill in draw(histories()):
        last = fill.execution
        told.append(last)
        for revision in range(2, 2 + draw(st.integers(0, 2))):
            changed = draw(st.integers(0, int(fill.execution.quantity)))
            cents = draw(st.integers(1, 20_000))
            last = replace(
                last,
                revision=revision,
                quantity=Decimal(changed),
                price=Decimal(cents) / 100,
                executed_at=NOW + timedelta(hours=draw(st.integers(1, 9))),
            )
            told.append(last)
        stands.append(replace(fill, execution=replace(last, executed_at=fill.execution.executed_at)))
    return told, stands


@given(told=revised(), data=st.data())
def test_any_order_and_duplication_of_executions_revisions_and_busts_gives_the_same_position(
    told: tuple[list[Execution], list[Fill]], data: st.DataObject
) -> None:
    executions, stands = told
    whose = {fill.execution.execution: fill for fill in stands}
    again = data.draw(st.lists(st.sampled_from(executions), max_size=10)) if executions else []
    arrived = data.draw(st.permutations([*executions, *again]))
    fills = [replace(whose[one.execution], execution=one) for one in effective(arrived)]
    found = derive.positions(fills)
    assert found == derive.positions(stands)
    assert lots.match(fills) == lots.match(stands)
    # Busts never divide by nothing, and every share of a trade counts once.
    closed = lots.trades(lots.match(fills).matches, {})
    assert all(trade.quantity > 0 for trade in closed)
    held = sum((position.quantity for position in found), Decimal(0))
    assert held == sum((derive.signed(fill.execution) for fill in stands), Decimal(0))


def test_a_purchase_corrected_after_its_sale_is_still_what_was_sold() -> None:
    bought, sold = a_fill(1, price="100"), a_fill(2, Side.SELL, 10, "110")
    fixed = replace(bought.execution, revision=2, price=Decimal(99), executed_at=NOW + timedelta(hours=2))
    stands = effective([fixed, bought.execution, sold.execution])
    ledger = lots.match(replace(bought if one.side is Side.BUY else sold, execution=one) for one in stands)
    assert ledger.oversold == ()
    [trade] = lots.trades(ledger.matches, {})
    assert trade.gross == Decimal(110)


def test_the_average_is_of_the_lots_still_open() -> None:
    fills = [a_fill(1, price="100"), a_fill(2, price="110"), a_fill(3, Side.SELL, 10, "120")]
    [position] = derive.positions(fills)
    assert (position.quantity, position.average_price) == (Decimal(10), Decimal(110))
    assert position.opened_by_run == "run-1"


def test_a_holding_begins_anew_after_it_was_flat() -> None:
    [position] = derive.positions([a_fill(1), a_fill(2, Side.SELL), a_fill(3, price="90")])
    assert (position.opened_by_run, position.average_price) == ("run-3", Decimal(90))
    assert derive.positions([a_fill(1), a_fill(2, Side.SELL)]) == []


def test_of_one_instant_purchases_come_first() -> None:
    sold, bought = a_fill(1, Side.SELL, price="120"), a_fill(2, price="110")
    at_once = replace(sold, execution=replace(sold.execution, executed_at=bought.execution.executed_at))
    assert derive.positions([at_once, bought]) == []
    [left] = derive.positions([at_once, bought, a_fill(3, price="90")])
    assert (left.quantity, left.average_price) == (Decimal(10), Decimal(90))


def stated(conid: int, quantity: int) -> BrokerPosition:
    return BrokerPosition(
        account="DU1",
        conid=conid,
        symbol=f"S{conid}",
        quantity=Decimal(quantity),
        average_cost=Decimal(100),
        market_price=None,
    )


def found_breaks(
    broker: list[BrokerPosition], held: list[Position], external: list[Execution]
) -> list[tuple[int, Decimal, str]]:
    derived = breaks.expected(held, {3: Decimal(5)})
    found = breaks.find(broker, derived, external, account="DU1", symbols={}, found_at=NOW)
    return [(one.conid, one.difference, one.cause) for one in found]


def test_a_break_names_the_executions_that_are_not_ours() -> None:
    held = derive.positions([a_fill(1), a_fill(2, conid=2)])
    hand = a_fill(9, quantity=3).execution
    broker = [stated(1, 13), stated(3, 5)]
    assert found_breaks(broker, held, [hand]) == [
        (1, Decimal(3), "executions not ours: e9"),
        (2, Decimal(-10), breaks.UNEXPLAINED),
    ]
    part = [stated(1, 14), stated(2, 10), stated(3, 5)]
    assert found_breaks(part, held, [hand]) == [
        (1, Decimal(4), "executions not ours: e9; they do not explain all of it")
    ]
    assert found_breaks([stated(1, 10), stated(2, 10), stated(3, 5)], held, []) == []
