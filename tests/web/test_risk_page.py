"""The Risk page and the presets of a strategy's form."""

from __future__ import annotations

from pathlib import Path

import pytest

from glassdesk.composition.live import gate_of
from glassdesk.workflow.risk.presets import PRESETS
from glassdesk.workflow.risk.unlocks import Shown
from tests.web.conftest import door_of
from tests.web.test_acts import GOOD
from tests.web.visitor import Visitor
from tests.web.world import BEGINS, furnish, open_world

SHOWN = Shown(
    bundle="b" * 64,
    paper_account="DU1234567",
    probe="p",
    probe_sha256="a" * 64,
    probed_at=BEGINS,
    switches=(),
    paper_days=20,
    closed_trades=20,
    trades_sha256="c" * 64,
    audit_rows=100,
    audit_head="d" * 64,
)


@pytest.fixture
def furnished(owner: Visitor) -> Visitor:
    """Signed in at a desk with prompts, symbols, sets and two strategies."""
    furnish(owner.world)
    return owner


def test_T_55_a_preset_chosen_in_the_form_is_what_is_kept(furnished: Visitor) -> None:
    refused = furnished.post("/strategies", **{**GOOD, "preset": "brave"})
    assert refused.status_code == 422
    assert "is no preset" in refused.text
    furnished.post("/strategies", **{**GOOD, "preset": "careful"})
    with furnished.world.desk.transactions.read() as t:
        kept = furnished.world.desk.strategies.get(t, "mine").strategy
    assert kept.limits == PRESETS["careful"]


def test_the_risk_page_shows_the_limits_of_each_strategy_and_where_a_guards_limit_is_from(
    furnished: Visitor,
) -> None:
    page = furnished.get("/risk").text
    gauges = page.split('id="gauges"')[1]
    assert "widest of the strategies that trade: dips, trend" in gauges
    # Both have the defaults: 2 % of 100,000, for the account and for each.
    assert gauges.split("MAX_DAILY_LOSS")[1].split("</tr>")[0].count("2,000.00") == 3
    furnished.post("/strategies/dips/disable")
    furnished.post("/strategies", **{**GOOD, "name": "trend", "preset": "careful"})
    gauges = furnished.get("/risk").text.split('id="gauges"')[1]
    assert "widest of the strategies that trade: trend" in gauges
    assert gauges.split("MAX_DAILY_LOSS")[1].split("</tr>")[0].count("1,000.00") == 2


def test_the_risk_page_shows_what_is_used_what_guards_and_what_was_denied(owner: Visitor) -> None:
    owner.post("/risk/halt", level="PAUSE_ENTRIES", reason="a look around")
    page = owner.get("/risk").text
    for told in (
        "MAX_DAILY_LOSS",
        "Guards",
        "REJECT_STREAK",
        "Denied",
        "ACTIVE → PAUSE_ENTRIES",
        "a look around",
    ):
        assert told in page, told


def test_T_61_the_page_of_a_live_account_says_where_it_stands_and_locks_it(tmp_path: Path) -> None:
    with open_world(tmp_path, account_kind="live") as world, door_of(world) as owner:
        owner.enter()
        shut = owner.get("/risk").text.split('id="live"')[1].split("</section>")[0]
        assert "never unlocked" in shut
        assert "not set: desk_capital, max_daily_loss, max_drawdown" in shut
        assert 'action="/risk/lock"' not in shut
        assert "LIVE" in owner.get("/bar").text

        desk = world.desk
        with desk.transactions.begin() as t:
            gate_of(world.ground, desk.audit, desk.notifications).unlock(
                t, SHOWN, "owner", typed=desk.account
            )
        told = owner.get("/api/v1/live").json()
        assert (told["standing"]["state"], told["standing"]["accepted"]) == ("unlocked", 0)
        assert told["moves"][0]["shown"]["closed_trades"] == 20
        page = owner.get("/risk").text
        assert "0 of 10 taken by the broker; the next waits for your yes" in page
        assert "in 30 d" in owner.get("/bar").text

        empty = owner.post("/risk/lock", lock_reason=" ")
        assert (empty.status_code, "No reason given" in empty.text) == (422, True)
        assert "The account is locked." in owner.post("/risk/lock", lock_reason="a bad week").text
        again = owner.post("/risk/lock", lock_reason="a bad week")
        assert (again.status_code, "The account is locked" in again.text) == (409, True)
        assert owner.get("/api/v1/live").json()["standing"]["state"] == "locked"


def test_a_simulated_account_has_nothing_to_lock(owner: Visitor) -> None:
    assert 'id="live"' not in owner.get("/risk").text
    refused = owner.post("/risk/lock", lock_reason="x")
    assert (refused.status_code, "is a simulated account" in refused.text) == (409, True)
