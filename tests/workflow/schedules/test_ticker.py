"""Every instant a strategy is due gets one row, whoever ticks and however late."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, event

from glassdesk.kernel.errors import Conflict
from glassdesk.workflow.notifications.model import Severity
from glassdesk.workflow.runs.model import RunState
from glassdesk.workflow.schedules.model import Cause, SlotState
from glassdesk.workflow.session.model import SessionState
from tests.workflow.runs.harness import SLOT, Harness, harness


@pytest.fixture
def h(tmp_path: Path) -> Iterator[Harness]:
    with harness(tmp_path / "home") as made:
        made.strategy("rising", "UP")
        yield made


def states(h: Harness, name: str = "rising") -> dict[datetime, SlotState]:
    with h.desk.transactions.read() as t:
        return {slot.instant: slot.state for slot in h.desk.schedules.slots(t, strategy=name)}


def reasons(h: Harness) -> dict[datetime, str]:
    with h.desk.transactions.read() as t:
        return {slot.instant: slot.reason for slot in h.desk.schedules.slots(t)}


def asked(h: Harness) -> int:
    """Statements of one tick in which nothing is due."""
    said: list[str] = []

    def note(connection: object, cursor: object, statement: str, *rest: object) -> None:
        del connection, cursor, rest
        said.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        assert h.desk.schedules.tick() == []
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    return len(said)


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


def test_T_05_a_slot_lost_to_sleep_says_so_and_is_told(h: Harness) -> None:
    h.tick_at(SLOT - timedelta(hours=1))
    assert h.tick_at(SLOT + timedelta(minutes=121)) == []
    assert states(h)[SLOT] is SlotState.MACHINE_ASLEEP
    with h.desk.transactions.read() as t:
        (told,) = h.desk.notifications.recent(t)
    assert told.body.startswith(
        "ASLEEP: no worker ran from Mon 01 Oct 08:00 to Mon 01 Oct 11:01: 121 min late"
    )


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


def test_what_is_changed_after_its_instant_was_due_as_it_stood(h: Harness) -> None:
    """A person disables it a second after nine, before any worker has looked."""
    h.clock.advance(SLOT + timedelta(seconds=1) - h.clock.now())
    with h.desk.transactions.begin() as t:
        h.desk.strategies.disable(t, "rising", "owner", holds_shares=False)
    assert states(h) == {SLOT: SlotState.RUN}
    assert h.desk.schedules.tick() == []


def test_a_run_that_is_not_done_keeps_the_next_slot_from_beginning(h: Harness) -> None:
    h.strategy("twice", "ALSO", cron='"0 9,10 * * 1-5"')
    runs = h.due()
    assert h.tick_at(SLOT + timedelta(hours=1)) == []
    newest = reasons(h)[SLOT + timedelta(hours=1)]
    assert newest.startswith("OVERLAP: not done yet: ALSO since 2012-10-01 13:00 UTC (due)")
    with pytest.raises(Conflict, match="not done yet"), h.desk.transactions.begin() as t:
        h.desk.schedules.run_now(t, "twice", conids=None, actor="owner")
    h.execute(*runs)
    assert len(h.tick_at(SLOT + timedelta(days=1))) == 2


def test_a_run_that_nobody_took_gives_way_once_it_is_too_late_for_it(h: Harness) -> None:
    (run,) = h.due()
    assert len(h.tick_at(SLOT + timedelta(days=1))) == 1
    assert h.run(run).reason == "LATE: no worker took it; the slot of 2012-10-02 13:00 UTC takes its place"


def test_a_run_that_waits_for_a_sign_in_gives_way_to_the_next_slot(h: Harness) -> None:
    h.session(SessionState.SIGNED_OUT)
    (run,) = h.due()
    h.execute(run)
    assert h.run(run).state is RunState.DUE
    assert len(h.tick_at(SLOT + timedelta(days=1))) == 1
    given = h.run(run)
    assert given.state is RunState.FAILED
    assert given.reason.startswith("BLOCKED_SESSION: ")
    assert given.reason.endswith("the slot of 2012-10-02 13:00 UTC takes its place")


def test_a_slot_that_waits_begins_once_the_one_before_is_done(h: Harness) -> None:
    h.strategy("waiting", "ALSO", overlap="wait", cron='"0 9,10 * * 1-5"')
    runs = h.due()
    assert h.tick_at(SLOT + timedelta(hours=1)) == []
    h.execute(*runs)
    assert len(h.tick_at(SLOT + timedelta(hours=1, seconds=5))) == 1
    assert states(h, "waiting")[SLOT + timedelta(hours=1)] is SlotState.RUN


def test_a_run_that_no_worker_took_in_time_is_never_decided(h: Harness) -> None:
    (run,) = h.due()
    h.clock.advance(timedelta(minutes=121))
    h.execute(run)
    found = h.run(run)
    assert (found.state, found.reason[:5]) == (RunState.FAILED, "LATE:")


def test_three_slots_that_failed_in_a_row_pause_the_strategy(h: Harness) -> None:
    for day in range(3):
        (run,) = h.tick_at(SLOT + timedelta(days=day))
        h.clock.advance(timedelta(minutes=121))
        h.execute(run)
    h.desk.schedules.tick()
    with h.desk.transactions.read() as t:
        pause, told = h.desk.schedules.paused(t)["rising"], h.desk.notifications.recent(t)[0]
        level = h.desk.schedules.service_level(t, h.clock.now())
    assert pause.actor == "desk"
    assert pause.reason.startswith("BREAKER: 3 slots in a row failed, the last: LATE:")
    assert (told.title, told.severity) == ("rising is paused", Severity.ALARM)
    assert (level.eligible, level.complete, level.misses) == (3, 0, {Cause.OWN: 3})
    assert h.tick_at(SLOT + timedelta(days=3)) == []
    with h.desk.transactions.begin() as t:
        h.desk.schedules.resume(t, "rising", "owner")
    assert len(h.tick_at(SLOT + timedelta(days=4))) == 1


def test_a_tick_asks_as_much_whoever_is_not_due(h: Harness) -> None:
    h.tick_at(SLOT - timedelta(hours=2))
    alone = asked(h)
    with h.desk.transactions.begin() as t:
        for number in range(200):
            h.ground.stores.slots.plan(t, f"also-{number}", SLOT)
    assert asked(h) == alone


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
