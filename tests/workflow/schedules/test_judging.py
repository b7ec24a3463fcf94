"""What becomes of instants that are due, without any desk."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from glassdesk.workflow.contracts.model import Hours
from glassdesk.workflow.market_data.model import BarSize
from glassdesk.workflow.runs.jitter import WIDTH, jitter, starts_at
from glassdesk.workflow.runs.model import Run, RunState
from glassdesk.workflow.schedules.breaker import failures
from glassdesk.workflow.schedules.judging import Scene, judge
from glassdesk.workflow.schedules.model import Cause, Outcome, Pause, Slot, SlotState
from glassdesk.workflow.schedules.service_level import service_level
from glassdesk.workflow.strategies.model import Strategy, Timing
from glassdesk.workflow.strategies.timing import closed
from tests.adapters.laws.makers import MINUTE, a_run, a_slot, a_strategy

ZONE = ZoneInfo("America/New_York")
TEN = datetime(2024, 11, 29, 15, 0, tzinfo=UTC)
"""Ten in New York on the day after Thanksgiving: it closes at one."""
HALF_DAY = Hours(
    session=date(2024, 11, 29), opens_at=TEN - timedelta(minutes=30), closes_at=TEN + timedelta(hours=3)
)
DAY = timedelta(days=1)


def strategy(*, at_once: bool = True, size: BarSize = BarSize.HOUR_1) -> Strategy:
    timing = Timing(
        cron="0 * * * *",
        zone="America/New_York",
        exchange="XNYS",
        enter_after_open=None if at_once else 5,
        enter_before=10 if at_once else 60,
    )
    return replace(a_strategy().strategy, timing=timing, bar_size=size)


def scene(now: datetime, ticked_at: datetime | None = None, pause: Pause | None = None) -> Scene:
    return Scene(now=now, zone=ZONE, pause=pause, ticked_at=ticked_at or now)


@pytest.mark.parametrize(
    ("instant", "at_once", "why"),
    [
        (TEN, True, ""),
        (TEN + timedelta(hours=3), True, "XNYS closed at 13:00 that day"),
        (TEN + timedelta(hours=3), False, ""),
        (TEN - timedelta(minutes=45), True, "XNYS opens at 09:30 that day"),
        (TEN - timedelta(minutes=35), True, ""),
    ],
)
def test_T_03_an_instant_counts_where_its_order_could_go_out(
    instant: datetime, at_once: bool, why: str
) -> None:
    when = strategy(at_once=at_once).timing
    assert closed(when, instant, HALF_DAY, ZONE) == why
    assert closed(when, instant, None, ZONE) == "XNYS has no session that day"


def test_after_an_outage_at_most_the_latest_runs() -> None:
    daily = strategy(size=BarSize.DAY)
    due = [(TEN + timedelta(minutes=step), HALF_DAY) for step in (-20, 0, 60, 70)]
    judged = judge(daily, due, scene(TEN + timedelta(minutes=125)))
    assert [one.state for one in judged] == [SlotState.MISSED] * 3 + [SlotState.RUN]
    assert judged[0].reason == "LATE: 145 min late, the limit is 120 min"
    assert judged[1].reason == "LATE: 125 min late, the limit is 120 min"
    assert judged[2].reason == "LATE: the slot of Fri 29 Nov 11:10 takes its place"


@pytest.mark.parametrize(
    ("size", "late", "state"),
    [
        (BarSize.DAY, 120 * MINUTE, SlotState.RUN),
        (BarSize.DAY, 120 * MINUTE + timedelta(seconds=1), SlotState.MISSED),
        (BarSize.MIN_5, 2.5 * MINUTE, SlotState.RUN),
        (BarSize.MIN_5, 2.5 * MINUTE + timedelta(seconds=1), SlotState.MISSED),
        (BarSize.HOUR_1, 5 * MINUTE, SlotState.RUN),
        (BarSize.HOUR_1, 6 * MINUTE, SlotState.MISSED),
    ],
)
def test_T_05_a_slot_starts_inside_its_deadline_or_never(
    size: BarSize, late: timedelta, state: SlotState
) -> None:
    [judged] = judge(strategy(size=size), [(TEN, HALF_DAY)], scene(TEN + late))
    assert judged.state is state


def test_T_05_a_slot_that_came_while_nobody_ticked_was_slept_through() -> None:
    late = TEN + timedelta(hours=2)
    [slept] = judge(strategy(), [(TEN, HALF_DAY)], scene(late, ticked_at=TEN - MINUTE))
    [awake] = judge(strategy(), [(TEN, HALF_DAY)], scene(late, ticked_at=TEN))
    assert (slept.state, awake.state) == (SlotState.MACHINE_ASLEEP, SlotState.MISSED)
    assert slept.reason.startswith("ASLEEP: no worker ran from Fri 29 Nov 09:59 to Fri 29 Nov 12:00")


def test_a_pause_comes_before_lateness_and_a_holiday_before_a_pause() -> None:
    pause = Pause(strategy="morning", actor="owner", reason="", at=TEN)
    due = [(TEN - DAY, None), (TEN, HALF_DAY)]
    judged = judge(strategy(), due, scene(TEN + timedelta(hours=3), pause=pause))
    assert [one.state for one in judged] == [SlotState.HOLIDAY, SlotState.PAUSED]
    assert judged[1].reason == "the schedule is paused by owner"


def test_each_strategy_has_its_own_second_and_keeps_it() -> None:
    drawn = {name: jitter(name) for name in (f"strategy-{number}" for number in range(60))}
    assert all(timedelta(0) <= one < WIDTH for one in drawn.values())
    assert len(set(drawn.values())) == 15
    assert drawn == {name: jitter(name) for name in drawn}
    assert jitter("morning", timedelta(0)) == timedelta(0)
    assert starts_at(a_run(), WIDTH) == a_run().slot + jitter("morning")


def outcome(day: int, *runs: Run, state: SlotState = SlotState.RUN, reason: str = "") -> Outcome:
    return Outcome(slot=replace(a_slot(instant=TEN + day * DAY), state=state, reason=reason), runs=runs)


def ended(state: RunState, reason: str, day: int = 0) -> Run:
    return replace(a_run(), state=state, reason=reason, ended_at=TEN + day * DAY + MINUTE)


FAILED = ended(RunState.FAILED, "INTEGRITY: another hash")
FINE = ended(RunState.NO_TRADE, "NO_SIGNAL: nothing")
BLOCKED = ended(RunState.FAILED, "BLOCKED_SESSION: not ready")


@pytest.mark.parametrize(
    ("newest_first", "since", "opens"),
    [
        ([outcome(3, FAILED), outcome(2, FAILED), outcome(1, FAILED)], None, True),
        ([outcome(3, FAILED), outcome(2, FAILED)], None, False),
        ([outcome(3, FAILED), outcome(2, FINE), outcome(1, FAILED), outcome(0, FAILED)], None, False),
        ([outcome(3, FAILED), outcome(2, FAILED), outcome(1, FAILED, FINE)], None, False),
        ([outcome(3, FAILED), outcome(2, FAILED), outcome(1, FAILED)], TEN + DAY, False),
        ([outcome(3, BLOCKED), outcome(2, BLOCKED), outcome(1, BLOCKED)], None, False),
        (
            [outcome(4, FAILED), outcome(3, state=SlotState.HOLIDAY), outcome(2, FAILED), outcome(1, FAILED)],
            None,
            True,
        ),
    ],
)
def test_the_breaker_opens_after_three_failures_of_the_desk_in_a_row(
    newest_first: list[Outcome], since: datetime | None, opens: bool
) -> None:
    assert bool(failures(newest_first, since)) is opens


def test_the_service_level_counts_what_could_be_decided_and_gives_each_miss_its_cause() -> None:
    late = replace(FINE, ended_at=TEN + timedelta(minutes=11))
    lost = {
        Cause.SIGN_IN: outcome(0, FINE, BLOCKED),
        Cause.ASLEEP: outcome(0, state=SlotState.MACHINE_ASLEEP),
        Cause.DATA: outcome(0, ended(RunState.FAILED, "READ_FAILED: no bars")),
        Cause.MODEL: outcome(0, ended(RunState.NO_TRADE, "NO_SIGNAL: no answer: it timed out")),
    }
    own = [outcome(0, late), outcome(0, state=SlotState.MISSED), outcome(0, FAILED)]
    own.append(outcome(0, state=SlotState.PAUSED, reason="BREAKER: 3 slots"))
    uncounted = [
        outcome(0, state=SlotState.HOLIDAY),
        outcome(0, state=SlotState.PAUSED, reason="the schedule is paused by owner"),
        outcome(0, FAILED, reason="asked for by owner"),
        outcome(0, replace(a_run(), state=RunState.RUNNING)),
    ]
    fine = [outcome(0, FINE)] * 92
    level = service_level([*lost.values(), *own, *uncounted, *fine], TEN, five_minutes)
    assert dict(level.misses) == dict.fromkeys(lost, 1) | {Cause.OWN: 4}
    assert (level.eligible, level.complete, level.pending) == (100, 92, 1)
    assert str(level.share) == "0.92"
    assert not level.kept
    assert service_level(fine, TEN, five_minutes).kept
    assert service_level([], TEN, five_minutes).share is None


def five_minutes(slot: Slot) -> timedelta:
    del slot
    return 5 * MINUTE
