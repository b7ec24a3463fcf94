"""A home per test, copied from one that is built once, and a way to type commands into it."""

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from glassdesk.cli import here
from glassdesk.cli.program import run
from glassdesk.desk import Desk
from glassdesk.settings import Settings
from tests.cli import world


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Typed = Callable[..., Answer]


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    with pytest.MonkeyPatch.context() as patch:
        _no_settings_from_outside(patch)
        return world.build(tmp_path_factory.mktemp("world") / "home")


@pytest.fixture
def home(built: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(built, tmp_path / "home"))


@pytest.fixture
def type_in(home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Typed:
    """`type_in("orders", "list")` in the home."""
    _no_settings_from_outside(monkeypatch)

    def typed(*words: str, at: Path | None = None) -> Answer:
        code = run([*words, "--home", str(at or home)])
        told = capsys.readouterr()
        return Answer(code=code, out=told.out, err=told.err)

    return typed


def _no_settings_from_outside(patch: pytest.MonkeyPatch) -> None:
    for name in ("HOME", "DATABASE_URL", "ACCOUNT", "ACCOUNT_KIND", "BROKER_URL", "CLOCK_URL"):
        patch.delenv(f"GLASSDESK_{name}", raising=False)


@pytest.fixture
def with_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    """The commands' desk reads a broker in memory instead of a dealer's gate."""

    @contextmanager
    def open_desk(settings: Settings) -> Iterator[Desk]:
        with world.opened(settings.home) as (_, desk):
            yield desk

    monkeypatch.setattr(here, "open_desk", open_desk)
