"""What a person may get wrong is refused in one clear line; what the world gets wrong makes no order."""

from __future__ import annotations

import shutil
import signal
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.journeys import stage
from tests.journeys.conftest import Typed

pytestmark = [pytest.mark.journey, pytest.mark.process, pytest.mark.slow]

STRATEGY = (stage.ROOT / "examples" / "ibm-reversion.yaml").read_text()
SYSTEM = "You read the numbers of one price chart, and answer in one JSON object.\n"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[stage.Home]:
    """A running `glassdesk up` on a home of its own, signed in."""
    home = stage.Home(folder=tmp_path_factory.mktemp("up") / "home")
    home.folder.mkdir()
    process = stage.start("up", "--port", "0", "--home", str(home.folder), cwd=home.folder)
    try:
        _until((home.folder / "gate.json").exists)
        home.control("POST", "/person/sign-in", {})
        _until(lambda: home.rows("select * from session_status where body like '%\"ready\"%'"))
        yield home
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)
        home.end_simulator()


def _until(there: Callable[[], object]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with suppress(OSError, ValueError, sqlite3.OperationalError):
            if there():
                return
        time.sleep(0.1)
    raise TimeoutError("it never came")


def _written(home: stage.Home, before: str, after: str) -> str:
    """The example strategy with one thing changed, as a file."""
    assert before in STRATEGY
    file = home.folder / "strategy.yaml"
    file.write_text(STRATEGY.replace(before, after))
    return str(file)


def test_the_strategy_as_it_is_shipped_is_taken(desk: stage.Home, typed: Typed) -> None:
    told = typed(desk, "strategies", "validate", _written(desk, "[IBM]", "[IBM]"))
    assert told.code == 0, told.err


MISTAKES = {
    "unknown symbol": ("[IBM]", "[NOSUCH]", "no US stock or ETF is called 'NOSUCH'"),
    "bad cron": ("cron: 0 9 * * 1-5", "cron: 0 25 * * 1-5", "is no schedule"),
    "unknown indicator": ("kind: rsi", "kind: zsi", "zsi"),
    "unknown parameter": ("{kind: rsi, length: 2}", "{kind: rsi, period: 2}", "period"),
    "no stop": ("stop_atr: 2.5, ", "", "stop_atr"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_in_a_strategy_is_one_line(desk: stage.Home, typed: Typed, mistake: str) -> None:
    before, after, words = MISTAKES[mistake]
    told = typed(desk, "strategies", "apply", _written(desk, before, after))
    assert told.code == 2
    assert words in told.complaint
    assert "strategy.yaml" in told.complaint
    assert desk.rows("select * from strategy_versions") == []


def test_a_symbol_of_two_contracts_is_one_line(desk: stage.Home, typed: Typed) -> None:
    """Two contracts of one ticker were chosen here: nobody guesses which is meant."""
    copy = stage.Home(folder=desk.folder.parent / "ambiguous")
    shutil.copytree(desk.folder, copy.folder)
    # Chosen by the good strategy's check before, or now.
    assert typed(copy, "strategies", "validate", _written(copy, "[IBM]", "[IBM]")).code == 0
    with sqlite3.connect(copy.database) as database:
        columns = [row[1] for row in database.execute("pragma table_info(contracts)")]
        same = ", ".join("12178205" if name == "conid" else f'"{name}"' for name in columns)
        database.execute(
            f"insert into contracts select {same} from contracts where conid = ?",  # noqa: S608 - its own columns
            (stage.CONIDS["IBM"],),
        )
    database.close()
    told = typed(copy, "strategies", "apply", _written(copy, "[IBM]", "[IBM]"))
    assert told.code == 2
    assert "several contracts" in told.complaint


PROMPTS = {
    "unknown variable": ("Symbol: {{ symbol }} {{ colour_of_the_sky }}\n", "colour_of_the_sky"),
    "endless loop": ("{% for i in range(99999999) %}x{% endfor %}\n", ""),
    "huge text": ("{{ 'x' * 999999999 }}\n", ""),
    "no template": ("{% if %}\n", ""),
}


@pytest.mark.parametrize("mistake", PROMPTS)
def test_a_mistake_in_a_prompt_is_one_line_and_quick(
    desk: stage.Home, typed: Typed, mistake: str, tmp_path: Path
) -> None:
    body, words = PROMPTS[mistake]
    (tmp_path / "system").write_text(SYSTEM)
    (tmp_path / "body").write_text(body)
    files = ("--system", str(tmp_path / "system"), "--body", str(tmp_path / "body"))
    told = typed(desk, "prompts", "new", "mine", *files)
    assert told.code == 2
    assert words in told.complaint
    assert told.seconds < 30
    assert desk.rows("select * from prompt_versions where name = 'mine'") == []


def test_a_gateway_that_is_down_is_one_line_and_nobodys_mistake(desk: stage.Home, typed: Typed) -> None:
    """The last one here: the simulator of the running desk is ended."""
    desk.end_simulator()

    def gone() -> bool:
        try:
            desk.control("GET", "/health")
        except OSError:
            return True
        return False

    _until(gone)
    told = typed(desk, "contracts", "search", "IBM")
    assert told.code == 1
    assert told.complaint
