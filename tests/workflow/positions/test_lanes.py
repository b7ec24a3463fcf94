"""T-16, T-35, T-37: shares change lanes on a person's word alone; none is lost, nor what it cost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from glassdesk.adapters.clocks.manual import ManualClock
from glassdesk.adapters.database import Stores, open_database
from glassdesk.kernel.errors import Conflict
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.lineage.audit import Audit
from glassdesk.workflow.order_tracking.model import Fill
from glassdesk.workflow.orders.model import OrderState, Role, Side
from glassdesk.workflow.positions import adjustments, derive, splits
from glassdesk.workflow.positions.adjustments import OWNER_LANE
from glassdesk.workflow.positions.lanes import Lanes, Said
from glassdesk.workflow.positions.model import Adjustment, AdjustmentKind, Break
from tests.workflow.positions.test_derive import NOW, a_fill, stated
from tests.workflow.positions.test_protection import POSITION, a_stop

LATER = NOW + timedelta(hours=1)
SAID = Said(actor="owner", at=LATER, reason="because")
Shares = tuple[str, AdjustmentKind, Decimal, Decimal | None, bool, str | None]


@dataclass(slots=True)
class World:
    stores: Stores
    lanes: Lanes

    def rows(self, deed: Callable[[Transaction], None]) -> list[Adjustment]:
        with self.stores.transactions.begin() as t:
            deed(t)
            return list(self.stores.positions.adjustments(t, "DU1"))

    def audited(self) -> list[tuple[str, str, str]]:
        with self.stores.transactions.read() as t:
            return [(one.actor, one.kind, one.ref) for one in self.stores.audit.entries(t)]


def a_world() -> World:
    stores = open_database("memory:")
    audit = Audit(stores.audit, ManualClock(datetime(2024, 3, 5, 16, tzinfo=UTC)))
    return World(stores=stores, lanes=Lanes(stores.positions, audit))


def a_break(broker: int, derived: int, **changes: object) -> Break:
    plain: dict[str, object] = {
        "account": "DU1",
        "conid": 1,
        "symbol": "AAPL",
        "broker_quantity": Decimal(broker),
        "derived_quantity": Decimal(derived),
        "opened_at": NOW,
    }
    return Break(**{**plain, **changes})  # type: ignore[arg-type]  # the fields' own types, by name


def shares(rows: list[Adjustment]) -> set[Shares]:
    return {(r.lane, r.kind, r.quantity, r.price, r.cash, r.order) for r in rows}


def after(fills: list[Fill], rows: list[Adjustment]) -> list[tuple[str, Decimal, Decimal]]:
    """What strategies hold, and what it cost."""
    held = derive.positions(adjustments.applied(fills, rows))
    return [(one.strategy, one.quantity, one.average_price) for one in held]


def test_T_16_what_is_released_is_the_owners_with_its_orders() -> None:
    world, price = a_world(), Decimal(101)
    stop = a_stop(OrderState.WORKING)
    rows = world.rows(lambda t: world.lanes.release(t, POSITION, [stop], price, SAID))
    assert shares(rows) == {
        ("morning", AdjustmentKind.RELEASE, Decimal(-10), price, False, None),
        (OWNER_LANE, AdjustmentKind.RELEASE, Decimal(10), price, False, None),
        (OWNER_LANE, AdjustmentKind.RELEASE, Decimal(0), None, False, "stop"),
    }
    assert {(one.at, one.actor, one.reason) for one in rows} == {(LATER, "owner", "because")}
    assert world.audited() == [("owner", "position.released", "conid:1")]
    assert after([a_fill(1)], rows) == []
    assert adjustments.owners([], [a_fill(1)], rows) == {1: Decimal(10)}
    assert adjustments.released(rows) == {"stop": LATER}


@pytest.mark.parametrize(("held", "went", "refused"), [(10, 4, False), (10, 10, False), (10, 11, True)])
def test_T_35_a_strategy_adopts_what_went_no_more_than_it_holds(held: int, went: int, refused: bool) -> None:
    world, found = a_world(), a_break(held - went, held)
    if refused:
        with pytest.raises(Conflict, match=f"morning holds {held} AAPL, and {went} went"):
            world.rows(lambda t: _adopt(world, t, found, held))
        assert world.audited() == []
        return
    rows = world.rows(lambda t: _adopt(world, t, found, held))
    assert shares(rows) == {("morning", AdjustmentKind.ADOPT, Decimal(-went), Decimal(120), True, None)}
    assert sum((quantity for _, quantity, _ in after([a_fill(1)], rows)), Decimal(0)) == held - went


def _adopt(world: World, t: Transaction, found: Break, held: int) -> None:
    world.lanes.adopt(t, found, "morning", Decimal(held), Decimal(120), SAID, cash=True)


def test_T_35_what_came_is_adopted_at_its_price() -> None:
    world = a_world()
    rows = world.rows(lambda t: _adopt(world, t, a_break(20, 10), 10))
    assert after([a_fill(1)], rows) == [("morning", Decimal(20), Decimal(110))]


@pytest.mark.parametrize(
    ("owners", "difference", "refused"), [(5, -5, False), (5, -6, True), (0, -1, True), (0, 3, False)]
)
def test_T_35_what_went_is_the_owners_where_his_lane_had_it(
    owners: int, difference: int, refused: bool
) -> None:
    world, found = a_world(), a_break(10 + difference, 10)

    def deed(t: Transaction) -> None:
        world.lanes.owner(t, found, Decimal(owners), SAID)

    if refused:
        with pytest.raises(Conflict, match=f"lane has {owners} AAPL, and {-difference} went"):
            world.rows(deed)
        return
    rows = world.rows(deed)
    assert shares(rows) == {(OWNER_LANE, AdjustmentKind.OWNER, Decimal(difference), None, False, None)}
    before = [replace(stated(1, owners), account="DU1")]
    assert adjustments.owners(before, [], rows) == {1: Decimal(owners + difference)}
    assert world.audited() == [("owner", "break.acknowledged", "conid:1")]


def test_T_35_shares_of_the_owner_become_a_strategys() -> None:
    world = a_world()
    his = replace(POSITION, strategy=OWNER_LANE)
    rows = world.rows(lambda t: world.lanes.take_over(t, his, "evening", Decimal(99), SAID))
    assert after([], rows) == [("evening", Decimal(10), Decimal(99))]
    assert adjustments.owners([stated(1, 10)], [], rows) == {1: Decimal(0)}
    assert world.audited() == [("owner", "position.adopted", "conid:1")]


@pytest.mark.parametrize(("new", "old", "lane", "owners"), [(2, 1, 10, 6), (3, 2, 5, 3), (1, 2, -5, -3)])
def test_T_37_a_split_multiplies_every_lane_and_divides_its_price(
    new: int, old: int, lane: int, owners: int
) -> None:
    world = a_world()
    found = a_break(16 * new // old, 16, split_new=new, split_old=old)
    rows = world.rows(lambda t: world.lanes.split(t, found, [POSITION], Decimal(6), SAID))
    assert shares(rows) == {
        ("morning", AdjustmentKind.SPLIT, Decimal(lane), None, False, None),
        (OWNER_LANE, AdjustmentKind.SPLIT, Decimal(owners), None, False, None),
    }
    [(_, quantity, price)] = after([a_fill(1, price="120")], rows)
    assert (quantity, price) == (Decimal(10) * new / old, Decimal(120) * old / new)
    assert adjustments.owners([stated(1, 6)], [], rows) == {1: Decimal(6) * new / old}


def test_T_37_a_contract_without_shares_of_the_owner_splits_in_one_lane() -> None:
    world, found = a_world(), a_break(20, 10, split_new=2)
    [row] = world.rows(lambda t: world.lanes.split(t, found, [POSITION], Decimal(0), SAID))
    assert (row.lane, row.split_new, row.split_old) == ("morning", 2, 1)


def test_T_37_only_what_was_there_before_the_split_is_multiplied() -> None:
    split = replace(_row(quantity=Decimal(10)), kind=AdjustmentKind.SPLIT, split_new=2, at=LATER)
    early, late = a_fill(1), a_fill(7200, price="50")
    at_once = replace(early, execution=replace(early.execution, execution="e3", executed_at=LATER))
    others = replace(early, strategy="evening")
    elsewhere = a_fill(4, conid=2)
    found = adjustments.applied([early, late, at_once, others, elsewhere], [split])
    assert [(one.execution.quantity, one.execution.price) for one in found] == [
        (Decimal(20), Decimal(50)),
        (Decimal(10), Decimal(50)),
        (Decimal(10), Decimal(100)),
        (Decimal(10), Decimal(100)),
        (Decimal(10), Decimal(100)),
    ]


def test_T_37_a_price_of_before_the_split_is_told_in_todays_shares() -> None:
    split = replace(_row(), kind=AdjustmentKind.SPLIT, split_new=3, split_old=2, at=LATER)

    def price(since: datetime, lane: str = "morning", conid: int = 1) -> Decimal:
        return adjustments.price_since([_row(), split], lane, conid, Decimal(90), since)

    assert price(NOW) == Decimal(60)
    assert price(LATER) == Decimal(90)
    assert price(NOW, lane="evening") == price(NOW, conid=2) == Decimal(90)


def test_T_16_fills_of_a_released_order_are_the_owners_from_then_on() -> None:
    row = replace(_row(quantity=Decimal(0)), kind=AdjustmentKind.RELEASE, lane=OWNER_LANE, order="order-1")
    before, after_it = a_fill(1), a_fill(7200)
    on_time = replace(before, execution=replace(before.execution, execution="e2", executed_at=LATER))
    sold = a_fill(7300, Side.SELL, 4)
    fills = [before, *(replace(one, order="order-1") for one in (on_time, after_it, sold))]
    assert adjustments.applied(fills, [row]) == [before]
    assert adjustments.owners([], fills, [row]) == {1: Decimal(16)}


def test_shares_that_came_are_bought_and_those_that_went_are_sold() -> None:
    came, went = _row(quantity=Decimal(4)), _row(quantity=Decimal(-4))
    [bought], [sold] = adjustments.applied([], [came]), adjustments.applied([], [went])
    assert (bought.execution.side, bought.role) == (Side.BUY, Role.ENTRY)
    assert (sold.execution.side, sold.role) == (Side.SELL, Role.EXIT)
    assert bought.execution.quantity == sold.execution.quantity == Decimal(4)
    assert bought.execution.price == Decimal(120)
    assert adjustments.applied([], [replace(came, price=None)])[0].execution.price == 0
    assert adjustments.applied([], [replace(came, quantity=Decimal(0))]) == []


def _row(quantity: Decimal = Decimal(4)) -> Adjustment:
    return Adjustment(
        adjustment="one",
        account="DU1",
        conid=1,
        symbol="S1",
        lane="morning",
        kind=AdjustmentKind.ADOPT,
        quantity=quantity,
        price=Decimal(120),
        at=LATER,
        actor="owner",
        reason="because",
    )


Numbers = tuple[str, str, str | None, str | None]


@pytest.mark.parametrize(
    ("numbers", "found"),
    [
        (("10", "20", "100", "50"), (2, 1)),
        (("10", "15", "90", "60"), (3, 2)),
        (("100", "10", "1", "10"), (1, 10)),
        # A market moves over a night, so far and no further.
        (("10", "20", "100", "60"), (2, 1)),
        (("10", "20", "100", "40"), (2, 1)),
        (("10", "20", "100", "60.01"), None),
        (("10", "20", "100", "39.99"), None),
        # Shares without the price, no proportion, nothing to compare.
        (("10", "20", "100", "100"), None),
        (("10", "21", "100", "50"), None),
        (("0", "20", "100", "50"), None),
        (("10", "0", "100", "50"), None),
        (("1", "2", "100", "50"), (2, 1)),
        (("10", "20", None, "50"), None),
        (("10", "20", "100", None), None),
    ],
)
def test_T_37_a_split_is_seen_in_shares_and_price_together(
    numbers: Numbers, found: tuple[int, int] | None
) -> None:
    before, now, price_before, price = (None if one is None else Decimal(one) for one in numbers)
    assert before is not None
    assert now is not None
    assert splits.terms(before, now, price_before, price) == found


@pytest.mark.parametrize("k", [2, 3, 4, 5, 6, 7, 8, 10, 12, 15, 20, 25, 30, 50])
def test_T_37_every_usual_proportion_is_known_both_ways(k: int) -> None:
    shares, price = Decimal(100), Decimal(600)
    assert splits.terms(shares, shares * k, price, price / k) == (k, 1)
    assert splits.terms(shares * k, shares, price, price * k) == (1, k)


@pytest.mark.parametrize(("new", "old"), [(3, 2), (5, 4), (5, 2), (4, 3)])
def test_T_37_so_is_every_broken_one(new: int, old: int) -> None:
    shares, price = Decimal(60), Decimal(600)
    assert splits.terms(shares, shares * new / old, price, price * old / new) == (new, old)
    assert splits.terms(shares * new / old, shares, price * old / new, price) == (old, new)
