"""Reading orders and executions: F-40 to F-44, F-62, F-67 to F-70."""

from decimal import Decimal

from glassdesk.workflow.dealing.model import CommandKind
from glassdesk.workflow.orders.model import IntentState, OrderState, Role
from glassdesk.workflow.positions.protection import ProtectionState
from tests.faults.conftest import Make
from tests.faults.looking import facts, live_stops, lost, orders_sent, owned, protection
from tests.faults.stage import ACCOUNT, HOUR, IBM, MINUTE, SECOND, Stage

LIST = "/iserver/account/orders"


def test_F_40_live_orders_empty(make: Make) -> None:
    stage = make(poll=6 * SECOND)
    stage.run(10 * SECOND)
    stage.arm(40, seconds=260)
    reservation = lost(stage)
    stage.run(4 * MINUTE)
    # Four minutes of empty first lists are no evidence: nothing is counted, nothing goes out again.
    assert facts(stage, reservation.orders[0], "negative") == []
    assert stage.entry_state(reservation) is OrderState.UNKNOWN
    assert orders_sent(stage) == (1, 1)
    stage.run(MINUTE)
    assert set(stage.states(reservation).values()) == {OrderState.WORKING}
    assert orders_sent(stage) == (1, 1)


def test_F_41_forced_list_empty(make: Make) -> None:
    stage = make(poll=6 * SECOND)
    stage.run(10 * SECOND)
    reservation = lost(stage)
    for _ in range(12):
        # Each reading finds the list freshly emptied, and asks a second time.
        stage.arm(41)
        stage.run(5 * SECOND)
    assert set(stage.states(reservation).values()) == {OrderState.WORKING}
    assert orders_sent(stage) == (1, 1)


def test_F_42_filters_poison(make: Make) -> None:
    stage = make(poll=6 * SECOND)
    reservation = stage.a_position()
    entry = lost(stage, IBM)
    stage.arm(42)
    stage.run(40 * SECOND)
    assert not [one for one in stage.requests(LIST) if "filters" in str(one)]
    assert stage.states(entry)[Role.ENTRY] is OrderState.WORKING
    assert stage.states(reservation)[Role.STOP] is OrderState.WORKING
    assert orders_sent(stage) == (2, 2)


def test_F_43_after_hours_empty_list(make: Make) -> None:
    stage = make(poll=6 * SECOND)
    held = stage.a_position()
    stage.arm(43, seconds=260)
    entry = lost(stage, IBM)
    stage.run(4 * MINUTE)
    # A list without an order that it has shown before is no evidence, whatever it claims.
    assert facts(stage, entry.orders[0], "negative") == []
    assert stage.placements() == 2
    assert stage.states(held)[Role.STOP] is OrderState.WORKING
    stage.run(MINUTE)
    assert stage.entry_state(entry) is OrderState.WORKING
    assert len(stage.entries()) == 2


def next_morning(stage: Stage) -> None:
    """The machine slept through the night; the broker's day has changed and the market is open."""
    stage.travel(stage.now + 24 * HOUR)
    stage.run(2 * MINUTE)


def test_F_44_orders_vanish(make: Make) -> None:
    stage = make(poll=6 * SECOND)
    stage.arm(44)
    reservation = stage.a_position(IBM)
    next_morning(stage)
    for _ in range(3):
        # Not listed is not gone: the stop is asked for by its id, and stays ours.
        assert (stage.states(reservation)[Role.STOP], live_stops(stage)) == (OrderState.WORKING, [10])
        stage.restart()
        stage.run(2 * MINUTE)
        assert protection(stage).state is ProtectionState.LIVE
    assert stage.placements() == 1
    assert not any("protected" in title for title in stage.titles())


def test_T_32_a_stop_under_another_id_is_found_by_its_terms(make: Make) -> None:
    stage = make(poll=6 * SECOND, gtc_visible_next_day="listed_new_id")
    reservation = stage.a_position(IBM)
    before = stage.legs(reservation)
    next_morning(stage)
    after = stage.legs(reservation)
    for role in (Role.STOP, Role.TARGET):
        assert after[role].broker_order_id != before[role].broker_order_id
        assert after[role].state is OrderState.WORKING
    assert protection(stage).state is ProtectionState.LIVE
    assert [row.kind for row in stage.audit("order.renumbered")] == ["order.renumbered"] * 2
    # It is reached under its new id.
    stage.reserve_exit(after[Role.TARGET], IBM)
    stage.run(2 * MINUTE)
    assert (stage.held(IBM), owned(stage, IBM), live_stops(stage)) == (0, 0, [])
    assert orders_sent(stage) == (1, 1)


def test_F_62_order_status_503(make: Make) -> None:
    stage = make(poll=6 * SECOND, gtc_visible_next_day="hidden")
    reservation = stage.a_position(IBM)
    next_morning(stage)
    stage.arm(62, seconds=600)
    stage.restart()
    stage.run(3 * MINUTE)
    # No answer is no proof: it is cancelled until that is refused twice; then one new stop begins (`T-32`).
    assert stage.states(reservation)[Role.STOP] is OrderState.CANCELLED
    assert protection(stage).state is ProtectionState.LIVE
    assert (stage.placements(), live_stops(stage)) == (2, [10])


def test_F_67_trades_lag(make: Make) -> None:
    stage = make(poll=6 * SECOND)
    stage.run(10 * SECOND)
    stage.arm(67, seconds=120)
    reservation = stage.reserve_entry()
    stage.run(100 * SECOND)
    # The list says Filled; the order is over when its executions say so.
    assert stage.held() == 10
    assert stage.entry_state(reservation) is OrderState.WORKING
    assert (owned(stage), live_stops(stage)) == (0, [10])
    stage.run(60 * SECOND)
    assert (stage.entry_state(reservation), owned(stage)) == (OrderState.FILLED, 10)
    assert stage.read(stage.desk.positions.breaks) == []
    assert orders_sent(stage) == (1, 1)


