"""The session page in each state a person may meet, and the take-over that has to be meant."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from glassdesk.adapters.memory.gateway import MemoryGateway
from glassdesk.workflow.dealing.model import CommandKind
from glassdesk.workflow.session.model import (
    GatewayCondition,
    GatewayLook,
    GatewayProcess,
    SessionState,
    SessionStatus,
)
from tests.web.conftest import door_of
from tests.web.visitor import Visitor
from tests.web.world import World, live_a_week, open_world


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visitor]:
    """Signed in at a desk that holds a position with its stop."""
    with open_world(tmp_path_factory.mktemp("held")) as world:
        live_a_week(world, days=2)
        with door_of(world) as visitor:
            visitor.enter()
            yield visitor


def see(world: World, state: SessionState, **more: object) -> None:
    """What the dealer wrote down last."""
    store, now = world.ground.stores.session, world.clock.now()
    with world.desk.transactions.begin() as t:
        epoch = world.desk.session.epoch(t)
        status = SessionStatus(state=state, seen_at=now, since=now - timedelta(minutes=4))
        store.put_status(t, replace(status, **more), epoch=epoch)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (SessionState.SIGNED_OUT, "Nobody is signed in at the gateway."),
        (SessionState.TWO_FACTOR, "confirm the sign-in in IBKR Mobile"),
        (SessionState.NO_BRIDGE, "Signed in, without a brokerage session yet."),
        (SessionState.HALF_READY, "The broker is loading the accounts"),
        (SessionState.COMPETING, "Whoever signs in last wins"),
    ],
)
def test_a_session_that_is_not_ready_shows_the_step_and_when_each_stop_was_last_seen(
    held: Visitor, state: SessionState, words: str
) -> None:
    see(held.world, state)
    page = held.get("/session").text
    assert words in page
    assert page.count('aria-current="step"') == 1
    assert "as last seen: nobody looks while the session is down" in page
    assert 'data-label="Stop" class="num">' in page
    assert ("/session/take-over" in page) == (state is SessionState.COMPETING)


def test_a_ready_session_lacks_no_step(held: Visitor) -> None:
    see(held.world, SessionState.READY)
    page = held.get("/session").text
    assert 'aria-current="step"' not in page
    assert "orders can be sent" in page
    assert "seen in this session" in page


def test_the_bar_counts_down_to_the_forced_sign_in_while_somebody_is_signed_in(held: Visitor) -> None:
    ends = held.world.clock.now() + timedelta(hours=3, minutes=20)
    see(held.world, SessionState.READY, login_ends_at=ends)
    assert "login ends in 3 h 20 min" in held.get("/bar").text
    assert "<strong>in 3 h 20 min</strong>" in held.get("/session").text
    see(held.world, SessionState.SIGNED_OUT, login_ends_at=ends)
    assert "login ends" not in held.get("/bar").text


def test_signed_out_with_a_slot_today_says_until_when_here_and_in_the_bar(held: Visitor) -> None:
    see(held.world, SessionState.SIGNED_OUT)
    page = held.get("/session").text
    assert "Sign in by 09:00 ET: 2 slots today" in page
    assert "all protected" in page
    assert "sign in by 09:00 ET" in held.get("/bar").text


def test_a_take_over_has_to_be_meant_and_is_asked_for_once(owner: Visitor) -> None:
    world = owner.world
    see(world, SessionState.COMPETING)
    refused = owner.post("/session", do="take-over")
    assert refused.status_code == 422
    assert "Not confirmed" in refused.text
    assert "Stops and targets that rest at IBKR stay there" in refused.text
    taken = owner.post("/session", do="take-over", confirmed="yes")
    assert "take the session over at its next turn, once" in taken.text
    assert "take-over asked for" in taken.text
    assert "/session/take-over" not in taken.text
    with world.desk.transactions.read() as t:
        asked = [(c.kind, c.argument, c.actor) for c in world.desk.dealing.recent(t)]
    assert asked == [(CommandKind.SESSION_LOGIN, "take-over", "owner")]


def test_a_take_over_needs_the_pages_own_token(owner: Visitor) -> None:
    sent = {"do": "take-over", "confirmed": "yes"}
    assert (
        owner.client.post("/session", data=sent, headers={"origin": "http://127.0.0.1:8420"}).status_code
        == 403
    )


def test_what_is_wrong_with_the_gateway_is_escaped_and_shown_with_what_to_type(
    owner: Visitor, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    process = GatewayProcess(state="waiting", starts=3, problem="it ended: <b>boom</b>", log=str(tmp_path))
    look = GatewayLook(
        condition=GatewayCondition.CHANGED_CERTIFICATE,
        address="localhost:5000",
        accepted=("12:34",),
        found="AB:CD",
        process=process,
    )
    gateway = MemoryGateway(supervised=True)
    gateway.seen = look
    monkeypatch.setattr(owner.world.desk.session, "_gateway", gateway)
    see(owner.world, SessionState.UNREACHABLE)
    page = owner.get("/session").text
    for words in (
        "AB:CD",
        "12:34",
        "<code>glassdesk session trust</code>",
        "&lt;b&gt;boom",
        "Started</dt><dd>3 times",
    ):
        assert words in page
