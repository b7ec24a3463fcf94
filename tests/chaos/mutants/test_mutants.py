"""The harness sees deliberate damage: each mutant by an invariant that it was said to break."""

from __future__ import annotations

import tempfile
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.chaos.desk.scenarios import Scenario
from tests.chaos.desk.sweep import run
from tests.chaos.history.invariants import INVARIANTS
from tests.chaos.mutants import witnesses
from tests.chaos.mutants.campaign import hunted_all, in_turn, places, witnessed
from tests.chaos.mutants.catalogue import MUTANTS
from tests.chaos.mutants.mutant import Change, Mutant, damaged
from tests.chaos.mutants.place import ALL_STORIES, Place
from tests.chaos.mutants.stories import STORIES
from tests.chaos.orders.environments import ENVIRONMENTS

IN_TURN = 6
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
    prototype = {f"M{number}" for number in range(1, 17)} - {"M12", "M14"}
    assert prototype | {"absence-is-gone", "approval-not-bound"} <= names.keys()


@pytest.mark.parametrize("mutant", MUTANTS, ids=str)
def test_a_mutant_names_invariants_and_places_that_exist_or_why_it_lives(mutant: Mutant) -> None:
    assert set(mutant.seen_by) <= INVARIANTS.keys() | BESIDES
    assert set(mutant.where) <= ENVIRONMENTS.keys() - {"E3"}
    assert set(mutant.stories) <= ALL_STORIES.keys()
    assert bool(mutant.where or mutant.stories) != bool(mutant.survives)


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
    known = witnesses.read()
    reachable = {mutant.name for mutant in MUTANTS if not mutant.survives}
    seen = {one.name for day in range(len(known)) for one in in_turn(day, IN_TURN)}
    assert seen == known.keys() == {one.name for one in witnessed()}
    assert seen == reachable


def test_where_it_was_seen_is_played_first_and_each_place_once() -> None:
    mutant = next(one for one in MUTANTS if one.name == "M3")
    assert places(mutant, 1, "E2/1") == ["E2/1", "answer_lost/0", "E1/1", "E0/1"]
    assert places(mutant, 1, None)[0] == "answer_lost/0"


def test_a_place_is_a_seed_of_an_environment_or_a_death_in_a_story() -> None:
    assert [str(Place.named(text)) for text in ("E1/7", "stopped/12", "stopped")] == [
        "E1/7",
        "stopped/12",
        "stopped/0",
    ]
    with pytest.raises(ValueError, match="'E9/1': neither an environment nor a story"):
        Place.named("E9/1")


@pytest.mark.parametrize("place", sorted(witnesses.read().values()))
def test_where_it_was_seen_is_a_place(place: str) -> None:
    assert str(Place.named(place)) == place


@pytest.mark.slow
@pytest.mark.parametrize("story", STORIES, ids=lambda one: one.name)
def test_without_damage_a_story_ends_as_its_name_says(
    story: Scenario, pem: tuple[Path, Path], tmp_path: Path
) -> None:
    plan, played = run(story, 0, pem, tmp_path)
    assert played.violations == []
    assert story.ended(played.books, played.truth)
    assert plan.at_step == {}
