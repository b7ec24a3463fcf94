"""The catalogue names for each fault a test that is there."""

from ibkr_simulator.scenarios.catalogue import CATALOGUE
from tests.faults.registry import registered


def test_the_catalogue_has_every_number_once() -> None:
    assert sorted(CATALOGUE) == list(range(1, 84))


def test_the_test_of_a_fault_is_where_the_catalogue_says() -> None:
    named = {number: scenario.test for number, scenario in CATALOGUE.items()}
    assert [where for number, (where, _) in registered().items() if named[number] != where] == []


TO_COME = frozenset(range(1, 84)) - {22}
"""Faults without a test yet; shrinks to none."""


def test_every_fault_has_a_test() -> None:
    assert set(CATALOGUE) - TO_COME <= set(registered())
