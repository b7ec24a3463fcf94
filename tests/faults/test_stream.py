"""The broker's stream: F-77 to F-83. A hint: what follows from it is read over REST first."""

from glassdesk.workflow.orders.model import OrderState
from tests.faults.conftest import Make
from tests.faults.looking import live_stops, orders_sent, owned
from tests.faults.stage import MINUTE, SECOND, Stage

LIST = "/iserver/account/orders"


def resting(make: Make) -> tuple[Stage, str]:
    """A position whose legs rest, everything quiet and the stream up; and its stop."""
    stage = make(stream=True)
    reservation = stage.a_position()
    stage.run(3 * MINUTE)
    assert stage.broker.stream.flowing
    return stage, reservation.orders[1].order


def stop_is_hit(stage: Stage) -> None:
    """The stop is sold at the broker now."""
    [stop] = [one for one in stage.truth() if one.live and one.kind == "STP"]
    stage.ask_control("POST", "/person/modify", {"order_id": stop.order_id, "stop": str(stage.price() + 1)})
    assert stage.held() == 0


def noticed_within(stage: Stage, seconds: int) -> None:
    """The product knows of the sale by then, and of nothing else."""
    stage.run_until(lambda: owned(stage) == 0, within=seconds * SECOND)
    stage.run(MINUTE)
    assert (stage.held(), owned(stage), live_stops(stage)) == (0, 0, [])
    assert orders_sent(stage) == (1, 1)


def test_a_change_that_the_stream_tells_is_read_within_seconds(make: Make) -> None:
    stage, _ = resting(make)
    stop_is_hit(stage)
    noticed_within(stage, 8)


def test_F_77_half_open(make: Make) -> None:
    stage, _ = resting(make)
    assert stage.broker.stream.opened == 1
    stage.arm(77)
    stage.run(20 * SECOND)
    before = stage.asked(LIST, "GET")
    stage.run(30 * SECOND)
    # Closed, opened again, and everything read.
    assert (stage.broker.stream.opened, stage.broker.stream.flowing) == (2, True)
    assert stage.asked(LIST, "GET") > before + 1
    stop_is_hit(stage)
    noticed_within(stage, 8)


def test_F_78_auth_restored_silently(make: Make) -> None:
    stage, _ = resting(make)
    epoch = stage.epoch
    stage.arm(78)
    stage.run(30 * SECOND)
    # The loss was told, the return was not: another session, another line.
    assert stage.epoch == epoch + 1
    assert stage.broker.stream.opened > 1
    assert stage.broker.stream.flowing
    stage.run(3 * MINUTE)
    stop_is_hit(stage)
    noticed_within(stage, 8)


def test_F_79_sor_silent(make: Make) -> None:
    stage, stop = resting(make)
    stage.arm(79)
    for socket in stage.world.streams:
        socket.trades_on = False
    stop_is_hit(stage)
    # Nobody says so, the line beats on: the reading every half minute finds it.
    assert stage.broker.stream.flowing
    noticed_within(stage, 40)
    assert stage.order(stop).state is OrderState.FILLED
    assert stage.broker.stream.opened == 1


def test_F_80_deltas(make: Make) -> None:
    stage, _ = resting(make)
    before = stage.asked(LIST, "GET")
    stage.arm(80)
    stage.run(8 * SECOND)
    # Changed keys of an order that no reading has shown: everything is read again, and nothing made of it.
    assert stage.asked(LIST, "GET") > before
    assert stage.read(lambda t: len(stage.desk.orders.orders(t))) == 3
    stop_is_hit(stage)
    noticed_within(stage, 8)


def test_F_81_waiting_for_session(make: Make) -> None:
    stage, _ = resting(make)
    tickles = stage.asked("/tickle", "POST")
    stage.arm(81)
    stage.run(30 * SECOND)
    # It paused, tickled and came back.
    assert stage.asked("/tickle", "POST") > tickles
    assert stage.broker.stream.opened > 1
    assert stage.broker.stream.flowing
    stage.run(3 * MINUTE)
    stop_is_hit(stage)
    noticed_within(stage, 8)


def test_F_82_bad_bytes(make: Make) -> None:
    stage, _ = resting(make)
    stage.arm(82)
    stage.run(10 * SECOND)
    assert (stage.broker.stream.opened, stage.broker.stream.flowing) == (1, True)
    stop_is_hit(stage)
    noticed_within(stage, 8)


def test_F_83_gap_on_reconnect(make: Make) -> None:
    stage, _ = resting(make)
    stage.arm(83)
    # While nobody listens the stop is sold; nothing tells of it afterwards.
    stop_is_hit(stage)
    noticed_within(stage, 12)
    assert stage.broker.stream.opened == 2
