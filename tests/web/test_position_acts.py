"""Buttons on the page of positions: wishes to the dealer, once they are confirmed."""

from __future__ import annotations

from dataclasses import replace

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
    live_a_week(owner.world, days=1)
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
    live_a_week(owner.world, days=1)
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


def test_T_15_the_page_shows_the_exit_rules_that_hold_and_a_button_for_the_newest(owner: Visitor) -> None:
    live_a_week(owner.world, days=1)
    desk = owner.world.desk
    assert "exit rules of v1" in owner.get("/positions").text
    assert "Apply new exit rules" not in owner.get("/positions").text
    with desk.transactions.begin() as t:
        held = desk.positions.held(t, desk.account)[0]
        latest = owner.world.ground.stores.strategies.latest(t, held.strategy)
        assert latest is not None
        plan = replace(latest.strategy.exits, max_bars=7)
        newer = replace(latest.strategy, version=latest.strategy.version + 1, exits=plan)
        owner.world.ground.stores.strategies.add_version(t, replace(latest, strategy=newer))
    page = owner.get("/positions").text
    assert "v2 waits for you: at the latest after no limit → 7 bars" in page
    assert "Apply new exit rules" in page
    answer = owner.post(f"/positions/{held.symbol}/apply", confirmed="yes", reason="calmer")
    assert answer.status_code in (200, 303)
    with desk.transactions.read() as t:
        [wish] = [one for one in desk.dealing.recent(t) if one.kind is CommandKind.APPLY_EXITS]
    assert wish.argument == f"{held.symbol} calmer"
