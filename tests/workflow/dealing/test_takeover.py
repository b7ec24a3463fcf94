"""Stories of several dealers on one desk: one reigns, and another takes over."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from glassdesk.workflow.dealing.turn import Dealer
from glassdesk.workflow.orders.model import OrderState, Role
from tests.workflow.dealing.desk import a_desk
from tests.workflow.dealing.makers import WINDOW

MINUTE = timedelta(minutes=1)


def test_a_second_dealer_stands_by_and_takes_over_when_the_lease_ends() -> None:
    desk = a_desk(start=WINDOW)
    desk.turn()
    other = Dealer(desk.parts_of_another("other"))
    assert other.turn() == desk.clock.now() + timedelta(seconds=30)
    reservation = desk.reserve_entry()
    desk.at(WINDOW + timedelta(seconds=31))
    other.turn()
    assert desk.legs(reservation)[Role.ENTRY].state is OrderState.WORKING
    # The first one is fenced off: it neither sends nor writes.
    desk.turn()
    assert len(desk.broker.placed) == 1


@pytest.mark.parametrize("shared", [True, False])
def test_dealers_that_share_a_desk_renew_the_lease_and_others_take_turns_as_simulated_time_jumps(
    shared: bool,
) -> None:
    desk, seen = a_desk(start=WINDOW), set()
    account = desk.parts.settings.account
    parts = [desk.parts_of_another(name) for name in ("one", "other")]
    dealers = [Dealer(replace(one, settings=replace(one.settings, shared=shared))) for one in parts]
    due = [WINDOW, WINDOW + timedelta(seconds=1)]
    for _ in range(40):
        turn = due.index(min(due))
        desk.at(due[turn])
        due[turn] = dealers[turn].turn() or desk.clock.now() + MINUTE
        holder = desk.read(lambda t: desk.stores.leases.holder(t, f"dealer:{account}"))
        assert holder is not None
        seen.add(holder.fence)
    assert (len(seen) == 1) is shared


def test_a_dealer_that_slept_longer_than_its_lease_asks_the_broker_nothing_unless_it_still_reigns() -> None:
    desk = a_desk(start=WINDOW)
    sleeper, other = (Dealer(desk.parts_of_another(name)) for name in ("sleeper", "other"))
    assert not sleeper.may_ask()
    sleeper.turn()
    assert sleeper.may_ask()
    desk.at(WINDOW + timedelta(minutes=1))
    assert sleeper.may_ask(), "nobody took its place"
    other.turn()
    assert not other.may_ask(), "it had renewed its lease"
    desk.at(WINDOW + timedelta(minutes=2))
    other.turn()
    assert other.may_ask()
    assert not sleeper.may_ask()
