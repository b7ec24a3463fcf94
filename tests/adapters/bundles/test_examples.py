"""The example strategies: each can be kept as it is, and together they cover the demo's five symbols."""

from pathlib import Path

import pytest

from glassdesk.adapters.bundles import dump_strategy, load_strategy
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


def test_the_examples_trade_the_five_symbols_of_the_demo_once_each() -> None:
    traded = [contract.symbol for file in FILES for contract in load(file).contracts]
    assert sorted(traded) == sorted(CONIDS)


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
