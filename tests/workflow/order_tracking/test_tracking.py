"""What the broker says is taken in once, folded into our rows, and told apart: ours, lost, foreign."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from glassdesk.adapters.database.transactions import unit
from glassdesk.kernel.errors import Conflict
from glassdesk.kernel.ids import AccountKind, coid
from glassdesk.workflow.order_tracking.model import Execution, OrderRow
from glassdesk.workflow.order_tracking.service import Ingested, Observation, Source
from glassdesk.workflow.orders.bracket import Reservation
from glassdesk.workflow.orders.model import Order, OrderState, Role
from tests.chaos.recovery.past import counted
from tests.workflow.dealing.desk import TestDesk, a_desk
from tests.workflow.dealing.makers import MSFT
from tests.workflow.dealing.scripted_broker import ACCOUNT
from tests.workflow.order_tracking.test_fold import an_execution

ZERO = Decimal(0)


def a_row(order: Order, number: str = "1", **changes: object) -> OrderRow:
    ticket = order.ticket
    plain: dict[str, object] = {
        "broker_order_id": number,
        "order_ref": order.coid,
        "parent_id": None,
        "account": order.account,
        "conid": order.conid,
        "side": ticket.side,
        "status": "Submitted",
        "order_type": ticket.order_type.value,
        "price": ticket.price,
        "tif": ticket.tif.value,
        "total": ticket.quantity,
        "filled": ZERO,
        "remaining": ticket.quantity,
        "average_price": None,
    }
    return OrderRow(**{**plain, **changes})  # type: ignore[arg-type]  # the fields' own types, by name


def a_fill(order: Order, quantity: int = 4, **changes: object) -> Execution:
    mine: dict[str, object] = {
        "order_ref": order.coid,
        "broker_order_id": None,
        "account": order.account,
        "conid": order.conid,
    }
    return an_execution(quantity=quantity, **{**mine, **changes})  # type: ignore[arg-type]  # by name


class World:
    """A desk with one bracket reserved, and nobody but the test who reads the broker."""

    def __init__(self) -> None:
        self.desk: TestDesk = a_desk()
        self.made: Reservation = self.desk.reserve_entry()

    def order(self, role: Role = Role.ENTRY) -> Order:
        return self.desk.legs(self.made)[role]

    @property
    def seen(self) -> Observation:
        return Observation(seen_at=self.desk.clock.now(), epoch=1, lease=None)

    def take(self, *found: OrderRow | Execution, source: Source = Source.PART) -> Ingested:
        self.desk.at(self.desk.clock.now() + timedelta(seconds=1))
        rows = [one for one in found if isinstance(one, OrderRow)]
        fills = [one for one in found if isinstance(one, Execution)]
        return self.desk.write(
            lambda t: self.desk.parts.tracking.ingest(t, rows, fills, self.seen, source=source)
        )

    def facts(self, order: Order) -> list[tuple[str, str, Decimal]]:
        found = self.desk.read(lambda t: self.desk.parts.tracking.facts(t, order.order))
        return [(one.kind, one.status, one.filled) for one in found]

    def note(self, order: Order, kind: str, status: str) -> None:
        self.desk.write(lambda t: self.desk.parts.tracking.note(t, order, kind, status, self.seen))


def test_a_row_of_ours_is_taken_in_once_and_its_id_is_learnt() -> None:
    world = World()
    first = world.take(a_row(world.order()))
    [(before, after)] = first.changed
    assert (before.state, after.state) == (OrderState.RESERVED, OrderState.WORKING)
    assert (world.order().broker_order_id, world.order().state) == ("1", OrderState.WORKING)
    again = world.take(a_row(world.order()))
    assert (bool(first), bool(again)) == (True, False)
    assert again.unchanged == [world.order().order]
    assert world.facts(world.order()) == [("list", "Submitted", ZERO)]
    ended = world.take(a_row(world.order(), status="Cancelled"))
    assert len(ended.changed) == 1
    assert world.take(a_row(world.order(), status="Cancelled")).unchanged == []
    assert len(world.facts(world.order())) == 2


def test_an_answer_about_one_order_is_another_kind_of_fact_than_a_row_of_the_list() -> None:
    world = World()
    world.take(a_row(world.order()), source=Source.BY_ID)
    assert world.facts(world.order()) == [("status", "Submitted", ZERO)]


def test_the_same_statement_after_something_of_our_own_is_kept() -> None:
    world = World()
    world.take(a_row(world.order()))
    world.note(world.order(), "command", "cancel")
    world.take(a_row(world.order()))
    assert [kind for kind, _, _ in world.facts(world.order())] == ["list", "command", "list"]
    assert world.order().state is OrderState.CANCEL_REQUESTED


def test_what_is_not_ours_changes_nothing_and_what_we_lost_is_told_apart() -> None:
    world = World()
    entry = world.order()
    lost = coid(AccountKind.SIMULATED, ACCOUNT, "5b0c4f3e-0000-5000-8000-000000000001")
    foreign = world.take(a_row(entry, "7", order_ref=None), a_row(entry, "8", order_ref="mine-1"))
    assert ([r.broker_order_id for r in foreign.foreign], foreign.orphans, bool(foreign)) == (
        ["7", "8"],
        [],
        False,
    )
    found = world.take(a_row(entry, "9", order_ref=lost))
    assert ([r.broker_order_id for r in found.orphans], found.foreign, bool(found)) == (["9"], [], True)
    # Ours by its name, on another contract: nobody's.
    odd = world.take(a_row(entry, "10", conid=MSFT))
    assert (odd.orphans, odd.foreign, odd.changed) == ([], [], [])
    assert world.order() == entry


def test_a_fill_is_taken_once_and_linked_when_its_commission_is_known() -> None:
    world = World()
    world.take(a_row(world.order()))
    plain = a_fill(world.order(), commission=None)
    found = world.take(plain)
    assert (found.executions, found.external, bool(found)) == ([plain], [], True)
    assert (world.order().state, world.order().filled) == (OrderState.PARTIAL, Decimal(4))
    assert nodes(world) == 0
    assert not world.take(plain)
    assert world.take(replace(plain, commission=Decimal(1)))
    assert nodes(world) == 1
    name = world.order().order
    held = world.desk.read(lambda t: world.desk.parts.tracking.executions(t, order=name))
    assert [one.commission for one in held] == [Decimal(1)]
    [fill] = world.desk.read(lambda t: world.desk.parts.tracking.fills(t, ACCOUNT))
    assert (fill.order, fill.role, fill.strategy) == (world.order().order, Role.ENTRY, "morning")
    assert not world.desk.read(lambda t: world.desk.parts.tracking.fills(t, ACCOUNT, conid=MSFT))
    assert not world.desk.read(lambda t: world.desk.parts.tracking.executions(t, conid=MSFT))


def test_fills_that_are_known_ask_the_database_equally_often_however_many_there_are() -> None:
    world = World()
    world.take(a_row(world.order()))
    fills = [a_fill(world.order(), 1, execution=f"fill.{number}") for number in range(8)]
    world.take(*fills)
    assert len(world.desk.read(lambda t: world.desk.parts.tracking.fills(t, ACCOUNT))) == 8
    assert statements(world, *fills[:1]) == statements(world, *fills)


def statements(world: World, *known: Execution) -> int:
    """How often taking them in again asks the database."""
    with counted(world.desk.read(lambda t: unit(t).connection.engine)) as found:
        assert not world.take(*known)
    return found.statements


def nodes(world: World) -> int:
    run = world.made.intents[0].run
    found = world.desk.read(lambda t: world.desk.parts.lineage.nodes_of_run(t, run))
    return sum(node.kind == "execution" for node in found)


def test_a_fill_tells_the_brokers_id_and_one_without_it_keeps_ours() -> None:
    world = World()
    world.take(a_fill(world.order(), broker_order_id="5"))
    assert world.order().broker_order_id == "5"
    world.take(a_fill(world.order(), number=2, order_ref=None, broker_order_id="5"))
    assert (world.order().broker_order_id, world.order().filled) == ("5", Decimal(8))
    world.take(a_fill(world.order(), number=3, quantity=2))
    assert (world.order().broker_order_id, world.order().state) == ("5", OrderState.FILLED)


def test_a_fill_of_nobody_is_external() -> None:
    world = World()
    theirs = a_fill(world.order(), order_ref=None)
    found = world.take(theirs)
    assert (found.external, found.executions, found.changed, bool(found)) == ([theirs], [], [], True)
    assert not world.take(theirs)


def test_T_31_a_child_without_a_name_is_found_by_its_parent_and_its_kind() -> None:
    world = World()
    stop, target = world.order(Role.STOP), world.order(Role.TARGET)
    world.take(
        a_row(stop, "2", order_ref=None, parent_id="1", status="PreSubmitted"),
        a_row(target, "3", order_ref=None, parent_id="1", status="PreSubmitted"),
        a_row(world.order(), "1"),
    )
    assert [world.order(one).broker_order_id for one in (Role.ENTRY, Role.STOP, Role.TARGET)] == [
        "1",
        "2",
        "3",
    ]
    # Its place is taken: another order that hangs on ours is nobody's.
    more = world.take(a_row(stop, "4", order_ref=None, parent_id="1"))
    assert [row.broker_order_id for row in more.foreign] == ["4"]
    assert world.order(Role.STOP).broker_order_id == "2"


def resting() -> World:
    """A stop that rests under the id 2."""
    world = World()
    world.take(a_row(world.order(Role.STOP), "2", status="PreSubmitted"))
    return world


def test_T_32_a_whole_list_shows_a_resting_order_under_another_id() -> None:
    world = resting()
    stop = world.order(Role.STOP)
    found = world.take(
        a_row(stop, "12", order_ref=None, status="PreSubmitted"), source=Source.WHOLE_LIST
    ).renumbered
    assert [(order.order, old) for order, old in found] == [(stop.order, "2")]
    assert world.order(Role.STOP).broker_order_id == "12"


@pytest.mark.parametrize(
    ("changes", "source"),
    [
        ({}, Source.PART),
        ({"price": Decimal("165.02")}, Source.WHOLE_LIST),
        ({"total": Decimal(9)}, Source.WHOLE_LIST),
        ({"tif": "DAY"}, Source.WHOLE_LIST),
        ({"order_type": "LMT"}, Source.WHOLE_LIST),
        ({"status": "Inactive"}, Source.WHOLE_LIST),
        ({"conid": MSFT}, Source.WHOLE_LIST),
        ({"order_ref": "mine-1"}, Source.WHOLE_LIST),
    ],
)
def test_T_32_what_differs_in_anything_is_not_our_order(changes: dict[str, object], source: Source) -> None:
    world = resting()
    like = {"order_ref": None, "status": "PreSubmitted"}
    found = world.take(a_row(world.order(Role.STOP), "12", **{**like, **changes}), source=source)
    assert (found.renumbered, [row.broker_order_id for row in found.foreign]) == ([], ["12"])
    assert world.order(Role.STOP).broker_order_id == "2"


def test_T_32_while_its_own_id_is_listed_another_row_is_not_it() -> None:
    world = resting()
    stop = world.order(Role.STOP)
    rows = [a_row(stop, number, order_ref=None, status="PreSubmitted") for number in ("2", "12")]
    found = world.take(*rows, source=Source.WHOLE_LIST)
    assert [row.broker_order_id for row in found.foreign] == ["12"]
    assert world.order(Role.STOP).broker_order_id == "2"


def test_a_word_that_nobody_knows_goes_to_a_person_with_the_word() -> None:
    world = World()
    world.take(a_row(world.order(), status="WarnState"))
    assert world.order().state is OrderState.NEEDS_OPERATOR
    name = world.order().order
    found = world.desk.read(lambda t: world.desk.parts.tracking.facts(t, name))
    assert [(f.kind, f.status, f.detail) for f in found[1:]] == [
        ("verdict", "needs_operator", "the broker says 'WarnState', unheard of")
    ]
    world.take(a_row(world.order(), status="WarnState", filled=Decimal(1)))
    assert [kind for kind, _, _ in world.facts(world.order())] == ["list", "verdict", "list"]


def test_a_conclusion_that_the_evidence_speaks_against_is_refused() -> None:
    world = World()
    world.take(a_row(world.order()), a_fill(world.order()))

    def conclude(state: OrderState) -> Order:
        tracking, order, seen = world.desk.parts.tracking, world.order(), world.seen
        return world.desk.write(
            lambda t: tracking.conclude(t, order, state, "I say so", seen, kind="verdict")
        )

    with pytest.raises(Conflict, match="the evidence says partial, not rejected"):
        conclude(OrderState.REJECTED)
    assert world.order().state is OrderState.PARTIAL
    assert conclude(OrderState.CANCELLED).note == "I say so"
    assert world.order().state is OrderState.CANCELLED


def test_an_order_given_up_in_the_instant_in_which_a_reading_begins_is_alive_at_the_next() -> None:
    """Chaos, E2 seed 5902: the verdict outranked that reading, and the next ones said nothing new."""
    world = World()
    tracking, order, seen = world.desk.parts.tracking, world.order(), world.seen
    world.desk.write(
        lambda t: tracking.conclude(t, order, OrderState.ABANDONED, "absent", seen, kind="verdict")
    )
    row = a_row(world.order())
    world.desk.write(lambda t: tracking.ingest(t, [row], [], seen, source=Source.PART))
    assert (world.order().state, world.order().broker_order_id) == (OrderState.ABANDONED, "1")
    world.take(row)
    assert world.order().state is OrderState.WORKING


def test_an_answer_that_says_filled_means_all_of_it() -> None:
    world = World()
    world.note(world.order(), "answer", "Submitted")
    world.note(world.order(), "answer", "Filled")
    world.note(world.order(), "command", "filled")
    assert world.facts(world.order()) == [
        ("answer", "Submitted", ZERO),
        ("answer", "Filled", Decimal(10)),
        ("command", "filled", ZERO),
    ]


def said(status: str, total: int, filled: int) -> dict[str, object]:
    left = Decimal(total - filled)
    return {"status": status, "total": Decimal(total), "filled": Decimal(filled), "remaining": left}


def test_T_17_what_was_made_smaller_at_the_broker_and_filled_whole_is_filled() -> None:
    """Its change was never seen while it rested: the last of it filled before the next reading."""
    world = World()
    world.take(a_row(world.order()))
    found = world.take(a_row(world.order(), "1", **said("Filled", 4, 4)), a_fill(world.order(), 4))
    entry = world.order()
    assert (entry.state, entry.filled, entry.ticket.quantity) == (OrderState.FILLED, Decimal(4), Decimal(4))
    [(before, after)] = found.changed
    assert (before.ticket.quantity, after.ticket.quantity) == (Decimal(10), Decimal(4))


@pytest.mark.parametrize(
    ("words", "state", "quantity"),
    [
        (("Filled", 10, 4), OrderState.CANCELLED, 10),
        (("Cancelled", 4, 4), OrderState.CANCELLED, 10),
        (("Filled", 6, 6), OrderState.PARTIAL, 6),
        (("Filled", 12, 12), OrderState.PARTIAL, 10),
    ],
)
def test_T_17_only_a_whole_fill_of_fewer_shares_makes_an_order_smaller(
    words: tuple[str, int, int], state: OrderState, quantity: int
) -> None:
    world = World()
    world.take(a_row(world.order()))
    world.take(a_row(world.order(), "1", **said(*words)), a_fill(world.order(), 4))
    assert world.order().state is state
    assert world.order().ticket.quantity == quantity


def test_what_is_shown_again_as_it_is_known_was_seen_then_and_makes_no_fact() -> None:
    world = World()
    world.take(a_row(world.order()))
    entry = world.order()
    facts = world.facts(entry)
    world.desk.at(world.desk.clock.now() + timedelta(minutes=5))
    found = world.take(a_row(entry))
    assert (found.unchanged, found.changed) == ([entry.order], [])
    assert world.facts(entry) == facts
    seen = world.desk.read(lambda t: world.desk.stores.tracking.sighting(t, entry.order))
    assert seen == world.desk.clock.now()
