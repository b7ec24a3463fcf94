"""The whole desk under fire, in its short form; `make chaos` plays more."""

from __future__ import annotations

from pathlib import Path

import pytest

from ibkr_simulator.scenarios.catalogue import CATALOGUE
from ibkr_simulator.switches import REGISTRY
from tests.chaos.desk.campaign import Sum, replay
from tests.chaos.desk.draw import FAULTS, SWITCHES, draw
from tests.chaos.desk.play import play
from tests.chaos.desk.scenarios import SCENARIOS, Scenario
from tests.chaos.desk.sweep import run, sweep

SHORT = 10
Pem = tuple[Path, Path]


@pytest.mark.slow
def test_ten_seeds_break_no_invariant(pem: Pem, tmp_path: Path) -> None:
    total = Sum()
    for seed in range(SHORT):
        total.take(play(seed, pem, tmp_path))
    assert total.violations == []
    assert total.counts["orders"] >= SHORT
    assert total.counts["crashes"] >= 4 * SHORT


@pytest.mark.slow
def test_a_seed_is_one_history(pem: Pem, tmp_path: Path) -> None:
    one, other = (play(3, pem, tmp_path / name) for name in ("a", "b"))
    assert one.trace == other.trace


@pytest.mark.slow
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda one: one.name)
def test_a_scenario_is_the_story_of_its_name(scenario: Scenario, pem: Pem, tmp_path: Path) -> None:
    _, played = run(scenario, 0, pem, tmp_path)
    assert played.violations == []
    assert scenario.ended(played.books, played.truth)


@pytest.mark.slow
def test_a_death_anywhere_changes_nothing_of_it(pem: Pem, tmp_path: Path) -> None:
    """A few points of the scenario with the most that cannot be taken back; the campaign has them all."""
    scenario = next(one for one in SCENARIOS if one.name == "answer_lost")
    swept = sweep(scenario, pem, tmp_path, wanted=range(61, 900, 150))
    assert swept.bad == ()
    assert swept.tried > 0


def test_seeds_draw_from_what_the_simulator_knows() -> None:
    assert {number for number, _ in FAULTS} <= CATALOGUE.keys()
    for name, values in SWITCHES.items():
        for value in values:
            REGISTRY[name].check(value)


def test_a_seed_can_be_played_without_some_of_its_acts() -> None:
    drawn = draw(7)
    assert len(drawn.without(frozenset({0})).acts) == len(drawn.acts) - 1
    assert drawn.without(frozenset()) == drawn
    assert replay(7, (1, 2)) == "python -m tests.chaos.desk 7 --without 1,2"
