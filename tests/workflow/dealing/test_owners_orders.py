"""What works at the broker for the owner is shown in a lane of its own and never acted upon (`T-11`)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from glassdesk.workflow.order_tracking.model import OrderRow
from glassdesk.workflow.orders.model import Role, Side
from glassdesk.workflow.risk.model import HaltLevel
from tests.adapters.laws.test_tracking import a_strangers_row
from tests.workflow.dealing.desk import TestDesk, a_desk
from tests.workflow.dealing.makers import AAPL, MSFT, WINDOW
from tests.workflow.dealing.scripted_broker import ACCOUNT

MINUTE = timedelta(minutes=1)
BUY = replace(a_strangers_row("901"), account=ACCOUNT, conid=MSFT, side=Side.BUY)
SELL = replace(a_strangers_row("902"), account=ACCOUNT, conid=AAPL, order_ref="by hand")


def lane(desk: TestDesk) -> list[OrderRow]:
    return [row for row, _ in desk.read(lambda t: desk.parts.tracking.owner_orders(t, ACCOUNT))]


def test_T_11_what_the_list_shows_of_others_is_kept_while_it_works() -> None:
    desk = a_desk(start=WINDOW)
    over = replace(SELL, broker_order_id="903", status="Cancelled")
    elsewhere = replace(SELL, broker_order_id="904", account="DU9")
    desk.broker.strangers = [BUY, SELL, over, elsewhere]
    desk.run_until(WINDOW + MINUTE)
    assert lane(desk) == sorted([BUY, SELL], key=lambda row: row.conid)
    [since] = {at for _, at in desk.read(lambda t: desk.parts.tracking.owner_orders(t, ACCOUNT))}
    assert since == WINDOW
    desk.broker.strangers = [replace(BUY, status="Filled"), SELL]
    desk.read_again()
    assert lane(desk) == [SELL]


def test_our_own_orders_are_never_in_that_lane() -> None:
    desk = a_desk(start=WINDOW)
    desk.reserve_entry()
    desk.broker.strangers = [BUY]
    desk.run_until(WINDOW + MINUTE)
    assert len(desk.broker.orders) == 3
    assert lane(desk) == [BUY]


@pytest.mark.parametrize("level", list(HaltLevel))
def test_T_11_nothing_is_ever_done_about_them_at_any_level(level: HaltLevel) -> None:
    desk = a_desk(start=WINDOW)
    reservation = desk.reserve_entry()
    desk.turn()
    desk.broker.fill(desk.legs(reservation)[Role.ENTRY].ticket.coid, 10, "170.00")
    desk.broker.strangers = [BUY, SELL]
    desk.run_until(WINDOW + MINUTE)
    if level:
        desk.write(lambda t: desk.parts.risk.set_halt(t, level, "a test", "owner"))
    desk.run_until(WINDOW + 30 * MINUTE)
    theirs = {BUY.broker_order_id, SELL.broker_order_id}
    touched = {number for number, _ in desk.broker.modified} | set(desk.broker.cancelled)
    assert not touched & theirs
    placed = [ticket for tickets in desk.broker.placed for ticket in tickets]
    assert not {ticket.conid for ticket in placed} & {MSFT}
    assert lane(desk) == sorted([BUY, SELL], key=lambda row: row.conid)
    assert desk.read(lambda t: desk.parts.positions.owners(t, ACCOUNT)).get(MSFT, Decimal(0)) == 0
