"""One word names a step's folder, table, route, templates, command and broker module: presence.toml."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.architecture.source import ROOT

PACKAGE = ROOT / "src/glassdesk"
PLACES = {
    "table": "adapters/database/{step}.py",
    "route": "web/pages/{step}.py",
    "templates": "web/templates/{step}",
    "command": "cli/{step}.py",
    "broker": "adapters/ibkr/{step}.py",
}
DECLARED: dict[str, dict[str, Any]] = tomllib.loads(Path(__file__).with_name("presence.toml").read_text())


def steps_of_the_tree() -> set[str]:
    return {folder.parent.name for folder in PACKAGE.glob("workflow/*/__init__.py")}


def companions_in_the_tree(step: str) -> set[str]:
    return {kind for kind, place in PLACES.items() if (PACKAGE / place.format(step=step)).exists()}


def test_every_step_of_the_tree_is_on_the_page_and_no_other() -> None:
    assert set(DECLARED) == steps_of_the_tree()


@pytest.mark.parametrize("step", sorted(DECLARED))
def test_a_step_has_the_companions_the_page_says(step: str) -> None:
    assert set(DECLARED[step]["has"]) == companions_in_the_tree(step)


@pytest.mark.parametrize("step", sorted(DECLARED))
def test_every_absence_has_its_reason(step: str) -> None:
    reasons = {kind: reason for kind, reason in DECLARED[step].items() if kind != "has"}
    assert set(reasons) == set(PLACES) - set(DECLARED[step]["has"])
    assert all(isinstance(reason, str) and len(reason) > 10 for reason in reasons.values())
