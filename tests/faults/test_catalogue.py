"""The catalogue names for each fault a test that is there, and its page says the same."""

from pathlib import Path

from ibkr_simulator.scenarios.catalogue import CATALOGUE
from ibkr_simulator.scenarios.files import parsed
from ibkr_simulator.scenarios.page import page
from tests.faults.registry import registered


def test_the_catalogue_has_every_number_once() -> None:
    assert sorted(CATALOGUE) == list(range(1, 84))


def test_the_test_of_a_fault_is_where_the_catalogue_says() -> None:
    named = {number: scenario.test for number, scenario in CATALOGUE.items()}
    assert [where for number, (where, _) in registered().items() if named[number] != where] == []


def test_every_fault_has_a_test() -> None:
    assert set(registered()) == set(CATALOGUE)


def test_the_page_of_the_faults_is_the_catalogue() -> None:
    file = Path(__file__).parents[2] / "docs" / "faults.md"
    assert file.read_text(encoding="utf-8") == page(), "python -m ibkr_simulator faults --markdown"


def test_the_example_of_the_page_is_a_scenario_file() -> None:
    example = page().partition("```toml\n")[2].partition("```")[0]
    assert [one.number for one in parsed(example, "day.toml")] == [22, 9, 29]
