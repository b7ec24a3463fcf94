"""What must be so before a version goes live (R-37, R-38, R-67)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from glassdesk.kernel.errors import Conflict
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.prompts.gate import Gate
from glassdesk.workflow.prompts.model import PromptTest
from tests.workflow.prompts.world import BEGAN, BODY, SYSTEM, Desk, first

PASSED = PromptTest(
    name="mine", number=2, test=1, run="run-1", engine="m", model="m-1", problem="", answer="", actor="ada",
    at=BEGAN,
)  # fmt: skip


@pytest.fixture
def two(desk: Desk, t: Transaction) -> Desk:
    first(desk, t)
    desk.prompts.revise(t, "mine", SYSTEM, BODY + "More.\n", "", "ada")
    return desk


def live(desk: Desk, t: Transaction, number: int = 2, **given: object) -> int | None:
    desk.prompts.label(t, "mine", "live", number, "ada", **given)  # type: ignore[arg-type]
    return desk.prompts.labels(t, "mine").get("live")


@pytest.mark.parametrize("scope", ["", "strategy:trend"])
def test_where_models_are_asked_live_needs_a_passed_test_or_a_reason(
    two: Desk, t: Transaction, scope: str
) -> None:
    two.prompts.gate = Gate(asks_models=True)
    for reason in ("", "shorter", "untested", "untested, because ", "because untested, because x"):
        with pytest.raises(Conflict, match="mine@2 was not tested") as refused:
            live(two, t, scope=scope, reason=reason)
        assert "prompts test mine@2" in refused.value.remedy
    two.prompts.label(t, "mine", "paper", 2, "ada", scope=scope)
    two.prompts.label(t, "mine", "live", 2, "ada", scope=scope, reason="Untested, because the server is down")
    two.prompts.keep_test(t, replace(PASSED, number=1))
    two.prompts.label(t, "mine", "live", 1, "ada", scope=scope)
    assert [one.number for one in two.prompts.moves(t, "mine") if one.label == "live"] == [1, 2]


def test_the_newest_test_counts_and_a_rollback_needs_none(two: Desk, t: Transaction) -> None:
    two.prompts.gate = Gate(asks_models=True)
    two.prompts.keep_test(t, replace(PASSED, number=1))
    two.prompts.keep_test(t, PASSED)
    assert live(two, t, 1) == 1
    assert live(two, t, 2) == 2
    two.prompts.keep_test(t, replace(PASSED, number=1, problem="no JSON object"))
    with pytest.raises(Conflict, match="mine@1 failed its last test, on run run-1: no JSON object"):
        live(two, t, 1, reason="untested, because so")
    two.prompts.rollback(t, "mine", "live", "ada")
    assert two.prompts.labels(t, "mine")["live"] == 1
    assert {number: one.test for number, one in two.prompts.tests(t, "mine").items()} == {1: 2, 2: 1}


def test_with_real_money_a_person_says_yes_to_the_strategies_that_follow(two: Desk, t: Transaction) -> None:
    two.prompts.gate = Gate(real_money=True)
    assert live(two, t, 1) == 1, "nobody follows it"
    with pytest.raises(Conflict, match="swing, trend trades real money") as refused:
        live(two, t, 2, followers=("swing", "trend"))
    assert refused.value.where == "sure"
    assert live(two, t, 2, followers=("swing", "trend"), sure=True) == 2


def test_a_text_that_is_not_kept_has_no_test(two: Desk, t: Transaction) -> None:
    two.prompts.keep_test(t, replace(PASSED, number=3))
    assert two.prompts.tests(t, "mine") == {}
