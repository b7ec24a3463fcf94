"""Each fault that can cost money is caught by its test: the test is red as soon as the handling is gone."""

import pytest

from ibkr_simulator.scenarios.catalogue import CATALOGUE
from tests.faults.conftest import Make
from tests.faults.mutants import MUTANTS
from tests.faults.mutants.mutant import Mutant
from tests.faults.registry import registered


@pytest.mark.parametrize("mutant", MUTANTS, ids=str)
def test_the_test_of_a_fault_is_red_without_its_handling(
    make: Make, mutant: Mutant, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, test = registered()[mutant.number]
    mutant.undo(monkeypatch)
    with pytest.raises(AssertionError):
        test(make)


def test_every_fault_with_a_star_has_a_mutant() -> None:
    starred = {number for number, scenario in CATALOGUE.items() if scenario.star}
    assert {mutant.number for mutant in MUTANTS} == starred
