"""A position without a live stop is told within a minute, whoever looks (T-33)."""

from __future__ import annotations

from datetime import timedelta

from glassdesk.workflow.orders.model import Role
from tests.workflow.dealing.makers import CLOSE, OPEN
from tests.workflow.dealing.test_exits import LATER, SECOND, holding_ten


def test_T_33_a_position_without_a_live_stop_is_told_after_a_minute() -> None:
    desk, entry = holding_ten()
    stop = desk.broker.by_coid(desk.legs(entry)[Role.STOP].coid)
    stop.status = "Cancelled"
    desk.run_until(LATER + 30 * SECOND)
    assert not any("not protected" in title for title in desk.told())
    desk.run_until(LATER + timedelta(minutes=3))
    assert any("not protected" in title for title in desk.told())


def test_T_33_dealers_that_die_within_a_minute_keep_the_alarm_from_nobody() -> None:
    desk, entry = holding_ten()
    desk.broker.by_coid(desk.legs(entry)[Role.STOP].coid).status = "Cancelled"
    # A remedy is never placed beside it: what is watched is the alarm.
    desk.broker.next_place = ["not_sent"] * 50
    told = []
    for life in range(1, 7):
        desk.restart()
        desk.run_until(LATER + life * 25 * SECOND)
        told.append(desk.told().count("S265598 is not protected"))
    assert told[:2] == [0, 0]
    assert told[3:] == [1, 1, 1]


def test_T_33_at_the_open_the_minute_begins_at_the_open() -> None:
    desk, entry = holding_ten()
    stop = desk.broker.by_coid(desk.legs(entry)[Role.STOP].coid)
    desk.run_until(CLOSE + timedelta(minutes=1))
    desk.restart()
    stop.status = "Cancelled"
    desk.broker.next_place = ["not_sent"] * 500
    desk.run_until(OPEN + timedelta(days=1, seconds=50))
    assert not any("not protected" in title for title in desk.told())
    desk.run_until(OPEN + timedelta(days=1, seconds=80))
    assert any("not protected" in title for title in desk.told())
