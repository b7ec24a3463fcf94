"""Stops that are not shown, stops that wait, entries that are filled in part (T-23, T-32, T-42)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from glassdesk.web.views.positions import positions_of
from glassdesk.workflow.dealing.model import CommandKind
from glassdesk.workflow.orders.model import OrderState, Role
from glassdesk.workflow.positions.protection import ProtectionState
from tests.faults.conftest import Make
from tests.faults.looking import live_stops, owned, protection
from tests.faults.stage import ACCOUNT, IBM, MINUTE, SECOND, Stage
from tests.faults.test_hands_off import trade
from tests.faults.test_lanes import asked


def the_next_morning(stage: Stage) -> None:
    """A new session on the next day, half an hour after the open."""
    stage.travel(stage.now + timedelta(days=1))
    stage.restart()


def test_T_32_a_stop_that_ended_overnight_is_proven_over_in_order_and_replaced_once(make: Make) -> None:
    stage = make(poll=6 * SECOND)
    position = stage.a_position()
    [stop] = [one for one in stage.truth() if one.kind == "STP"]
    stage.travel(stage.now + 8 * 60 * MINUTE)
    stage.world.exchange.cancel_by_system(stop, "nobody saw this")
    stage.travel(stage.now + 16 * 60 * MINUTE)
    stage.restart()
    began = stage.now
    stage.run_until(lambda: bool(live_stops(stage)), within=3 * MINUTE)
    identity = stage.legs(position)[Role.STOP].broker_order_id
    asked = [row["at"] for row in stage.requests(f"/iserver/account/order/status/{identity}", since=began)]
    ended = [
        row["at"]
        for row in stage.requests(f"/iserver/account/{ACCOUNT}/order/{identity}", "DELETE", since=began)
    ]
    # Status by id, the trades, then its cancel, refused twice six seconds apart; only then one new stop.
    assert len(ended) == 2
    assert ended[1] - ended[0] >= 6_000_000
    assert asked[0] < ended[0]
    assert [one.remaining for one in stage.truth() if one.live and one.kind == "STP"] == [10]
    stage.run(MINUTE)
    assert (live_stops(stage), owned(stage)) == ([10], 10)
    assert protection(stage).state is ProtectionState.LIVE


def test_T_32_a_hidden_stop_whose_status_is_silent_is_never_doubled(make: Make) -> None:
    stage = make(poll=6 * SECOND, gtc_visible_next_day="hidden")
    position = stage.a_position(IBM)
    the_next_morning(stage)
    stage.arm(62, seconds=100)
    for _ in range(12):
        stage.run(10 * SECOND)
        assert sum(live_stops(stage)) <= 10
    stage.run(2 * MINUTE)
    assert live_stops(stage) == [10]
    assert owned(stage, IBM) == 10
    assert stage.states(position)[Role.STOP] in (OrderState.CANCELLED, OrderState.WORKING)


@pytest.mark.parametrize("children", ["held_until_full", "full"])
@pytest.mark.parametrize("on_cancel", ["kept", "cancelled"])
def test_T_23_where_children_are_as_large_as_the_whole_entry_the_rest_is_given_up_for_a_stop_that_fits(
    make: Make, children: str, on_cancel: str
) -> None:
    stage = make(poll=6 * SECOND, children=children, on_parent_cancel=on_cancel)
    stage.run(10 * SECOND)
    stage.arm(58, quantity=4)
    stage.reserve_entry(ttl_seconds=3000)
    stage.run_until(lambda: stage.held() == 4)
    filled_at = stage.now
    stage.run_until(lambda: live_stops(stage) == [4])
    assert stage.now - filled_at <= MINUTE
    stage.run(MINUTE)
    assert (owned(stage), live_stops(stage)) == (4, [4])


def test_T_23_where_children_grow_with_the_fills_the_entry_works_on(make: Make) -> None:
    stage = make(poll=6 * SECOND, children="scaled")
    stage.run(10 * SECOND)
    stage.arm(58, quantity=4)
    reservation = stage.reserve_entry(ttl_seconds=3000)
    stage.run(2 * MINUTE)
    assert stage.entry_state(reservation) is OrderState.PARTIAL
    assert sum(live_stops(stage)) >= 4


def test_T_32_a_hidden_target_whose_cancel_is_refused_twice_is_over(make: Make) -> None:
    stage = make(poll=6 * SECOND, gtc_visible_next_day="hidden")
    position = stage.a_position()
    # The market falls through the stop as the next day opens; the target ends with it, and nothing says so.
    the_next_morning(stage)
    stage.arm(62, seconds=600)
    stage.run(MINUTE)
    assert (stage.held(), owned(stage), live_stops(stage)) == (0, 0, [])
    target = stage.legs(position)[Role.TARGET]
    assert target.state is OrderState.CANCELLED
    assert stage.asked(f"/iserver/account/{ACCOUNT}/order/{target.broker_order_id}", "DELETE") == 2
    assert "Shares left the account outside the desk" not in stage.titles()


def test_T_34_stop_and_target_are_renewed_before_the_broker_ends_them(make: Make) -> None:
    stage = make(poll=6 * SECOND)
    stage.a_position(IBM, quantity=5)
    [stop] = [one for one in stage.truth() if one.kind == "STP"]
    # Far from the market, so that half a year does not reach it.
    stage.ask_control("POST", "/person/modify", {"order_id": stop.order_id, "stop": "100"})
    stage.run(MINUTE)
    first = stop.expires_at
    assert first is not None
    stage.sign_in()
    stage.travel(stage.now + timedelta(days=85))
    stage.sign_in()
    stage.travel(stage.now + timedelta(days=85))
    stage.sign_in()
    stage.restart()
    stage.run(2 * MINUTE)
    assert stop.live
    assert stop.expires_at is not None
    assert stop.expires_at > first
    assert (live_stops(stage), owned(stage, IBM)) == ([5], 5)


def test_T_34_a_stop_that_a_person_had_placed_is_renewed_too_and_its_end_is_known(make: Make) -> None:
    stage = make(poll=6 * SECOND)
    trade(stage, "BUY", 5, IBM)
    stage.run(30 * SECOND)
    asked(stage, CommandKind.ADOPT_POSITION, "IBM@morning")
    asked(stage, CommandKind.PROTECT_POSITION, "IBM@100")
    [stop] = [one for one in stage.truth() if one.live and one.kind == "STP"]
    [view] = stage.read(lambda t: positions_of(stage.desk, t))
    # Placed on 1 October: the quarter after the current one ends in March, ninety days are over in December.
    assert view.expires == date(2012, 12, 30)
    first = stop.expires_at
    assert first is not None
    for _ in range(2):
        stage.travel(stage.now + timedelta(days=85))
        stage.sign_in()
    stage.restart()
    stage.run(2 * MINUTE)
    assert stop.expires_at is not None
    assert (stop.live, stop.expires_at > first, live_stops(stage)) == (True, True, [5])
    assert sum(1 for row in stage.audit("order.working") if row.ref) == 1
