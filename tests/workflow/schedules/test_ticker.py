"""Every instant a strategy is due gets one row, whoever ticks and however late."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from glassdesk.workflow.runs.model import RunState
from glassdesk.workflow.schedules.model import SlotState
from tests.workflow.runs.harness import SLOT, Harness, harness


@pytest.fixture
def h(tmp_path: Path) -> Iterator[Harness]:
    with harness(tmp_path / "home") as made:
        made.strategy("rising", "UP")
        yield made


def states(h: Harness) -> dict[datetime, SlotState]:
    with h.desk.transactions.read() as t:
        return {slot.instant: slot.state for slot in h.desk.schedules.slots(t)}


def test_a_due_slot_becomes_a_run_and_rings(h: Harness) -> None:
    (run,) = h.due()
    assert h.run(run).state is RunState.DUE
    assert list(h.bell.rung) == [run]
    assert states(h)[SLOT] is SlotState.RUN


def test_ticking_again_adds_nothing(h: Harness) -> None:
    assert len(h.due()) == 1
    assert h.desk.schedules.tick() == []


def test_a_holiday_gets_a_row_and_no_run(h: Harness) -> None:
    thanksgiving = datetime(2012, 11, 22, 14, tzinfo=UTC)
    h.tick_at(thanksgiving)
    assert states(h)[thanksgiving] is SlotState.HOLIDAY


def test_a_slot_too_late_is_missed_and_told(h: Harness) -> None:
    assert h.tick_at(SLOT + timedelta(minutes=121)) == []
    assert states(h)[SLOT] is SlotState.MISSED
    with h.desk.transactions.read() as t:
        (told,) = h.desk.notifications.recent(t)
    assert "121 min late" in told.body


def test_a_slot_a_little_late_still_runs(h: Harness) -> None:
    assert len(h.tick_at(SLOT + timedelta(minutes=119))) == 1


def test_a_paused_schedule_records_its_slots(h: Harness) -> None:
    with h.desk.transactions.begin() as t:
        h.desk.schedules.pause(t, "rising", "owner")
    assert h.due() == []
    assert states(h)[SLOT] is SlotState.PAUSED
    with h.desk.transactions.begin() as t:
        h.desk.schedules.resume(t, "rising", "owner")
    assert len(h.tick_at(SLOT + timedelta(days=1))) == 1


def test_a_disabled_strategy_leaves_no_rows_and_none_are_made_up_later(h: Harness) -> None:
    with h.desk.transactions.begin() as t:
        h.desk.strategies.disable(t, "rising", "owner", holds_shares=False)
    assert h.due() == []
    with h.desk.transactions.begin() as t:
        h.desk.strategies.enable(t, "rising", "owner")
    h.clock.advance(timedelta(hours=1))
    assert h.desk.schedules.tick() == []
    assert states(h) == {}


def test_a_new_version_never_makes_a_second_row_for_an_instant(h: Harness) -> None:
    h.due()
    h.strategy("rising", "UP", history=130)
    assert h.desk.schedules.tick() == []
    assert len(states(h)) == 1


def test_the_next_slots_skip_days_without_a_session(h: Harness) -> None:
    h.tick_at(datetime(2012, 10, 26, 20, tzinfo=UTC))
    with h.desk.transactions.read() as t:
        ahead = h.desk.schedules.next(t, h.clock.now(), 2)
    assert [due.instant.date().isoformat() for due in ahead] == ["2012-10-31", "2012-11-01"]
