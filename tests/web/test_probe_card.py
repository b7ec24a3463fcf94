"""The session page says what a probe showed of the account, and what that allows (`T-60`)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from glassdesk.kernel.ids import AccountKind
from glassdesk.workflow.dealing.findings import Probe, ProbeState
from tests.web.broker import ACCOUNT
from tests.web.conftest import door_of
from tests.web.world import World
from tests.workflow.dealing.test_switches import finding, probe

CORE = {"duplicate_coid": "200", "duplicate_scope": "24h", "child_coid": "kept"}


def page_of(world: World, *rows: Probe, kind: AccountKind = AccountKind.PAPER) -> str:
    with world.desk.transactions.begin() as t:
        for row in rows:
            world.ground.stores.probes.put(t, replace(row, account=ACCOUNT))
    with door_of(replace(world, desk=replace(world.desk, account_kind=kind))) as visitor:
        visitor.enter()
        return visitor.get("/session").text


def test_T_60_an_account_that_was_never_probed_says_what_stays_off(world: World) -> None:
    page = page_of(world)
    assert "Never asked" in page
    assert "Until then no order is sent again" in page


def test_T_60_answers_are_shown_with_their_age(world: World) -> None:
    answers = [finding(switch, setting) for switch, setting in CORE.items()]
    page = page_of(world, probe("a", world.clock.now(), *answers))
    assert '<span class="chip ok">probed</span>' in page
    assert "Until then no order is sent again" not in page
    assert "<dt>duplicate coid</dt><dd>200</dd>" in page


def test_T_60_a_probe_that_runs_says_what_it_is_at(world: World) -> None:
    running = probe("a", world.clock.now() + timedelta(hours=1), state=ProbeState.RUNNING)
    page = page_of(world, replace(running, note="one bracket whose children carry client ids"))
    assert "one bracket whose children carry client ids" in page


def test_T_60_a_simulated_account_needs_none(world: World) -> None:
    assert "What the broker does on this account" not in page_of(world, kind=AccountKind.SIMULATED)
