"""When the session is initialised, taken over and told of: never a storm [F-03…F-06, F-14]."""

import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassdesk.workflow.session import mending
from glassdesk.workflow.session.model import SessionState, SessionStatus

NOON = datetime(2026, 7, 1, 16, 0, tzinfo=UTC)
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


def seen(state: SessionState, at: datetime = NOON, **facts: object) -> SessionStatus:
    return replace(SessionStatus(state=state, seen_at=at), **facts)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("repairs", "seconds"), [(0, 0), (1, 60), (2, 120), (3, 240), (5, 960), (6, 1800), (40, 1800)]
)
def test_pauses_double_from_a_minute_to_half_an_hour(repairs: int, seconds: int) -> None:
    assert mending.pause_after(repairs) == timedelta(seconds=seconds)


def test_F_02_a_lost_bridge_is_initialised_at_once_and_then_not_for_a_minute() -> None:
    assert mending.may_initialise(None, seen(SessionState.NO_BRIDGE))
    before = seen(SessionState.NO_BRIDGE, repairs=1, repaired_at=NOON)
    assert not mending.may_initialise(before, seen(SessionState.NO_BRIDGE, NOON + 59 * SECOND))
    assert mending.may_initialise(before, seen(SessionState.NO_BRIDGE, NOON + 60 * SECOND))


def test_F_04_half_ready_is_waited_for_a_minute_before_another_init() -> None:
    before = seen(SessionState.HALF_READY, since=NOON, repairs=1, repaired_at=NOON)
    assert not mending.may_initialise(before, seen(SessionState.HALF_READY, NOON + 59 * SECOND))
    assert mending.may_initialise(before, seen(SessionState.HALF_READY, NOON + 60 * SECOND))
    assert not mending.may_initialise(None, seen(SessionState.HALF_READY))


@pytest.mark.parametrize(
    "state",
    [s for s in SessionState if s not in (SessionState.NO_BRIDGE, SessionState.HALF_READY)],
)
def test_nothing_else_is_ever_initialised(state: SessionState) -> None:
    assert not mending.may_initialise(None, seen(state))


def test_F_05_a_take_over_that_nobody_asked_for_happens_once_a_day() -> None:
    competing = seen(SessionState.COMPETING)
    assert mending.may_take_over(None, competing)
    before = seen(SessionState.READY, took_over_at=NOON - timedelta(hours=23))
    assert not mending.may_take_over(before, competing)
    assert mending.may_take_over(replace(before, took_over_at=NOON - timedelta(hours=24)), competing)
    assert not mending.may_take_over(None, seen(SessionState.NO_BRIDGE))


def test_half_ready_is_looked_at_each_second_for_a_minute() -> None:
    first = seen(SessionState.HALF_READY, since=NOON)
    assert mending.look_again_at(first) == NOON + SECOND
    assert mending.look_again_at(replace(first, seen_at=NOON + MINUTE)) == NOON + MINUTE + 15 * SECOND


def test_F_01_signed_out_is_looked_at_once_a_minute() -> None:
    assert mending.look_again_at(seen(SessionState.SIGNED_OUT)) == NOON + MINUTE


@pytest.mark.parametrize("state", mending.NEEDS_A_PERSON)
def test_what_only_a_person_can_mend_is_told_at_once(state: SessionState) -> None:
    assert mending.is_to_be_told(seen(state, down_since=NOON))
    assert not mending.is_to_be_told(seen(state, down_since=NOON, quiet_until=NOON + MINUTE))


def test_what_mends_itself_is_told_after_two_minutes() -> None:
    lost = seen(SessionState.UNREACHABLE, NOON + 119 * SECOND, down_since=NOON)
    assert not mending.is_to_be_told(lost)
    assert mending.is_to_be_told(replace(lost, seen_at=NOON + 2 * MINUTE))
    assert not mending.is_to_be_told(replace(lost, state=SessionState.RESETTING, seen_at=NOON + 9 * MINUTE))


states = st.sampled_from(
    [SessionState.NO_BRIDGE, SessionState.HALF_READY, SessionState.READY, SessionState.UNREACHABLE]
)


@given(st.lists(states, min_size=50, max_size=400), st.data())
def test_F_14_however_the_session_flaps_a_day_never_sees_a_storm_of_initialisations(
    shown: list[SessionState], data: st.DataObject
) -> None:
    before, now, inits = None, NOON, list[datetime]()
    for state in shown:
        now += data.draw(st.sampled_from([SECOND, 15 * SECOND, MINUTE]))
        look = seen(state, now)
        repairs = mending.repairs_left(before, now)
        kept: dict[str, object] = {"repairs": repairs, "repaired_at": before.repaired_at if before else None}
        if mending.may_initialise(before, look):
            inits.append(now)
            kept = {"repairs": repairs + 1, "repaired_at": now}
        since = before.since if before is not None and before.state is state else now
        before = replace(look, since=since, **kept)  # type: ignore[arg-type]
    for first, second in itertools.pairwise(inits):
        assert second - first >= MINUTE
    for index, first in enumerate(inits):
        assert len([at for at in inits[index:] if at < first + timedelta(hours=1)]) <= 8
