"""The example strategies: each can be kept as it is, on the symbols of the tape."""

from pathlib import Path

import pytest

from glassdesk.adapters.bundles import dump_strategy, load_strategy
from glassdesk.composition.examples import DEMO
from glassdesk.kernel.canonical import digest
from glassdesk.workflow.indicators.catalogue import complete_set
from glassdesk.workflow.indicators.compute import minimum_bars
from glassdesk.workflow.strategies import checks
from glassdesk.workflow.strategies.model import Strategy
from tests.architecture.source import ROOT

FILES = sorted((ROOT / "examples").glob("*.yaml"))
CONIDS = {"AAPL": 265598, "FB": 107113386, "GOOG": 30351181, "IBM": 8314, "MSFT": 272093}
BARS_OF_FB = 93  # sessions from its first day, 18 May 2012, to 28 September 2012


def load(file: Path) -> Strategy:
    return load_strategy(file.read_bytes(), file=file.name, account="DU1234567", resolve=CONIDS.__getitem__)


def test_the_examples_of_the_demo_trade_its_five_symbols_once_each() -> None:
    demo = [file for file in FILES if file.stem in DEMO]
    traded = [contract.symbol for file in demo for contract in load(file).contracts]
    assert len(demo) == len(DEMO)
    assert sorted(traded) == sorted(CONIDS)


def test_there_are_eight_examples_and_they_differ_in_what_decides() -> None:
    """By their rule, or by what their conditions state."""
    found = [load(file) for file in FILES]
    decides = {(one.policy.rule, one.conditions) for one in found}
    assert len(found) == 8
    assert len(decides) == 6
    assert {contract.symbol for one in found for contract in one.contracts} == set(CONIDS)


@pytest.mark.parametrize("file", FILES, ids=lambda path: path.stem)
def test_an_example_can_be_kept_as_it_is(file: Path) -> None:
    assert checks.problems(load(file)) == []


@pytest.mark.parametrize("file", FILES, ids=lambda path: path.stem)
def test_an_example_is_called_like_its_file_and_says_what_it_does(file: Path) -> None:
    strategy = load(file)
    assert strategy.name == file.stem
    assert len(strategy.description) > 20


@pytest.mark.parametrize("file", FILES, ids=lambda path: path.stem)
def test_an_example_survives_being_written_out(file: Path) -> None:
    strategy = load(file)
    again = load_strategy(dump_strategy(strategy), file="again", account="", resolve=CONIDS.__getitem__)
    assert digest(again) == digest(strategy)


def test_facebook_is_asked_for_no_more_bars_than_it_has_had() -> None:
    strategy = load(ROOT / "examples/fb-reversion.yaml")
    assert minimum_bars(complete_set(strategy.indicators)) < strategy.history <= BARS_OF_FB
