"""One real demo for the whole folder; tests read its home, and work on copies where they change something."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.journeys import stage

DAYS = 40
"""Sessions from 1 October 2012: nine executions, a storm that closed the exchange, Thanksgiving."""

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
