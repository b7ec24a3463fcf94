"""The Dockerfile: linted, and its steps run in a clean virtual environment. No container engine is needed."""

from __future__ import annotations

import fnmatch
import os
import re
import shlex
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from tests.architecture.source import ROOT

Step = tuple[str, str]
KEPT = ("PATH", "HOME", "UV_", "XDG_", "PIP_")
SECRET = re.compile(r"(?i)(password|token|secret|key)\s*=")


@cache
def stages() -> tuple[tuple[Step, ...], ...]:
    """Instructions with their arguments, continued lines joined, by stage."""
    text = re.sub(r"^#.*\n", "", (ROOT / "Dockerfile").read_text(), flags=re.MULTILINE).replace("\\\n", " ")
    found: list[list[Step]] = []
    for line in filter(str.strip, text.splitlines()):
        word, _, rest = line.partition(" ")
        if word == "FROM":
            found.append([])
        found[-1].append((word, " ".join(rest.split())))
    return tuple(tuple(stage) for stage in found)


def of(stage: int, word: str) -> list[str]:
    return [rest for found, rest in stages()[stage] if found == word]


def kept() -> list[str]:
    """What .dockerignore lets in."""
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    assert "*" in lines, "everything is to stay outside first"
    return [line[1:] for line in lines if line.startswith("!")]


def test_the_last_stage_runs_as_a_user_without_rights_and_says_whether_it_is_healthy() -> None:
    words = [word for word, _ in stages()[-1]]
    assert of(-1, "USER") == ["desk"]
    assert words.index("USER") < words.index("CMD")
    assert not {"ADD", "EXPOSE", "ONBUILD"} & set(words)
    [check] = of(-1, "HEALTHCHECK")
    assert all(option in check for option in ("--interval=", "--timeout=", "--retries=", "CMD ["))
    [label] = of(-1, "LABEL")
    assert {"org.opencontainers.image.title", "org.opencontainers.image.licenses"} <= {
        word.partition("=")[0] for word in shlex.split(label)
    }
    assert "apt-get" not in " ".join(of(-1, "RUN"))


def test_images_have_a_tag_commands_are_lists_and_folders_are_named_whole() -> None:
    for stage in range(len(stages())):
        [base] = of(stage, "FROM")
        assert re.match(r"python:3\.\d+-slim-\w+( AS \w+)?$", base)
        assert all(rest.startswith("/") for rest in of(stage, "WORKDIR"))
        assert all(rest.startswith('["') for rest in of(stage, "CMD"))
        assert not any(SECRET.search(rest) for _, rest in stages()[stage])


def test_apt_asks_nothing_recommends_nothing_and_leaves_no_lists_and_nobody_is_root_by_sudo() -> None:
    runs = [run for stage in range(len(stages())) for run in of(stage, "RUN")]
    for run in runs:
        assert "sudo" not in run
        assert "curl" not in run
        assert " cd " not in f" {run}"
        if "apt-get install" in run:
            assert "apt-get update &&" in run
            assert "--yes" in run
            assert "--no-install-recommends" in run
            assert run.endswith("rm -rf /var/lib/apt/lists/*")


def test_what_is_copied_is_there_and_let_in() -> None:
    for copied in of(0, "COPY"):
        for source in shlex.split(copied)[:-1]:
            assert (ROOT / source).exists(), source
            assert any(fnmatch.fnmatch(source, pattern) for pattern in kept()), source
    for private in (".git", ".env", "secrets", ".venv", "tests"):
        assert not any(fnmatch.fnmatch(private, pattern) for pattern in kept())


@pytest.mark.process
@pytest.mark.slow
def test_its_steps_make_a_program_that_runs_in_a_clean_virtual_environment(tmp_path: Path) -> None:
    """What an image of Debian brings (apt-get, useradd) is left out. The environment is new and holds
    only the installer; packages come from this machine's cache, which `make env` has filled."""
    root = tmp_path / "opt"
    for copied in of(0, "COPY"):
        *sources, target = shlex.split(copied)
        for source in sources:
            place = root / target / source if target == "./" else root / target
            _copy(ROOT / source, place)
    _new_environment(root)
    steps = [run for run in of(0, "RUN") if not run.startswith("apt-get")]
    assert steps
    quick = {"UV_OFFLINE": "1", "MAKEFLAGS": "UV_COMPILE_BYTECODE=0"}
    environment = {name: text for name, text in os.environ.items() if name.startswith(KEPT)} | quick
    for step in steps:
        done = subprocess.run(
            ["sh", "-ec", step],
            cwd=root,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        assert done.returncode == 0, done.stdout[-1500:] + done.stderr[-3000:]
    for program in ("glassdesk", "ibkr-simulator"):
        told = subprocess.run(
            [root / ".venv/bin" / program, "--help"],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert told.returncode == 0, told.stderr
    assert not (root / ".venv/lib").resolve().is_relative_to(ROOT)


def _copy(source: Path, place: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, place, ignore=shutil.ignore_patterns("__pycache__", "*.pyc", "*.egg-info"))
    else:
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source, place)


def _new_environment(root: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(root / ".venv")], check=True)
    ours = Path(sys.executable).with_name("uv")
    if not ours.exists():
        pytest.skip("no uv on this machine: pip cannot install from its cache alone")
    shutil.copy2(ours, root / ".venv/bin/uv")
    (root / ".venv/made-venv").touch()
