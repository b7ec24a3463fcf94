"""Pacing and transport: F-19 to F-26."""

from glassdesk.workflow.orders.model import OrderState
from tests.faults.conftest import Make
from tests.faults.stage import MINUTE, SECOND


def test_F_22_lost_response_after_acceptance(make: Make) -> None:
    stage = make()
    stage.run(10 * SECOND)
    stage.arm(22, endpoint="reply")
    stage.arm(40, seconds=60)
    stage.arm(67, seconds=60)
    reservation = stage.reserve_entry(limit=stage.price() - 5)
    stage.run(30 * SECOND)
    assert set(stage.states(reservation).values()) == {OrderState.UNKNOWN}
    assert stage.titles() == ["Order of unknown fate"]
    stage.run(MINUTE)
    assert set(stage.states(reservation).values()) == {OrderState.WORKING}
    assert stage.placements() == 1
    assert len(stage.entries()) == 1
