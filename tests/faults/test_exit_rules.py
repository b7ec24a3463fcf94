"""The exit rules that hold for a position, and how long it may stay (T-15, T-30)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from glassdesk.workflow.dealing.model import CommandKind
from glassdesk.workflow.orders.bracket import Reservation
from glassdesk.workflow.orders.model import IntentKind, IntentState, OrderState, Role
from glassdesk.workflow.positions.model import ExitPlan
from glassdesk.workflow.risk.model import HaltLevel
from tests.faults.conftest import Make
from tests.faults.looking import owned
from tests.faults.stage import IBM, MINUTE, SECOND, Stage
from tests.faults.test_lanes import asked
from tests.workflow.dealing.makers import a_strategy

AFTER_ONE = datetime(2012, 10, 1, 20, 5, tzinfo=UTC)
"""The first bar has closed."""
AFTER_TWO = datetime(2012, 10, 2, 20, 5, tzinfo=UTC)
NEXT_OPEN = datetime(2012, 10, 3, 13, 31, tzinfo=UTC)


def new_version(stage: Stage, number: int = 2, **exits: object) -> None:
    """A person edits the strategy."""
    row = a_strategy()
    plan = replace(ExitPlan(stop_atr=Decimal("2.5")), **exits)  # type: ignore[arg-type]  # fields by name
    strategy = replace(row.strategy, version=number, exits=plan)
    stage.write(lambda t: stage.ground.stores.strategies.add_version(t, replace(row, strategy=strategy)))


def held_by_rules(stage: Stage) -> Reservation:
    """A position whose stop is where its strategy's first version puts it: 2.5 ATR of 10 below the most the
    entry could pay."""
    limit = (stage.price(IBM) * Decimal("1.004")).quantize(Decimal("0.01"))
    reservation = stage.reserve_entry(IBM, limit=limit, stop=limit - 25)
    stage.run_until(lambda: stage.entry_state(reservation) is OrderState.FILLED)
    stage.run(30 * SECOND)
    return reservation


def exits(stage: Stage) -> list[IntentState]:
    """States of every exit ever reserved."""
    found = stage.read(stage.desk.orders.intents)
    return [state for intent, state in found if intent.kind is IntentKind.REDUCE]


def prices(stage: Stage, reservation: Reservation) -> tuple[Decimal | None, Decimal | None]:
    legs = stage.legs(reservation)
    return legs[Role.STOP].ticket.price, legs[Role.TARGET].ticket.price


def test_T_15_a_position_keeps_its_exit_rules_until_a_person_applies_the_new_ones(make: Make) -> None:
    stage = make(poll=6 * SECOND)
    reservation = held_by_rules(stage)
    before = prices(stage, reservation)
    new_version(stage, max_bars=2, stop_atr=Decimal(2), target_atr=Decimal(3))
    stage.travel(AFTER_TWO)
    stage.run(MINUTE)
    # Two bars have closed, and the rules it was opened with set no limit.
    assert (exits(stage), prices(stage, reservation), owned(stage, IBM)) == ([], before, 10)
    stage.travel(NEXT_OPEN)
    stage.run(MINUTE)
    result = asked(stage, CommandKind.APPLY_EXITS, "IBM looks tired")
    assert result.startswith(
        "exit rules of version 2 instead of 1: stop 2.5 ATR → 2 ATR, target parked → 3 ATR"
    )
    [row] = stage.audit("exits.applied")
    assert row.actor == "owner"
    assert '"hashes"' in row.body
    assert before[0] is not None
    assert before[1] is not None
    assert prices(stage, reservation)[0] == before[0] + 5
    # The target moves too, before the bars that have passed already have the position left by it.
    assert f"target {before[1]} → {before[1] - 50} changed" in result
    stage.run(2 * MINUTE)
    assert (exits(stage), stage.held(IBM)) == ([IntentState.DONE], 0)


def test_T_15_what_is_applied_holds_for_that_holding_and_is_applied_once(make: Make) -> None:
    stage = make(poll=6 * SECOND)
    held_by_rules(stage)
    assert "already" in asked(stage, CommandKind.APPLY_EXITS, "IBM")
    new_version(stage, max_bars=5)
    assert "version 2 instead of 1" in asked(stage, CommandKind.APPLY_EXITS, "IBM first")
    assert "already" in asked(stage, CommandKind.APPLY_EXITS, "IBM again")
    assert "holds no" in asked(stage, CommandKind.APPLY_EXITS, "MSFT")
    assert len(stage.audit("exits.applied")) == 1
    [held] = stage.read(lambda t: stage.desk.positions.held(t, stage.desk.account))
    rules = stage.read(lambda t: stage.desk.exit_rules.of(t, held))
    assert rules is not None
    assert (rules.version, rules.plan.max_bars, rules.waits) == (2, 5, False)
    # The next holding begins with the rules it is opened with.
    later = replace(held, opened_at=stage.now)
    other = stage.read(lambda t: stage.desk.exit_rules.of(t, later))
    assert other is not None
    assert other.version == 1


def test_T_15_a_stop_that_somebody_else_set_stays_where_it_is(make: Make) -> None:
    stage = make(poll=6 * SECOND)
    reservation = stage.reserve_entry(IBM)
    stage.run_until(lambda: stage.entry_state(reservation) is OrderState.FILLED)
    stage.run(30 * SECOND)
    before = prices(stage, reservation)
    new_version(stage, stop_atr=Decimal(1))
    assert "stop 2.5 ATR → 1 ATR" in asked(stage, CommandKind.APPLY_EXITS, "IBM")
    assert prices(stage, reservation) == before


@pytest.mark.parametrize("dies", [False, True], ids=["", "and the dealer dies in between"])
def test_a_position_is_left_once_after_as_many_bars_as_its_rules_allow(make: Make, dies: bool) -> None:
    stage = make(poll=6 * SECOND)
    held_by_rules(stage)
    new_version(stage, max_bars=2)
    asked(stage, CommandKind.APPLY_EXITS, "IBM")
    stage.travel(AFTER_ONE)
    stage.run(MINUTE)
    assert exits(stage) == []
    stage.travel(AFTER_TWO)
    stage.run(MINUTE)
    assert exits(stage) == [IntentState.QUEUED]
    if dies:
        stage.restart()
        stage.run(MINUTE)
    # It waits for the open, and there is one of it.
    assert (exits(stage), stage.held(IBM)) == ([IntentState.QUEUED], 10)
    stage.travel(NEXT_OPEN)
    stage.run(3 * MINUTE)
    assert (exits(stage), stage.held(IBM), owned(stage, IBM)) == ([IntentState.DONE], 0, 0)
    assert not any(one.live for one in stage.truth() if one.side == "SELL")
    [told] = [one for one in stage.told() if one.title == "IBM is left by its exit rules"]
    assert told.body == "time exit after 2 bars: 10 shares"
    run = stage.read(lambda t: stage.desk.runs.run(t, told.ref.removeprefix("run:")))
    nodes = stage.read(lambda t: stage.desk.lineage.nodes_of_run(t, run.run))
    assert {"act", "intent"} <= {node.kind for node in nodes}


def test_T_50_at_halt_no_position_is_left_for_its_age(make: Make) -> None:
    stage = make(poll=6 * SECOND)
    held_by_rules(stage)
    new_version(stage, max_bars=1)
    asked(stage, CommandKind.APPLY_EXITS, "IBM")
    stage.write(lambda t: stage.desk.risk.set_halt(t, HaltLevel.HALT, "test", "owner"))
    stage.travel(AFTER_ONE)
    stage.run(MINUTE)
    assert exits(stage) == []
    stage.write(lambda t: stage.desk.risk.resume(t, "test", "owner"))
    stage.run(MINUTE)
    assert exits(stage) == [IntentState.QUEUED]
