"""Every scenario of the specifications names a test, and the test is there."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from tests.architecture.source import ROOT

SPECS = sorted((ROOT / "openspec/specs").glob("*/spec.md"))
SCENARIO = re.compile(r"^#### Scenario: (.+)$", re.MULTILINE)
TEST = re.compile(r"^- TEST: (\S+)::(test_\w+)$", re.MULTILINE)


@cache
def names_in(file: Path) -> frozenset[str]:
    if not file.is_file():
        return frozenset()
    tree = ast.parse(file.read_text(encoding="utf-8"))
    functions = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    return frozenset(function.name for function in functions)


def scenarios(text: str) -> list[tuple[str, str]]:
    """Each scenario's title with the text up to the next heading."""
    parts = SCENARIO.split(text)[1:]
    return [
        (title, re.split(r"^#", body, maxsplit=1, flags=re.MULTILINE)[0])
        for title, body in zip(parts[::2], parts[1::2], strict=True)
    ]


def test_there_are_specifications() -> None:
    assert len(SPECS) >= 20


@pytest.mark.parametrize("spec", SPECS, ids=lambda path: path.parent.name)
def test_every_scenario_ends_with_the_name_of_its_test(spec: Path) -> None:
    text = spec.read_text(encoding="utf-8")
    unproved = [title for title, body in scenarios(text) if not TEST.search(body.strip().splitlines()[-1])]
    assert unproved == []
    assert scenarios(text)


@pytest.mark.parametrize("spec", SPECS, ids=lambda path: path.parent.name)
def test_every_named_test_is_there(spec: Path) -> None:
    named = TEST.findall(spec.read_text(encoding="utf-8"))
    assert [f"{file}::{name}" for file, name in named if name not in names_in(ROOT / file)] == []


@pytest.mark.parametrize("spec", SPECS, ids=lambda path: path.parent.name)
def test_a_specification_repeats_no_title(spec: Path) -> None:
    titles = re.findall(r"^###+ .+$", spec.read_text(encoding="utf-8"), re.MULTILINE)
    requirements = [title for title in titles if title.startswith("### ")]
    assert len(set(requirements)) == len(requirements)
