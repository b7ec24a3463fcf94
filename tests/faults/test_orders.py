"""Placing orders: F-45 to F-54, F-65, F-66."""

from glassdesk.workflow.notifications.model import Severity
from glassdesk.workflow.orders.model import OrderState, Role
from tests.faults.conftest import Make
from tests.faults.stage import MINUTE, SECOND, Stage


def live_stops(stage: Stage) -> list[tuple[int, int | None]]:
    """Remaining shares and trigger of every stop that lives at the broker."""
    return [(one.remaining, one.stop) for one in stage.truth() if one.live and one.kind == "STP"]


def test_F_52_bracket_half_live(make: Make) -> None:
    stage = make()
    stage.run(10 * SECOND)
    stage.arm(52)
    reservation = stage.reserve_entry()
    stage.run(20 * SECOND)
    # The parent was filled before its stop failed: the position has one stop, an order of its own.
    stop = stage.legs(reservation)[Role.STOP]
    assert (stop.state, stop.note) == (OrderState.REJECTED, "Invalid child order")
    assert [one.severity for one in stage.told() if one.title == "A leg of a bracket failed"] == [
        Severity.ALARM
    ]
    assert stop.ticket.price is not None
    assert live_stops(stage) == [(10, int(stop.ticket.price * 100))]
    # No target sells the same shares beside it (T-36).
    assert sum(one.remaining for one in stage.truth() if one.live and one.side == "SELL") == 10
    stage.run(10 * MINUTE)
    assert (len(live_stops(stage)), len(stage.entries())) == (1, 1)
    assert not any("not protected" in title for title in stage.titles())


def test_an_unfilled_entry_whose_stop_failed_is_cancelled(make: Make) -> None:
    stage = make()
    stage.run(10 * SECOND)
    stage.arm(52)
    reservation = stage.reserve_entry(limit=stage.price() - 5)
    stage.run(20 * SECOND)
    assert stage.entry_state(reservation) is OrderState.CANCELLED
    assert [one.state for one in stage.entries()] == ["cancelled"]
    stage.run(5 * MINUTE)
    assert not [one for one in stage.truth() if one.live]


def test_without_the_probe_a_lost_stop_is_told_and_nothing_is_placed(make: Make) -> None:
    stage = make()
    stage.unproven()
    stage.run(10 * SECOND)
    stage.arm(52)
    stage.reserve_entry()
    stage.run(2 * MINUTE)
    assert stage.placements() == 1
    assert live_stops(stage) == []
    assert {"AAPL has lost its stop", "AAPL is not protected"} <= set(stage.titles())
