"""One real demo for the whole folder; tests read its home, and work on copies where they change something."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.journeys import stage
from tests.journeys.campaign import SEND_POINTS, STEP_POINTS, Campaign, fight

DAYS = 40
"""Sessions from 1 October 2012: nine executions, a storm that closed the exchange, Thanksgiving."""

STEP_SESSIONS = 14
"""To 18 October: three brackets, a stop filled, a SELL exit."""
SEND_SESSIONS = 11
"""To 15 October: two brackets and the SELL exit of the second."""

CopyHome = Callable[[stage.Home], stage.Home]


@pytest.fixture(scope="session")
def forty_days(tmp_path_factory: pytest.TempPathFactory) -> Iterator[stage.Demo]:
    """Read only. Its simulator runs on, paused, until the session ends."""
    made = stage.demo(tmp_path_factory.mktemp("demo"), "--days", str(DAYS))
    yield made
    made.home.end_simulator()


@pytest.fixture
def copied(tmp_path: Path) -> CopyHome:
    """A copy of a home to break; it shares the original's simulator."""

    def copy(home: stage.Home) -> stage.Home:
        folder = tmp_path / "home"
        shutil.copytree(home.folder, folder)
        return stage.Home(folder=folder)

    return copy


@pytest.fixture(scope="session")
def campaigns(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Campaign, Campaign]]:
    """Two homes killed again and again, side by side: in the steps of runs, and around what is sent."""
    folder = tmp_path_factory.mktemp("killed")
    with ThreadPoolExecutor(2) as both:
        steps = both.submit(fight, folder / "steps", STEP_SESSIONS, STEP_POINTS)
        sends = both.submit(fight, folder / "sends", SEND_SESSIONS, SEND_POINTS)
    try:
        yield steps.result(), sends.result()
    finally:
        for name in ("steps", "sends"):
            stage.Home(folder=folder / name).end_simulator()