def test_a_commission_that_comes_later_completes_its_execution(make: Make) -> None:
    stage = make(poll=6 * SECOND)
    stage.run(10 * SECOND)
    stage.arm(67, manner="commission", seconds=60)
    stage.reserve_entry()
    stage.run(45 * SECOND)
    [early] = stage.read(lambda t: stage.desk.tracking.fills(t, ACCOUNT))
    assert (early.execution.commission, owned(stage)) == (None, 10)
    stage.run(60 * SECOND)
    [late] = stage.read(lambda t: stage.desk.tracking.fills(t, ACCOUNT))
    [true] = stage.world.exchange.executions
    assert late.execution.commission == Decimal(true.commission) / 100


def test_F_68_corrected_execution(make: Make) -> None:
    stage = make(poll=6 * SECOND)
    stage.a_position()
    [before] = stage.read(lambda t: stage.desk.tracking.fills(t, ACCOUNT))
    stage.arm(68, cents=7)
    stage.command(CommandKind.RECONCILE)
    stage.run(MINUTE)
    fills = stage.read(lambda t: stage.desk.tracking.fills(t, ACCOUNT))
    assert len(fills) == 1
    after = fills[0]
    assert after.execution.execution == before.execution.execution
    assert (before.execution.revision, after.execution.revision) == (1, 2)
    assert after.execution.price == before.execution.price + Decimal("0.07")
    assert (owned(stage), stage.held()) == (10, 10)
    assert stage.read(stage.desk.positions.breaks) == []
    books = stage.read(lambda t: stage.desk.portfolio.books(t, ACCOUNT, stage.now))
    assert books.cash == Decimal(stage.world.account.cash) / 100
    assert len(stage.entries()) == 1


def test_a_correction_that_comes_while_nothing_works_is_in_the_books_of_its_day(make: Make) -> None:
    """The simulated clock wakes the dealer by events only: nothing else would have it read at noon."""
    stage = make(events=True, poll=None)
    stage.run(10 * SECOND)
    position = stage.a_position()
    stage.reserve_exit(stage.legs(position)[Role.TARGET])
    stage.run(10 * MINUTE)
    assert stage.held() == 0
    stage.run(HOUR)
    stage.arm(68, cents=7)
    stage.run(6 * HOUR)
    closed = stage.read(lambda t: stage.desk.portfolio.snapshots(t, ACCOUNT))[-1]
    assert closed.cash == Decimal(stage.world.account.cash) / 100


def test_a_trade_that_the_venue_takes_back_leaves_no_share_and_no_cent(make: Make) -> None:
    stage = make(poll=6 * SECOND)
    position = stage.a_position()
    [bought] = stage.world.exchange.effective()
    [before] = stage.read(lambda t: stage.desk.tracking.fills(t, ACCOUNT))
    stage.ask_control("POST", "/person/bust", {"execution_id": bought.execution_id})
    stage.command(CommandKind.RECONCILE)
    stage.run(MINUTE)
    [taken_back] = stage.read(lambda t: stage.desk.tracking.fills(t, ACCOUNT))
    assert (taken_back.execution.revision, taken_back.execution.quantity) == (2, Decimal(0))
    # What was bought stands at the instant of the trade, not of its correction.
    assert taken_back.execution.executed_at == before.execution.executed_at
    assert (owned(stage), stage.held()) == (0, 0)
    assert stage.read(stage.desk.positions.breaks) == []
    assert not any(one.live for one in stage.truth() if one.side == "SELL")
    report = stage.read(lambda t: stage.desk.portfolio.report(t, ACCOUNT, stage.now))
    assert report.books.cash == Decimal(stage.world.account.cash) / 100
    assert (report.lots, report.statistics.trades) == ((), 0)
    assert report.standing.opened_today == 0
    assert stage.states(position)[Role.STOP] is OrderState.CANCELLED


def test_F_69_order_of_messages(make: Make) -> None:
    stage = make(poll=6 * SECOND)
    stage.run(10 * SECOND)
    stage.arm(69, seconds=60)
    reservation = stage.reserve_entry()
    stage.run(40 * SECOND)
    # Trades tell the fill before the list does.
    assert (stage.entry_state(reservation), owned(stage)) == (OrderState.FILLED, 10)
    stage.run(MINUTE)
    assert (stage.entry_state(reservation), owned(stage)) == (OrderState.FILLED, 10)
    assert stage.intent_state(reservation) is IntentState.DONE
    assert (len(stage.entries()), live_stops(stage)) == (1, [10])


def test_F_70_manual_orders(make: Make) -> None:
    stage = make(poll=6 * SECOND)
    reservation = stage.a_position()
    stage.arm(70, side="BUY", quantity=5)
    [hand] = [one for one in stage.truth() if one.source == "person"]
    stage.command(CommandKind.RECONCILE)
    stage.run(2 * MINUTE)
    assert "An order that is not ours" in stage.titles()
    assert (owned(stage), stage.held()) == (10, 15)
    [found] = stage.read(stage.desk.positions.breaks)
    assert found.difference == Decimal(5)
    assert found.cause.startswith("executions not ours: ")
    # Nothing was ever written about it, and our own legs stay as they were.
    assert not [row for row in stage.requests() if str(hand.order_id) in row["path"]]
    assert live_stops(stage) == [10]
    assert set(stage.states(reservation).values()) == {OrderState.FILLED, OrderState.WORKING}
    assert orders_sent(stage) == (1, 2)
