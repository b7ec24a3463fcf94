"""One real demo for the whole folder; tests read its home, and work on copies where they change something."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path

import pytest

from glassdesk.cli.program import run
from tests.journeys import stage
from tests.journeys.campaign import SEND_POINTS, STEP_POINTS, Campaign, fight

DAYS = 40
"""Sessions from 1 October 2012: nine executions, a storm that closed the exchange, Thanksgiving."""

SESSIONS = 11
"""To 15 October: two brackets, a stop filled, a SELL exit."""

CopyHome = Callable[[stage.Home], stage.Home]
Typed = Callable[..., stage.Told]


@pytest.fixture(scope="session")
def forty_days(tmp_path_factory: pytest.TempPathFactory) -> stage.Demo:
    """Read only: the processes of one test run share it."""
    mine = tmp_path_factory.getbasetemp()
    shared = (mine.parent if "PYTEST_XDIST_WORKER" in os.environ else mine) / "forty-days"
    told = shared / "told.json"
    shared.mkdir(exist_ok=True)
    with (shared / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not told.exists():
            told.write_text(json.dumps(asdict(stage.demo(shared / "demo", "--days", str(DAYS)).told)))
    return stage.Demo(
        told=stage.Told(**json.loads(told.read_text())),
        home=stage.Home(folder=shared / "demo" / ".glassdesk"),
    )


@pytest.fixture
def copied(tmp_path: Path) -> CopyHome:
    """A copy of a home to break."""

    def copy(home: stage.Home) -> stage.Home:
        folder = tmp_path / "home"
        shutil.copytree(home.folder, folder)
        return stage.Home(folder=folder)

    return copy


@pytest.fixture
def typed(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Typed:
    """Runs one command line on a home, in this process: twenty of them would start twenty interpreters."""
    for name in [name for name in os.environ if name.startswith("GLASSDESK_")]:
        monkeypatch.delenv(name)

    def typed(home: stage.Home, *words: str) -> stage.Told:
        began = time.monotonic()
        capsys.readouterr()
        code = run([*words, "--home", str(home.folder)])
        out, err = capsys.readouterr()
        return stage.Told(code=code, out=out, err=err, seconds=time.monotonic() - began)

    return typed


@pytest.fixture(scope="session")
def campaigns(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Campaign, Campaign]]:
    """Two homes killed again and again, side by side: in the steps of runs, and around what is sent."""
    folder = tmp_path_factory.mktemp("killed")
    with ThreadPoolExecutor(2) as both:
        steps = both.submit(fight, folder / "steps", SESSIONS, STEP_POINTS)
        sends = both.submit(fight, folder / "sends", SESSIONS, SEND_POINTS)
    try:
        yield steps.result(), sends.result()
    finally:
        for name in ("steps", "sends"):
            stage.Home(folder=folder / name).end_simulator()
