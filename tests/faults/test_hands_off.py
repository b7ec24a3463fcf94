"""A person sells and changes things at the broker: the desk never sells what is not there (T-35, T-36)."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from glassdesk.workflow.notifications.model import Severity
from glassdesk.workflow.orders.model import OrderState, Role
from glassdesk.workflow.positions.protection import ProtectionState
from tests.faults.conftest import Make
from tests.faults.looking import live_stops, protection, told
from tests.faults.stage import AAPL, MINUTE, SECOND, Stage

LEFT = "Shares left the account outside the desk"


def trade(stage: Stage, side: str, quantity: int, conid: int = AAPL) -> None:
    """A person trades at the broker."""
    stage.ask_control("POST", "/person/order", {"conid": conid, "side": side, "quantity": quantity})


def promises(stage: Stage) -> int:
    """What our sells can sell at most, group by group."""
    groups: dict[str, int] = {}
    for one in stage.truth():
        if one.live and one.side == "SELL":
            key = one.oca or str(one.order_id)
            groups[key] = max(groups.get(key, 0), one.remaining)
    return sum(groups.values())


def least_held(stage: Stage, conid: int = AAPL) -> int:
    """The smallest position that the broker ever had."""
    rows = [row for row in stage.world.truth.rows("position") if row["conid"] == conid]
    return min(int(row["quantity"]) for row in rows)


def test_T_35_shares_sold_by_hand_shrink_target_and_stop_within_ten_seconds_of_the_reading(
    make: Make,
) -> None:
    stage = make(poll=6 * SECOND)
    stage.a_position()
    trade(stage, "SELL", 4)
    sold_at = stage.now
    stage.run_until(lambda: promises(stage) <= 6, within=25 * SECOND)
    assert stage.now - sold_at <= 25 * SECOND
    stage.run(10 * SECOND)
    assert (stage.held(), live_stops(stage), promises(stage)) == (6, [6], 6)
    changed = [row["body"] for row in stage.requests("/iserver/account", "POST") if "/order/" in row["path"]]
    assert [body["orderType"] for body in changed] == ["LMT", "STP"]
    assert told(stage, LEFT) is Severity.ALARM
    # What is there is protected; whose change it was, a person says.
    view = protection(stage)
    assert view.state is ProtectionState.LIVE
    assert (view.needed, view.quantity) == (Decimal(6), Decimal(10))
    stage.run(2 * MINUTE)
    assert "AAPL is not protected" not in stage.titles()
    assert promises(stage) == 6


@pytest.mark.parametrize("events", [False, True], ids=["real time", "simulated time"])
def test_T_36_selling_by_hand_never_leads_to_a_short(make: Make, events: bool) -> None:
    stage = make(poll=6 * SECOND, events=events)
    position = stage.a_position()
    trade(stage, "SELL", 10)
    stage.run(30 * SECOND)
    assert (stage.held(), promises(stage)) == (0, 0)
    assert {stage.states(position)[role] for role in (Role.STOP, Role.TARGET)} == {OrderState.CANCELLED}
    stage.travel(stage.now + timedelta(days=1))
    stage.run(MINUTE)
    assert (stage.held(), promises(stage), least_held(stage)) == (0, 0, 0)
    assert "AAPL is not protected" not in stage.titles()


def test_T_35_shares_sold_by_hand_while_the_entry_still_buys_leave_its_rest_its_stop(make: Make) -> None:
    stage = make(poll=6 * SECOND)
    stage.run(10 * SECOND)
    stage.arm(58, quantity=4)
    stage.reserve_entry(ttl_seconds=600)
    stage.run(10 * SECOND)
    trade(stage, "SELL", 3)
    stage.run(12 * SECOND)
    # One share, and six that may still come (I-53).
    assert (stage.held(), live_stops(stage)) == (1, [7])
