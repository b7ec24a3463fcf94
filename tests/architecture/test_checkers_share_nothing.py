"""A checker must not share what it checks: a number that both read is wrong on both sides at once."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from importlib import import_module

from tests.architecture.source import ROOT, Source, sources

HISTORY = ROOT / "tests" / "chaos" / "history"
SHARED = {
    "is_ours": "whose an order is, by the form of its id: the broker's model gives no other mark",
    "BY_PERSON": "the words under which a person's act stands in a note",
    "RULES": "the names of the rules, none of their numbers",
}
"""What is no type and is shared all the same, and why it decides nothing."""


def test_a_checker_of_histories_takes_types_from_the_product_and_no_number_or_decision() -> None:
    taken = [(source.name, name) for source in sources(HISTORY) for name in not_types(source)]
    assert [f"{where} takes {name}" for where, name in taken if name not in SHARED] == []
    assert {name for _, name in taken} == set(SHARED)


def test_a_threshold_of_the_product_would_be_seen() -> None:
    text = (
        "from glassdesk.workflow.dealing.unknown import PATIENCE, Unknown\n"
        "from glassdesk.workflow.dealing import unknown as looking\n"
        "import glassdesk.workflow.risk.halt\n"
    )
    assert list(not_types(Source(name="x.py", text=text, tree=ast.parse(text)))) == [
        "PATIENCE",
        "unknown",
        "glassdesk.workflow.risk.halt",
    ]


def not_types(source: Source) -> Iterator[str]:
    """Names taken from the product that are no classes: functions, numbers, whole modules."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names if one.name.startswith("glassdesk"))
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("glassdesk"):
            home = import_module(node.module or "")
            yield from (one.name for one in node.names if not isinstance(getattr(home, one.name, None), type))
