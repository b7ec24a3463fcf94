"""A resting sell becomes smaller also where the broker asks about its price, and where it says no.

Chaos, whole desk, seed 6005: a parked target is far from the market, the broker asked about that when it was
made smaller, the desk knew no price and declined: 919 times in an hour and a half, with six shares on sale of
two.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from glassdesk.workflow.orders.model import OrderState, Role, Side
from tests.workflow.dealing.desk import TestDesk
from tests.workflow.dealing.makers import AAPL
from tests.workflow.dealing.test_exits import LATER, SECOND, holding_ten

MINUTE = timedelta(minutes=1)
TOO_LARGE = "A stop cannot be made smaller"


def sold_by_hand(desk: TestDesk, refusals: int, leg: str) -> None:
    """Four of ten; so many changes of the leg are refused."""
    desk.broker.next_modify = ["reject"] * refusals if leg == "target" else ["", *["reject"] * refusals]
    desk.broker.trade_by_hand(AAPL, Side.SELL, 4, "170.00")


def test_T_59_a_change_that_was_declined_is_asked_again_with_the_market_known() -> None:
    desk, entry = holding_ten()
    read = len(desk.broker.quoted)
    sold_by_hand(desk, 1, "target")
    desk.run_until(LATER + MINUTE)
    target = desk.legs(entry)[Role.TARGET]
    assert (target.state, target.ticket.quantity) == (OrderState.WORKING, Decimal(6))
    assert desk.broker.quoted[read:] == [AAPL]


def test_T_35_a_target_that_cannot_be_made_smaller_is_cancelled() -> None:
    desk, entry = holding_ten()
    sold_by_hand(desk, 1000, "target")
    desk.run_until(LATER + MINUTE)
    assert desk.legs(entry)[Role.TARGET].state is OrderState.CANCELLED


def test_T_35_a_stop_that_cannot_be_made_smaller_stays_is_told_and_asked_once_a_minute() -> None:
    desk, entry = holding_ten()
    sold_by_hand(desk, 1000, "stop")
    desk.run_until(LATER + MINUTE)
    stop = desk.legs(entry)[Role.STOP]
    assert (stop.state, stop.ticket.quantity) == (OrderState.WORKING, Decimal(10))
    assert desk.told().count(TOO_LARGE) == 1
    before = desk.legs(entry)[Role.STOP].sends
    desk.run_until(LATER + 11 * MINUTE)
    assert desk.legs(entry)[Role.STOP].sends - before == 10
    assert desk.told().count(TOO_LARGE) == 1
    desk.broker.next_modify = []
    desk.run_until(LATER + 13 * MINUTE)
    assert [one.ticket.quantity for one in desk.broker.live_stops()] == [6]


@pytest.mark.parametrize("refusals", [1, 2])
def test_T_35_within_ten_seconds_of_the_reading_a_stop_is_asked_a_second_time(refusals: int) -> None:
    desk, _ = holding_ten()
    sold_by_hand(desk, refusals - 1, "stop")
    desk.run_until(LATER + 30 * SECOND)
    assert [one.ticket.quantity for one in desk.broker.live_stops()] == [6]
