"""Worlds for tests: one tape for all, a fresh world for each, and one real process for those that need it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ibkr_simulator.checking import Checker
from ibkr_simulator.exchange.market import Market
from ibkr_simulator.exchange.tapes.choice import load
from ibkr_simulator.instants import parse
from ibkr_simulator.switches import Switches
from ibkr_simulator.truth import TruthLog
from ibkr_simulator.world import World
from simulator.tests.support import Inside, Wire, launch

Make = Callable[..., Inside]
CHECKER = Checker()


@pytest.fixture(scope="session", autouse=True)
def simulators_answer_by_schema(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Every simulator that a test starts holds each of its answers against its schema."""
    report = tmp_path_factory.mktemp("simulators") / "violations.txt"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("IBKR_SIMULATOR_VIOLATIONS", str(report))
        yield
    assert not report.exists(), report.read_text()


@pytest.fixture(scope="session")
def market() -> Market:
    """The history tape with the default seed."""
    return Market(load("history", 7), 7)


def begin(
    market: Market,
    at: str,
    *,
    ready: bool = True,
    truth: TruthLog | None = None,
    **switches: str,
) -> Inside:
    """A world on a market at an instant; ready unless told otherwise."""
    given = Switches({"pacing": "off", **switches})
    world = World(market=market, switches=given, seed=7, start=parse(at), truth=truth or TruthLog(None))
    world.observers.append(CHECKER)
    client = Inside(world)
    if ready:
        client.ready()
    return client


@pytest.fixture
def make(market: Market) -> Make:
    """Makes worlds on the history tape."""

    def on_history(at: str = "2012-10-01T15:00:00Z", *, ready: bool = True, **switches: str) -> Inside:
        return begin(market, at, ready=ready, **switches)

    return on_history


@pytest.fixture(scope="module")
def wire(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wire]:
    """A real process, one for all tests of a module."""
    process, endpoint = launch(tmp_path_factory.mktemp("home"), "2012-10-01T15:00:00Z")
    client = Wire(endpoint)
    yield client
    client.close()
    process.terminate()
    process.wait(5)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """An empty home for a process of one's own."""
    return tmp_path / "home"
