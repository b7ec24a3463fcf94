"""Pacing and transport: F-19 to F-26."""

from glassdesk.adapters.ibkr.gate import _BACK_OFF_SECONDS
from glassdesk.workflow.notifications.model import Severity
from glassdesk.workflow.orders.model import OrderState, Role
from glassdesk.workflow.session.model import SessionState
from tests.faults.conftest import Make
from tests.faults.stage import AAPL, HOUR, MINUTE, SECOND, Stage

UNKNOWN = {OrderState.UNKNOWN}
WORKING = {OrderState.WORKING}


def blind(stage: Stage, seconds: int) -> None:
    """For a while neither list nor trades show anything, and no cOID is refused twice."""
    stage.arm(40, seconds=seconds)
    stage.arm(67, seconds=seconds)
    stage.arm(54)


def test_F_19_429(make: Make) -> None:
    stage = make(poll=30 * SECOND)
    stage.run(10 * SECOND)
    stage.arm(54)
    stage.arm(19, endpoint="orders")
    reservation = stage.reserve_entry(limit=stage.price() - 5)
    stage.run(30 * SECOND)
    stopped = stage.now
    stage.run(MINUTE)
    assert set(stage.states(reservation).values()) == UNKNOWN
    assert {row["path"] for row in stage.requests(since=stopped)} <= {"/tickle"}
    stage.run(13 * MINUTE)
    assert {row["path"] for row in stage.requests(since=stopped)} == {"/tickle"}
    assert stage.asked("/tickle", since=stopped) >= 12
    stage.run(5 * MINUTE)
    assert stage.session is SessionState.READY
    assert stage.placements() == 1
    assert stage.truth() == []
    assert "An order needs a person" in stage.titles()


def test_F_20_penalty_box(make: Make) -> None:
    stage = make(poll=30 * SECOND)
    reservation = stage.a_position()
    stage.arm(20)
    began = stage.now
    stage.run(15 * MINUTE)
    alarms = [one for one in stage.told() if one.severity is Severity.ALARM]
    assert alarms
    # The first call hears of the box, one tickle a minute may follow, and then a single probe.
    heard = [row for row in stage.requests(since=began) if row["status"] == 429]
    assert len([row for row in heard if row["path"] != "/tickle"]) <= 1
    assert len(heard) <= 17
    stage.run(5 * MINUTE)
    assert stage.session is SessionState.READY
    assert stage.states(reservation)[Role.STOP] is OrderState.WORKING
    assert len(stage.entries()) == 1


def test_F_21_permanent_block(make: Make) -> None:
    stage = make(poll=10 * MINUTE)
    stage.run(10 * SECOND)
    stage.arm(21)
    began = stage.now
    stage.run(3 * HOUR)
    assert stage.session is not SessionState.READY
    assert stage.asked(since=began) <= 3 * 68
    assert stage.asked("/iserver/", since=began) <= 3 * 6
    told = [one for one in stage.told() if one.severity is Severity.ALARM]
    assert 1 <= len(told) <= 3


def test_F_22_lost_response_after_acceptance(make: Make) -> None:
    stage = make()
    stage.run(10 * SECOND)
    blind(stage, 60)
    stage.arm(22)
    reservation = stage.reserve_entry(limit=stage.price() - 5)
    stage.run(30 * SECOND)
    assert set(stage.states(reservation).values()) == UNKNOWN
    assert stage.titles() == ["Order of unknown fate"]
    stage.run(MINUTE)
    assert set(stage.states(reservation).values()) == WORKING
    assert stage.placements() == 1
    assert len(stage.entries()) == 1


def test_F_23_503_though_accepted(make: Make) -> None:
    stage = make()
    stage.run(10 * SECOND)
    blind(stage, 60)
    stage.arm(23)
    reservation = stage.reserve_entry(limit=stage.price() - 5)
    stage.run(30 * SECOND)
    assert set(stage.states(reservation).values()) == UNKNOWN
    assert stage.titles() == ["Order of unknown fate"]
    stage.run(MINUTE)
    assert set(stage.states(reservation).values()) == WORKING
    assert stage.placements() == 1
    assert len(stage.entries()) == 1


def test_F_24_500_with_empty_body(make: Make) -> None:
    stage = make()
    stage.run(10 * SECOND)
    stage.arm(24)
    reservation = stage.reserve_entry(limit=stage.price() - 5)
    stage.run(30 * SECOND)
    assert set(stage.states(reservation).values()) == UNKNOWN
    # Proven absent by its quorum, it is sent once more: the broker is known to refuse what it has.
    stage.run(4 * MINUTE)
    assert set(stage.states(reservation).values()) == WORKING
    assert stage.placements() == 2
    assert len(stage.entries()) == 1


def test_F_25_broken_answer(make: Make) -> None:
    for manner in ("html", "truncated", "502", "garbage"):
        stage = make()
        stage.run(10 * SECOND)
        stage.arm(25, manner=manner)
        # A read that breaks is read again, within the same turn.
        stage.arm(25, manner=manner, endpoint="snapshot", count=2)
        reservation = stage.reserve_entry(limit=stage.price() - 5)
        stage.run(MINUTE)
        assert set(stage.states(reservation).values()) == WORKING, manner
        assert stage.titles() == ["Order of unknown fate"], manner
        assert stage.placements() == 1, manner
        assert len(stage.entries()) == 1, manner


def test_F_26_sporadic_500_on_reads(make: Make) -> None:
    stage = make()
    stage.run(10 * SECOND)
    for status in (500, 503):
        stage.arm(26, count=2, status=status)
        began = stage.now
        assert stage.broker.contracts.contract(AAPL).symbol == "AAPL"
        assert [row["status"] for row in stage.requests("/iserver/contract", since=began)][:3] == [
            status,
            status,
            200,
        ]
        stage.travel(stage.now + MINUTE)
    # Three attempts with growing pauses, each by up to half shorter or longer, and no more.
    first, second, *more = (pause / _BACK_OFF_SECONDS for pause in stage.stopwatch.pauses)
    assert 1 <= first <= 3
    assert 2 <= second <= 6
    assert len(more) == 2
