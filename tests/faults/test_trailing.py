"""The stop that follows: tightened at each closed bar by a modification, never loosened (T-30)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from glassdesk.workflow.dealing.model import CommandKind
from glassdesk.workflow.orders.model import Role
from tests.faults.conftest import Make
from tests.faults.looking import live_stops
from tests.faults.stage import IBM, MINUTE, SECOND, Stage
from tests.faults.test_exit_rules import exits, held_by_rules, new_version
from tests.faults.test_lanes import asked

CLOSED = timedelta(hours=6, minutes=5)
"""From 14:00 to five minutes after the close of the same day."""


def closes(stage: Stage) -> list[Decimal]:
    """Of the days since the desk began, as the exchange has them."""
    began = datetime(2012, 10, 1, 13, 30, tzinfo=UTC)
    now = stage.now.timestamp() * 1_000_000
    days = [bar for bar in stage.world.exchange.market.finished_days(IBM) if bar is not None]
    return [Decimal(bar.close) / 100 for bar in days if began.timestamp() * 1_000_000 <= bar.at < now]


def stop_price(stage: Stage) -> Decimal:
    [stop] = [one for one in stage.truth() if one.live and one.kind == "STP"]
    assert stop.stop is not None
    return Decimal(stop.stop) / 100


def changes(stage: Stage) -> int:
    """How often a stop was changed."""
    return len(stage.audit("stop.followed"))


@pytest.mark.parametrize("dies", [False, True], ids=["", "and the dealer dies every day"])
def test_T_30_a_stop_follows_the_highest_close_and_never_goes_back(make: Make, dies: bool) -> None:
    stage = make(poll=6 * SECOND)
    held_by_rules(stage)
    new_version(stage, trail_atr=Decimal("0.5"))
    asked(stage, CommandKind.APPLY_EXITS, "IBM")
    first = stop_price(stage)
    stage.travel(stage.now + CLOSED)
    levels = list[Decimal]()
    for _ in range(4):
        if dies:
            stage.restart()
        stage.run(2 * MINUTE)
        levels.append(stop_price(stage))
        assert levels[-1] == max(first, max(closes(stage)) - 5)
        assert live_stops(stage) == [10]
        stage.travel(stage.now + timedelta(days=1))
    assert levels == sorted(levels)
    assert levels[0] > first
    # One change for each new high, by the desk and never by an order type of the broker's.
    assert changes(stage) == len({first, *levels}) - 1
    assert {one.kind for one in stage.truth() if one.side == "SELL"} == {"LMT", "STP"}
    assert exits(stage) == []


def test_T_17_a_stop_that_a_person_moved_follows_nothing(make: Make) -> None:
    stage = make(poll=6 * SECOND)
    held_by_rules(stage)
    new_version(stage, trail_atr=Decimal("0.5"))
    asked(stage, CommandKind.APPLY_EXITS, "IBM")
    [stop] = [one for one in stage.truth() if one.live and one.kind == "STP"]
    stage.ask_control("POST", "/person/modify", {"order_id": stop.order_id, "stop": "150"})
    stage.run(MINUTE)
    stage.travel(stage.now + CLOSED)
    stage.run(3 * MINUTE)
    assert (stop_price(stage), changes(stage)) == (Decimal(150), 0)


def test_T_30_where_the_price_is_below_the_level_already_the_position_is_left(make: Make) -> None:
    stage = make(poll=6 * SECOND, at="2012-10-05T14:00:00Z")
    reservation = held_by_rules(stage)
    stage.travel(stage.now + timedelta(days=5))
    stage.run(MINUTE)
    before = stage.legs(reservation)[Role.STOP].ticket.price
    assert max(closes(stage)[4:]) - 1 > stage.price(IBM)
    new_version(stage, trail_atr=Decimal("0.1"))
    asked(stage, CommandKind.APPLY_EXITS, "IBM")
    stage.run(4 * MINUTE)
    assert (stage.held(IBM), len(exits(stage))) == (0, 1)
    # A stop above the market would have sold at once, by nobody's ladder.
    assert stage.legs(reservation)[Role.STOP].ticket.price == before
    [told] = [one for one in stage.told() if one.title == "IBM is left by its exit rules"]
    assert "below its following stop" in told.body


def test_T_30_while_bars_cannot_be_read_the_stop_stays_and_follows_later(make: Make) -> None:
    stage = make(poll=6 * SECOND)
    held_by_rules(stage)
    new_version(stage, trail_atr=Decimal("0.5"))
    asked(stage, CommandKind.APPLY_EXITS, "IBM")
    first = stop_price(stage)
    stage.travel(stage.now + CLOSED)
    stage.arm(34, seconds=120)
    stage.run(MINUTE)
    assert stop_price(stage) == first
    assert live_stops(stage) == [10]
    stage.disarm()
    stage.run(4 * MINUTE)
    assert stop_price(stage) == max(closes(stage)) - 5
