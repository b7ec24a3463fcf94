"""The Risk page and the presets of a strategy's form."""

from __future__ import annotations

import pytest

from glassdesk.workflow.risk.presets import PRESETS
from tests.web.test_acts import GOOD
from tests.web.visitor import Visitor
from tests.web.world import furnish


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
