"""Buttons on the page of positions: wishes to the dealer, once they are confirmed."""

from __future__ import annotations

import pytest

from glassdesk.workflow.dealing.model import CommandKind
from tests.web.visitor import Visitor
from tests.web.world import live_a_week


@pytest.mark.parametrize(
    ("act", "fields", "kind", "argument"),
    [
        ("exit", {}, CommandKind.EXIT_POSITION, "{}"),
        ("release", {"reason": "mine"}, CommandKind.RELEASE_POSITION, "{} mine"),
        ("protect", {"price": "99.50"}, CommandKind.PROTECT_POSITION, "{}@99.5"),
    ],
)
def test_T_16_a_button_asks_the_dealer_and_only_once_it_is_confirmed(
    owner: Visitor, act: str, fields: dict[str, str], kind: CommandKind, argument: str
) -> None:
    live_a_week(owner.world)
    desk = owner.world.desk
    with desk.transactions.read() as t:
        symbol = desk.positions.held(t, desk.account)[0].symbol
    refused = owner.post(f"/positions/{symbol}/{act}", **fields)
    assert refused.status_code == 422
    assert owner.post(f"/positions/{symbol}/{act}", confirmed="yes", **fields).status_code in (200, 303)
    with desk.transactions.read() as t:
        [wish] = [one for one in desk.dealing.recent(t) if one.kind is kind]
    assert wish.argument == argument.format(symbol)


def test_T_34_the_pages_say_when_the_broker_ends_what_rests(owner: Visitor) -> None:
    live_a_week(owner.world)
    desk = owner.world.desk
    with desk.transactions.read() as t:
        [first, *_] = desk.positions.protections(t, desk.account, desk.session.epoch(t))
    # Signed in on 9 October: ninety days later, before the end of the quarter after the current one.
    page = owner.get("/positions").text
    assert "the broker ends it by itself after" in page
    assert "7 Jan 2013" in page
    shown = owner.get(f"/orders/{first.stop_order}").text
    assert "7 Jan 2013" in shown
    assert "until" in owner.get("/orders").text
