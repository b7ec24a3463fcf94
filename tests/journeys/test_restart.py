"""The desk killed at every step and around everything it sends, then started again: nothing twice or lost.

The broker's own account is the judge; the straight demo says what should have been traded.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from datetime import datetime
from typing import Any

import pytest

from tests.journeys import stage
from tests.journeys.campaign import SEND_POINTS, STEPS, STRATEGIES, Campaign

pytestmark = [pytest.mark.journey, pytest.mark.process, pytest.mark.slow]

Two = tuple[Campaign, Campaign]
FINAL = ("reserved", "queued", "no_trade")


def test_every_step_was_killed_twice_and_every_send_on_both_sides(
    campaigns: Two, capsys: pytest.CaptureFixture[str]
) -> None:
    steps, sends = campaigns
    with capsys.disabled():
        for campaign in campaigns:
            sys.stdout.write(f"\n  {campaign.told()}\n")
    by_step = Counter(point.split(":")[1] for point in steps.hits.elements())
    assert {name: by_step[name] for name in STEPS if by_step[name] < 2} == {}
    assert set(sends.hits) == set(SEND_POINTS)
    assert [campaign.kills for campaign in campaigns] == [
        sum(campaign.hits.values()) for campaign in campaigns
    ]


@pytest.fixture(params=["steps", "sends"])
def campaign(request: pytest.FixtureRequest, campaigns: Two) -> Campaign:
    return campaigns[0] if request.param == "steps" else campaigns[1]


def test_every_run_was_completed(campaign: Campaign) -> None:
    runs = campaign.home.rows("select strategy, slot, state, reason, losses from runs")
    assert len(runs) == campaign.sessions * len(STRATEGIES)
    assert [run for run in runs if run["state"] not in FINAL] == []
    assert all(run["reason"] for run in runs)


def test_killed_runs_were_claimed_again(campaigns: Two) -> None:
    lost = campaigns[0].home.rows("select sum(losses) as lost from runs")[0]["lost"]
    assert lost >= 14, "one claim for each kill before the selection"


def test_the_broker_has_no_order_twice_and_misses_none(campaign: Campaign, forty_days: stage.Demo) -> None:
    at_broker = campaign.home.truth("order")
    refs = [row["coid"] for row in at_broker]
    assert len(refs) == len(set(refs))
    assert {row["source"] for row in at_broker} == {"desk"}
    until = max(stage.instant(row["slot"]) for row in campaign.home.rows("select slot from runs"))
    straight = [row for row in forty_days.home.truth("order") if _placed(row).date() <= until.date()]
    assert Counter(map(_what, at_broker)) == Counter(map(_what, straight))


def _placed(row: dict[str, Any]) -> datetime:
    return stage.instant(row["placed_at"])


def _what(row: dict[str, Any]) -> tuple[object, ...]:
    """What was ordered, without what a later start may make of it: the price at the send."""
    return row["symbol"], row["side"], row["quantity"], row["tif"], _placed(row).date()


def test_each_order_at_the_broker_had_its_journal_row_first(campaign: Campaign) -> None:
    home = campaign.home
    rows = home.rows('select "order", coid, parent, broker_order_id from orders')
    journal = {row["coid"]: row for row in rows}
    sends = home.rows("select \"order\", started_at from sends where verb = 'place'")
    began: dict[str, datetime] = {}
    for row in sends:
        at = stage.instant(row["started_at"])
        began[row["order"]] = min(at, began.get(row["order"], at))
    for truth in home.truth("order"):
        own = journal[truth["coid"]]
        assert own["broker_order_id"] == str(truth["order_id"])
        assert began[own["parent"] or own["order"]] <= _placed(truth)


def test_executions_and_positions_are_the_brokers(campaign: Campaign) -> None:
    home = campaign.home
    truth = home.truth("execution")
    known = home.rows("select execution, revision from executions")
    assert {f"{row['execution']}.{row['revision']:02d}" for row in known} == {
        row["execution_id"] for row in truth
    }
    told = stage.glassdesk("positions", "--json", "--home", str(home.folder), cwd=home.folder)
    assert told.code == 0, told.err
    ours = {
        row["symbol"]: f"{float(row['quantity']):g}" for row in told.json["held"] if float(row["quantity"])
    }
    assert ours == home.held_at_broker()
    assert home.rows("select * from breaks where closed_at is null") == []


def test_an_exit_was_sold_and_a_stop_protected_in_spite_of_the_kills(campaigns: Two) -> None:
    for campaign in campaigns:
        roles = {(row["role"], row["state"]) for row in campaign.home.rows("select role, state from orders")}
        assert ("target", "filled") in roles, "the exit moves the target"
        assert ("stop", "filled") in roles


def test_audit_and_lineage_hold(campaign: Campaign) -> None:
    home = ("--home", str(campaign.home.folder))
    assert stage.glassdesk("audit", "verify", *home, cwd=campaign.home.folder).code == 0
    order = campaign.home.rows("select \"order\" from orders where role = 'entry' order by reserved_at")[-1]
    told = stage.glassdesk("lineage", order["order"], "--verify", *home, cwd=campaign.home.folder)
    assert told.code == 0, told.err


def test_what_was_of_unknown_fate_was_found_out(campaigns: Two) -> None:
    """Kills around a send leave sends without an answer; each is settled by looking."""
    home = campaigns[1].home
    outcomes = [
        json.loads(row["body"])["text"]
        for row in home.rows("select body from send_outcomes where kind = 'unknown'")
    ]
    assert outcomes.count("the desk stopped before the answer") == len(SEND_POINTS)
    assert home.rows("select * from orders where state in ('unknown', 'sending', 'needs_operator')") == []
