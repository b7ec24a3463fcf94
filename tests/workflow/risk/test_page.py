"""One table: the docs are made from it; each control of the field and of the design has its place in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from glassdesk.workflow.risk.controls import DESIGN, FIELD, Control
from glassdesk.workflow.risk.guards import GUARDS
from glassdesk.workflow.risk.page import action, page
from glassdesk.workflow.risk.table import RULES

KNOWN = {rule.name for rule in RULES} | {guard.name for guard in GUARDS}


def test_T_55_the_docs_are_made_from_the_table() -> None:
    told = Path(__file__).parents[3] / "docs" / "risk.md"
    assert told.read_text() == page(), "glassdesk risk limits --markdown > docs/risk.md"


def test_every_control_of_the_design_and_of_the_field_is_there_once() -> None:
    assert [one.number for one in DESIGN] == [f"R{number}" for number in range(1, 30)]
    assert [one.number for one in FIELD] == [str(number) for number in range(1, 46)]


@pytest.mark.parametrize("control", [*DESIGN, *FIELD], ids=lambda one: one.number)
def test_a_control_names_rules_that_exist_or_says_why_it_has_none(control: Control) -> None:
    assert control.rules or control.elsewhere
    assert set(control.rules) <= KNOWN


def test_every_rule_is_a_control_of_the_field_or_names_its_own_source() -> None:
    kept = {rule for one in (*DESIGN, *FIELD) for rule in one.rules}
    assert {rule.name for rule in RULES} - kept == {"COMMISSION", "NO_ENTRY_DATE", "BROKER_CANCEL"}
    codes = {code.strip() for one in FIELD for code in one.name.split(",")}
    for rule in RULES:
        named = {code.strip() for code in rule.control.split(",")}
        assert named == {rule.name} or named <= codes, rule.name


def test_the_table_says_what_a_breach_does() -> None:
    told = {rule.name: action(rule) for rule in RULES}
    assert told["QUOTE"] == "the entry waits; warns on the exit"
    assert told["KILL_SWITCH"] == "denies the entry; denies the exit"
    assert told["MAX_DRAWDOWN"] == "denies the entry; warns on the exit"
