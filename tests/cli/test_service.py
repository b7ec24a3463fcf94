"""`glassdesk service`: a unit that systemd takes, and what happens where it is not there."""

from __future__ import annotations

import configparser
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from glassdesk.cli import service
from glassdesk.cli.service import Part, unit
from glassdesk.cli.table import TABLE
from tests.architecture.source import ROOT
from tests.cli.conftest import Typed


def parsed(text: str) -> configparser.ConfigParser:
    found = configparser.ConfigParser(interpolation=None, strict=True)
    found.optionxform = str  # type: ignore[assignment,method-assign]
    found.read_string(text)
    return found


@pytest.fixture
def somebody(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """No root, and no systemd; answers where the units go."""
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setattr(service, "_systemctl", lambda *words: ("", "no bus"))
    return tmp_path / "config/systemd/user"


@pytest.mark.parametrize("part", list(Part))
def test_a_unit_runs_the_program_of_this_environment_on_this_home(part: Part) -> None:
    home = Path("/home/jo/my desk 100%")
    told = parsed(unit(part, home))
    words = shlex.split(told["Service"]["ExecStart"])
    assert words == [str(Path(sys.executable).with_name("glassdesk")), part.value, "--home", f"{home}%"]
    assert Path(words[0]).is_file()
    assert told["Service"]["WorkingDirectory"] == f"{home}%"
    assert told["Service"]["Restart"] == "on-failure"
    assert told["Service"]["RestartPreventExitStatus"] == "2"
    assert told["Service"]["NoNewPrivileges"] == "yes"
    assert told["Install"]["WantedBy"] == "default.target"
    assert words[1] in {entry.name for entry in TABLE}


@pytest.mark.process
@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not here")
def test_systemd_finds_nothing_wrong_with_a_unit(tmp_path: Path) -> None:
    for part in Part:
        (tmp_path / f"glassdesk-{part}.service").write_text(unit(part, tmp_path))
    told = subprocess.run(
        ["systemd-analyze", "--user", "verify", *map(str, tmp_path.glob("*.service"))],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env=os.environ | {"XDG_RUNTIME_DIR": str(tmp_path)},
    )
    assert [line for line in told.stderr.splitlines() if "glassdesk" in line] == []


def test_shown_it_writes_nothing_and_root_may_look(
    type_in: Typed, somebody: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    told = type_in("service", "install", "--print", "--role", "dealer")
    assert told.code == 0
    assert parsed(told.out)["Unit"]["Description"] == "Glassdesk dealer"
    assert not somebody.exists()


@pytest.mark.parametrize("words", [("install",), ("uninstall",)])
def test_root_is_refused(
    type_in: Typed, somebody: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str]
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    told = type_in("service", *words)
    assert told.code != 0
    assert "does not run as root" in told.err
    assert not somebody.exists()


def test_without_systemd_it_is_written_and_the_two_commands_are_told(type_in: Typed, somebody: Path) -> None:
    told = type_in("service", "install")
    assert told.code == 0
    said = " ".join(told.out.split())
    assert "systemctl --user daemon-reload; systemctl --user enable --now glassdesk.service" in said
    assert (somebody / "glassdesk.service").is_file()
    [one] = type_in("service", "status", "--json").json
    assert (one["role"], one["state"]) == ("up", "unknown")
    assert type_in("service", "uninstall").code == 0
    assert not list(somebody.iterdir())
    assert "no unit is installed" in type_in("service", "status").out


def test_with_systemd_it_is_enabled_and_a_refusal_is_one_line(
    type_in: Typed, somebody: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, ...]] = []
    monkeypatch.setattr(shutil, "which", lambda name: "/bin/systemctl")

    def agreeing(*words: str) -> tuple[str, str]:
        asked.append(words)
        return "", ""

    monkeypatch.setattr(service, "_systemctl", agreeing)
    assert type_in("service", "install", "--role", "worker").code == 0
    assert asked[1:] == [("daemon-reload",), ("enable", "--now", "glassdesk-worker.service")]
    refusing = {"enable": "Unit is masked."}
    monkeypatch.setattr(service, "_systemctl", lambda *words: ("", refusing.get(words[0], "")))
    told = type_in("service", "install")
    assert told.code == 1
    assert "Unit is masked." in told.err


def test_what_is_not_installed_cannot_be_uninstalled(type_in: Typed, somebody: Path) -> None:
    told = type_in("service", "uninstall", "--role", "web")
    assert told.code == 2
    assert "glassdesk-web.service" in told.err


def test_the_procfile_names_roles_that_are_commands() -> None:
    lines = [line for line in (ROOT / "Procfile").read_text().splitlines() if line and line[0] != "#"]
    started = {line.partition(":")[0]: shlex.split(line.partition(":")[2]) for line in lines}
    assert list(started) == ["dealer", "worker", "web"]
    assert all(words[:3] == ["exec", ".venv/bin/glassdesk", name] for name, words in started.items())
