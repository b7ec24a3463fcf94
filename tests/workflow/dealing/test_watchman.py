"""A chain that does not hold stops the desk and is told; one that holds is anchored again and again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from glassdesk.adapters.clocks import SystemStopwatch
from glassdesk.workflow.dealing.watchman import Watchman
from glassdesk.workflow.lineage.model import Reason
from glassdesk.workflow.notifications.model import Severity
from glassdesk.workflow.risk.model import HaltLevel
from tests.web.world import World, furnish, open_world


class Hours(SystemStopwatch):
    """A stopwatch by which hours pass between two looks."""

    def __init__(self) -> None:
        self.passed = 0.0

    def seconds(self) -> float:
        self.passed += 3600.0
        return self.passed


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with open_world(tmp_path) as opened:
        furnish(opened)
        yield opened


def watchman(world: World) -> Watchman:
    desk = world.desk
    return Watchman(desk.inspection, desk.risk, desk.notifications, desk.transactions, world.clock, Hours())


def tamper(world: World) -> None:
    """The memory of an attacker with the database open."""
    with world.desk.transactions.begin() as t:
        link = t.connection.connection.driver_connection  # type: ignore[attr-defined]
        link.execute("DROP TRIGGER audit_no_update")
        link.execute("UPDATE audit SET actor = 'nobody' WHERE seq = 3")


def test_T_50_a_chain_that_does_not_hold_at_start_halts_the_desk_and_is_told_once(world: World) -> None:
    tamper(world)
    guard = watchman(world)
    found = guard.begin()
    assert found.problem.startswith("row 3 (")
    guard.begin()
    with world.desk.transactions.read() as t:
        halt = world.desk.risk.halt(t)
        told = [one for one in world.desk.notifications.recent(t) if one.key.startswith("audit:broken:")]
        rows = [row for row in world.desk.audit.entries(t) if row.kind == "halt"]
    assert (halt.level, halt.actor) == (HaltLevel.HALT, "desk")
    assert halt.reason == f"the audit chain does not hold: {found.problem}"
    assert [one.severity for one in told] == [Severity.ALARM]
    assert len(rows) == 1
    guard.end()
    assert world.desk.inspection.recent()[1] == []


def test_a_higher_level_is_kept(world: World) -> None:
    with world.desk.transactions.begin() as t:
        world.desk.risk.set_halt(t, HaltLevel.FREEZE, "mine", "owner")
    tamper(world)
    watchman(world).begin()
    with world.desk.transactions.read() as t:
        assert world.desk.risk.halt(t).level is HaltLevel.FREEZE


def test_a_chain_that_holds_is_anchored_at_start_each_night_and_at_the_end(world: World) -> None:
    guard = watchman(world)
    assert guard.begin().problem == ""
    assert guard.look() is None
    act(world)
    world.clock.advance(timedelta(days=1))
    night = guard.look()
    assert night is not None
    assert (night.reason, night.problem) == (Reason.NIGHT, "")
    assert guard.look() is None
    act(world)
    guard.end()
    inspections, anchors = world.desk.inspection.recent()
    assert [one.reason for one in inspections] == [Reason.NIGHT, Reason.START]
    assert len(anchors) == 3
    with world.desk.transactions.read() as t:
        assert world.desk.risk.halt(t).level is HaltLevel.ACTIVE


def test_simulated_nights_that_fly_by_are_looked_at_once_a_minute(world: World) -> None:
    desk = world.desk
    guard = Watchman(
        desk.inspection, desk.risk, desk.notifications, desk.transactions, world.clock, SystemStopwatch()
    )
    guard.begin()
    world.clock.advance(timedelta(days=1))
    assert guard.look() is None


def act(world: World) -> None:
    with world.desk.transactions.begin() as t:
        world.desk.audit.append(t, "owner", "something", "session")
