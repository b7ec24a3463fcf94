"""The harness sees deliberate damage: each mutant by an invariant that it was said to break."""

from __future__ import annotations

import tempfile
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.chaos.history.invariants import INVARIANTS
from tests.chaos.mutants.campaign import WITNESSED, hunted_all, in_turn
from tests.chaos.mutants.catalogue import MUTANTS
from tests.chaos.mutants.mutant import Change, Mutant, damaged
from tests.chaos.orders.environments import ENVIRONMENTS

IN_TURN = 3
BESIDES = {"ADOPT"}
"""What the order path checks beside the invariants: late arrivals and adoptions are equally many."""


@pytest.mark.slow
@pytest.mark.process
def test_mutants_in_turn_are_killed_each_by_an_invariant_it_was_said_to_break() -> None:
    # Another day takes the next; `python -m tests.chaos.mutants` hunts all of them.
    found = hunted_all(in_turn(datetime.now(UTC).date().toordinal(), IN_TURN))
    assert [(one.name, one.words) for one in found if not one.killed_by] == []


@pytest.mark.parametrize("mutant", MUTANTS, ids=str)
def test_a_patch_fits_in_exactly_one_place_and_the_damaged_file_is_a_program(mutant: Mutant) -> None:
    texts: dict[str, str] = {}
    for change in mutant.changes:
        if change.file not in texts:
            texts[change.file] = change.text()
            continue
        source = texts[change.file]
        assert source.count(change.before) == 1
        texts[change.file] = source.replace(change.before, change.after)
    for file, text in texts.items():
        compile(text, file, "exec")


def test_there_are_at_least_25_and_those_of_the_prototype_are_among_them() -> None:
    names = Counter(mutant.name for mutant in MUTANTS)
    assert set(names.values()) == {1}
    assert len(names) >= 25
    assert {"M1", "M2", "M3", "M4", "M5", "M6", "M9", "M10", "M13", "M15", "M16"} <= names.keys()


@pytest.mark.parametrize("mutant", MUTANTS, ids=str)
def test_a_mutant_names_invariants_and_environments_that_exist_or_why_it_lives(mutant: Mutant) -> None:
    assert set(mutant.seen_by) <= INVARIANTS.keys() | BESIDES
    assert set(mutant.where) <= ENVIRONMENTS.keys() - {"E3"}
    assert bool(mutant.where) != bool(mutant.survives)


def test_a_patch_that_fits_nowhere_is_refused() -> None:
    lost = Change(file="workflow/dealing/unknown.py", before="no such line", after="")
    with pytest.raises(ValueError, match="0 places read 'no such line'"):
        lost.text()


def test_only_the_copy_is_damaged() -> None:
    mutant = MUTANTS[0]
    before = mutant.changes[0].text()
    with tempfile.TemporaryDirectory() as folder:
        package = damaged(mutant, Path(folder))
        copy = package / "glassdesk" / mutant.changes[0].file
        assert mutant.changes[0].after in copy.read_text()
    assert mutant.changes[0].text() == before


def test_in_turn_they_come_to_every_mutant_whose_death_was_seen() -> None:
    reachable = {mutant.name for mutant in MUTANTS if mutant.where}
    seen = {one.name for day in range(len(WITNESSED)) for one in in_turn(day, IN_TURN)}
    assert seen == set(WITNESSED) <= reachable
