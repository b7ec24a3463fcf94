"""The probe names the setting that is on, whatever it is, and leaves the account as it was (`T-60`)."""

from __future__ import annotations

import pytest

from glassdesk.workflow.dealing.findings import ProbeState
from tests.faults.stage import ACCOUNT, MINUTE
from tests.workflow.dealing.probe.conftest import Paper
from tests.workflow.dealing.probe.probing import ask, ended, finding, is_clean, plan, probed, settings

WORLDS = {
    "as papers say": (
        {"partial_fills": "3"},
        {
            "duplicate_coid": "200",
            "duplicate_scope": "24h",
            "child_coid": "kept",
            "child_order_ref": "yes",
            "bracket_ids": "all",
            "children": "full",
            "on_parent_cancel": "kept",
            "snapshot_flag": "settles_second_call",
        },
    ),
    "ids are taken while their order works": (
        {
            "duplicate_coid": "400",
            "duplicate_scope": "working",
            "child_coid": "dropped",
            "children": "scaled",
            "partial_fills": "3",
        },
        {
            "duplicate_coid": "400",
            "duplicate_scope": "working",
            "child_coid": "dropped",
            "bracket_ids": "all",
            "children": "scaled",
            "on_parent_cancel": "kept",
            "snapshot_flag": "settles_second_call",
        },
    ),
    "duplicates are orders, children have no ids": (
        {
            "duplicate_coid": "off",
            "child_coid": "refused",
            "children": "held_until_full",
            "partial_fills": "3",
            "questions": "o10331,o163",
        },
        {
            "duplicate_coid": "off",
            "duplicate_scope": "working",
            "child_coid": "refused",
            "bracket_ids": "all",
            "children": "held_until_full",
            "on_parent_cancel": "kept",
            "snapshot_flag": "settles_second_call",
        },
    ),
    "the list shows no ids of children": (
        {"child_order_ref": "no", "partial_fills": "3", "on_parent_cancel": "cancelled"},
        {
            "duplicate_coid": "200",
            "duplicate_scope": "24h",
            "child_coid": "kept",
            "child_order_ref": "no",
            "bracket_ids": "all",
            "children": "full",
            "on_parent_cancel": "cancelled",
            "snapshot_flag": "settles_second_call",
        },
    ),
    "the answer names the parent only": (
        {"bracket_ids": "parent", "snapshot_flag": "list_with_false"},
        {
            "duplicate_coid": "200",
            "duplicate_scope": "24h",
            "child_coid": "kept",
            "child_order_ref": "yes",
            "bracket_ids": "parent",
            "snapshot_flag": "list_with_false",
        },
    ),
    "nobody says whether a child kept its id": (
        {"bracket_ids": "parent", "child_order_ref": "no", "duplicate_coid": "400"},
        {
            "duplicate_coid": "400",
            "duplicate_scope": "24h",
            "bracket_ids": "parent",
            "snapshot_flag": "settles_second_call",
        },
    ),
}


@pytest.mark.parametrize("name", WORLDS)
def test_T_60_the_probe_names_the_setting_and_leaves_nothing_behind(paper: Paper, name: str) -> None:
    switches, expected = WORLDS[name]
    stage = paper(**switches)
    probe = probed(stage, trade=True)
    assert probe.state is ProbeState.DONE, probe.note
    assert settings(probe) == expected
    assert is_clean(stage)
    assert {row["status"] for row in stage.requests()} <= {200, 400}
    in_force = stage.parts.board.switches
    assert {one: getattr(in_force, one) for one in expected} == expected
    if "partial_fills" not in switches:
        assert "not filled in part" in finding(probe, "T1").conclusion


def test_T_60_a_list_that_never_settles_is_named_and_nothing_is_sent(paper: Paper) -> None:
    stage = paper(snapshot_flag="always_false")
    stage.run(MINUTE)
    ask(stage, plan())
    stage.run_until(lambda: bool(stage.read(lambda t: stage.ground.stores.probes.of_account(t, ACCOUNT))))
    probe = ended(stage)
    assert settings(probe) == {"snapshot_flag": "always_false"}
    assert stage.parts.board.switches.snapshot_flag == "always_false"
    assert not stage.parts.board.switches.may_remedy
    assert stage.truth() == []
