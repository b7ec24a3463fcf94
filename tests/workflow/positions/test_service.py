"""What is held beside what the broker says: differences open, stay and close, and nothing is mended."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from glassdesk.kernel.errors import NotFound
from glassdesk.workflow.order_tracking.service import Observation
from glassdesk.workflow.orders.model import OrderState, Role
from glassdesk.workflow.positions.lanes import Said
from glassdesk.workflow.positions.model import BreakKind, BrokerPosition
from glassdesk.workflow.positions.protection import ProtectionState
from glassdesk.workflow.positions.service import Compared, Positions
from tests.workflow.dealing.desk import TestDesk
from tests.workflow.dealing.makers import AAPL, EVENING, MSFT
from tests.workflow.dealing.scripted_broker import ACCOUNT
from tests.workflow.order_tracking.test_tracking import World, a_fill, a_row

HOUR = timedelta(hours=1)
LATER = EVENING + HOUR


def stated(quantity: int, conid: int = AAPL, price: str | None = "170") -> BrokerPosition:
    return BrokerPosition(
        account=ACCOUNT,
        conid=conid,
        symbol="AAPL" if conid == AAPL else "MSFT",
        quantity=Decimal(quantity),
        average_cost=Decimal(170),
        market_price=None if price is None else Decimal(price),
    )


def holding() -> tuple[TestDesk, Positions]:
    """Ten shares, bought by the desk."""
    world = World()
    world.take(a_row(world.order()), a_fill(world.order(), 10, executed_at=EVENING, symbol="AAPL"))
    return world.desk, world.desk.parts.positions


def compared(desk: TestDesk, *rows: BrokerPosition, hours: int = 1) -> Compared:
    at = EVENING + hours * HOUR
    return desk.write(lambda t: desk.parts.positions.compare(t, ACCOUNT, rows, seen_at=at))


def audited(desk: TestDesk) -> list[str]:
    rows = desk.read(desk.stores.audit.entries)
    return [one.kind for one in rows if one.kind.startswith("break.")]


def test_while_both_agree_nothing_opens_and_the_reading_is_kept() -> None:
    desk, positions = holding()
    assert compared(desk, stated(10)) == Compared()
    assert desk.read(lambda t: positions.broker(t, ACCOUNT)) == [stated(10)]
    assert desk.read(positions.breaks) == []


def test_a_difference_opens_once_stays_with_its_beginning_and_closes() -> None:
    desk, positions = holding()
    first = compared(desk, stated(12))
    [opened] = first.opened
    assert (opened.broker_quantity, opened.derived_quantity) == (Decimal(12), Decimal(10))
    assert opened.opened_at == LATER
    again = compared(desk, stated(13), hours=2)
    assert not again.opened
    assert not again.closed
    assert [one.difference for one in again.open] == [Decimal(3)]
    [kept] = desk.read(positions.breaks)
    assert (kept.difference, kept.opened_at) == (Decimal(3), LATER)
    assert "AAPL: broker and desk disagree" in desk.told()
    over = compared(desk, stated(10), hours=3)
    assert ([one.conid for one in over.closed], over.opened, over.open) == ([AAPL], (), ())
    assert desk.read(positions.breaks) == []
    assert audited(desk) == ["break.opened", "break.closed"]
    assert "AAPL: broker and desk agree again" in desk.told()
    severities = {one.title: one.severity.value for one in desk.read(desk.stores.outbox.recent)}
    assert severities["AAPL: broker and desk disagree"] != severities["AAPL: broker and desk agree again"]


def test_shares_without_any_execution_are_a_transfer_unless_an_order_is_of_unknown_fate() -> None:
    desk, _ = holding()
    [moved] = compared(desk, stated(12)).opened
    assert (moved.kind, moved.cause) == (
        BreakKind.TRANSFER,
        "no execution: moved in or out of the account",
    )
    world = World()
    entry = world.order()
    orders = world.desk.parts.orders
    world.desk.write(lambda t: orders.move(t, entry, replace(entry, state=OrderState.UNKNOWN), lease=None))
    [open_fate] = compared(world.desk, stated(10)).opened
    assert open_fate.kind is BreakKind.UNEXPLAINED


def test_T_37_a_split_is_seen_at_the_reading_in_which_the_price_changed_and_stays_one() -> None:
    desk, positions = holding()
    compared(desk, stated(10))
    [split] = compared(desk, stated(20, price="86"), hours=2).opened
    assert (split.kind, split.split_new, split.split_old) == (BreakKind.SPLIT, 2, 1)
    assert split.cause == "a split 2:1: the price went from 170 to 86"
    # The price has settled: it is the same difference, and still that split.
    compared(desk, stated(20, price="90"), hours=3)
    [kept] = desk.read(positions.breaks)
    assert (kept.kind, kept.cause, kept.split_new) == (BreakKind.SPLIT, split.cause, 2)
    # Another difference is looked at anew.
    compared(desk, stated(21, price="90"), hours=4)
    [other] = desk.read(positions.breaks)
    assert other.kind is BreakKind.TRANSFER


def test_T_11_what_was_there_before_the_desk_is_the_owners() -> None:
    desk, positions = holding()
    rows = [stated(15), stated(7, MSFT)]
    desk.write(lambda t: positions.first_sight(t, ACCOUNT, rows, seen_at=LATER))
    assert desk.read(lambda t: positions.owners(t, ACCOUNT)) == {AAPL: Decimal(5), MSFT: Decimal(7)}
    assert compared(desk, *rows) == Compared()
    other, none_of_his = holding()
    other.write(lambda t: none_of_his.first_sight(t, ACCOUNT, [stated(10)], seen_at=LATER))
    assert other.read(lambda t: none_of_his.openings(t, ACCOUNT)) == []


@pytest.mark.parametrize("said", ["AAPL", "aapl", " Aapl ", str(AAPL)])
def test_what_is_held_is_called_by_symbol_or_conid(said: str) -> None:
    desk, positions = holding()
    assert desk.read(lambda t: positions.named(t, ACCOUNT, said)) == "AAPL"


def test_what_the_broker_alone_holds_has_a_name_too_and_nothing_else() -> None:
    desk, positions = holding()
    compared(desk, stated(10), stated(7, MSFT))
    assert desk.read(lambda t: positions.named(t, ACCOUNT, "msft")) == "MSFT"
    for wanted in ("IBM", "AAP", ""):
        with pytest.raises(NotFound):
            desk.read(lambda t, wanted=wanted: positions.named(t, ACCOUNT, wanted))  # type: ignore[misc]


def test_executions_by_hand_explain_a_difference_until_a_person_has_said_what_it_is() -> None:
    world = World()
    world.take(a_fill(world.order(), 3, order_ref=None, executed_at=EVENING))
    world.take(a_fill(world.order(), 2, number=2, order_ref=None, conid=MSFT, executed_at=EVENING))
    desk, positions = world.desk, world.desk.parts.positions
    found = {one.conid: one for one in compared(desk, stated(3), stated(3, MSFT)).opened}
    assert {conid: one.kind for conid, one in found.items()} == {
        AAPL: BreakKind.HAND_TRADE,
        MSFT: BreakKind.UNEXPLAINED,
    }
    said = Said(actor="owner", at=LATER, reason="mine")
    desk.write(lambda t: positions.lanes.owner(t, found[AAPL], Decimal(0), said))
    assert desk.read(lambda t: positions.external(t, ACCOUNT, AAPL)) == []
    assert len(desk.read(lambda t: positions.external(t, ACCOUNT, MSFT))) == 1
    assert desk.read(lambda t: positions.external(t, "another", MSFT)) == []
    world.take(a_fill(world.order(), 1, number=3, order_ref=None, executed_at=LATER + HOUR))
    [newer] = desk.read(lambda t: positions.external(t, ACCOUNT, AAPL))
    assert newer.quantity == 1


def protected(world: World, epoch: int = 1) -> tuple[ProtectionState, Decimal, Decimal | None]:
    positions = world.desk.parts.positions
    [view] = world.desk.read(lambda t: positions.protections(t, ACCOUNT, epoch))
    return view.state, view.needed, view.stop_price


def guarded(status: str = "PreSubmitted") -> World:
    world = World()
    world.take(
        a_row(world.order()),
        a_row(world.order(Role.STOP), "2", status=status),
        a_fill(world.order(), 10, executed_at=EVENING),
    )
    return world


def test_T_32_a_stop_protects_once_the_broker_has_taken_it_and_this_session_has_seen_it() -> None:
    world = guarded()
    assert protected(world) == (ProtectionState.LIVE, Decimal(10), Decimal("165.01"))
    assert protected(world, epoch=2)[0] is ProtectionState.UNVERIFIED
    assert protected(guarded("PendingSubmit"))[0] is not ProtectionState.LIVE


def test_T_32_only_what_the_broker_said_is_a_sighting() -> None:
    world = guarded()
    tracking, stop = world.desk.parts.tracking, world.order(Role.STOP)
    later = Observation(seen_at=LATER, epoch=2, lease=None)
    world.desk.write(lambda t: tracking.note(t, stop, "command", "cancel_refused", later))
    assert protected(world, epoch=2)[0] is ProtectionState.UNVERIFIED
    world.desk.write(lambda t: tracking.note(t, stop, "answer", "PreSubmitted", later))
    assert protected(world, epoch=2)[0] is ProtectionState.LIVE


def test_T_35_a_stop_need_not_cover_what_the_broker_does_not_hold() -> None:
    world = guarded()
    compared(world.desk, stated(4))
    assert protected(world)[1] == Decimal(4)
    compared(world.desk, stated(10), hours=2)
    assert protected(world)[1] == Decimal(10)


def test_fills_are_the_executions_in_the_lanes_of_their_strategies() -> None:
    desk, positions = holding()
    [one] = desk.read(lambda t: positions.fills(t, ACCOUNT))
    assert (one.execution.quantity, one.execution.conid) == (Decimal(10), AAPL)
    assert desk.read(lambda t: positions.fills(t, ACCOUNT)) is desk.read(
        lambda t: positions.fills(t, ACCOUNT)
    )
