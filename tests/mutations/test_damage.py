"""What the mistakes are made of: one place each, another program, and still a program."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.mutations.campaign import PACKAGE, STEPS, Fate, chosen, everything, key, rate
from tests.mutations.damage import Damage, damages
from tests.mutations.equivalent import EQUIVALENT

SAMPLE = '''"""A text with 1 < 2."""
from typing import Protocol

class Port(Protocol):
    def ask(self, count: int = 3) -> None: ...

@sure(frozen=True)
def f(a: tuple[1], b):
    total = 0
    if a < b and not a:
        total += min(a, -b)
        tell("é", f"{a + 1}")
    return total
'''


def changes(source: str) -> set[tuple[str, str]]:
    return {(one.before, one.after) for one in damages("sample.py", source)}


def test_every_kind_of_mistake_is_found_and_nothing_where_nothing_runs() -> None:
    assert changes(SAMPLE) == {
        ("0", "(1)"),
        ("0", "(-1)"),
        ("a < b", "(a <= b)"),
        ("a < b", "(a >= b)"),
        ("a < b and not a", "(a < b or not a)"),
        ("a < b and not a", "(not (a < b and (not a)))"),
        ("not a", "(a)"),
        ("total += min(a, -b)", "pass"),
        ("total += min(a, -b)", "total -= min(a, -b)"),
        ("min", "max"),
        ("-b", "(b)"),
        ('tell("é", f"{a + 1}")', "pass"),
        ("return total", "return None"),
    }


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("x == y", "(x != y)"),
        ("x is None", "(x is not None)"),
        ("x in y", "(x not in y)"),
        ("x * y", "(x / y)"),
        ("x - y", "(x + y)"),
        ("True", "False"),
        ("max", "min"),
    ],
)
def test_a_mistake_is_the_opposite_of_what_stands_there(before: str, after: str) -> None:
    source = f"z = {before}(1)" if before == "max" else f"z = {before}"
    assert (before, after) in changes(source)


@pytest.mark.slow
@pytest.mark.parametrize("step", STEPS)
def test_each_changes_one_place_of_one_module_into_another_program(step: str) -> None:
    sources: dict[str, str] = {}
    for one in everything(step):
        if one.module not in sources:
            sources[one.module] = (PACKAGE / one.module).read_text("utf-8")
        before, after = sources[one.module], one.applied(sources[one.module])
        raw, changed = before.encode(), after.encode()
        assert changed[: one.start] == raw[: one.start]
        assert changed[one.start + len(one.after.encode()) :] == raw[one.end :]
        assert one.after.strip("()") != one.before.strip("()")
        compile(after, one.module, "exec", ast.PyCF_ONLY_AST)


def test_an_operator_that_would_not_even_run_is_no_mistake_worth_noticing() -> None:
    assert changes('x = y - {1 < 2}\nx += [a] if b else []\nx = "a" + y') == {
        ("1 < 2", "(1 <= 2)"),
        ("1 < 2", "(1 >= 2)"),
        ("1", "(2)"),
        ("1", "(0)"),
        ("2", "(3)"),
        ("2", "(1)"),
        ("b", "(not (b))"),
        ("x += [a] if b else []", "pass"),
    }


def test_a_module_that_has_changed_meanwhile_is_not_damaged() -> None:
    [one] = [one for one in damages("sample.py", "x = y < z") if one.after == "(y <= z)"]
    assert one.applied("x = y < z") == "x = (y <= z)"
    with pytest.raises(ValueError, match="has changed meanwhile"):
        one.applied("# now\nx = y < z")


def test_the_choice_is_by_seed_and_as_much_of_each_step() -> None:
    first = chosen(1, 30)
    assert first == chosen(1, 30) != chosen(2, 30)
    assert [sum(Path(one.module).parts[1] == step for one in first) for step in STEPS] == [8, 8, 7, 7]
    assert len({(one.module, one.line) for one in first}) == 30


def test_what_nobody_could_see_counts_neither_way(monkeypatch: pytest.MonkeyPatch) -> None:
    one, two = chosen(1, 30)[:2]
    monkeypatch.setitem(EQUIVALENT, key(two), "said")
    assert rate([_fate(one, "a test"), _fate(two, "")]) == 1
    assert rate([_fate(one, ""), _fate(two, "a test")]) == 0.5


def test_what_is_said_to_be_the_same_program_is_there_and_has_a_reason() -> None:
    there = {key(one) for step in STEPS for one in everything(step)}
    assert EQUIVALENT.keys() <= there
    assert all(EQUIVALENT.values())


def _fate(damage: Damage, seen_by: str) -> Fate:
    return Fate(damage=damage, seen_by=seen_by, seconds=0.0)
