"""Mistakes of one place, each in a copy of the package that the unit tests then run over."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.mutations.damage import Damage, damages
from tests.mutations.equivalent import EQUIVALENT
from tests.mutations.whole_copy import ANOTHER, COPY

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "glassdesk"
STEPS = ("risk", "orders", "order_tracking", "positions")
"""Steps in which a wrong line loses money."""
DOWN_THE_RIVER = (*STEPS, "portfolio", "dealing")
"""Steps that use those, and whose tests may notice; what lies upstream of a step never imports it."""
NOT_THESE = ("dealing/probe",)
"""Stories of minutes, about what the broker does."""
LEAST = 0.9
"""Of the mistakes that tests must notice."""
PATIENCE, TIMES = 120.0, 5
"""Tests that take so many seconds, and so many times as long as without a damage, have noticed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """What became of a damage."""

    damage: Damage
    seen_by: str
    """The first test that failed; empty where none did."""
    seconds: float

    @property
    def excused(self) -> str:
        """Why nobody could see it; empty where somebody could."""
        return "" if self.seen_by else EQUIVALENT.get(key(self.damage), "")


def key(damage: Damage) -> tuple[str, str, str]:
    """How a damage is named where its line has moved."""
    return damage.module, " ".join(damage.before.split()), " ".join(damage.after.split())


def everything(step: str) -> list[Damage]:
    """All that can be mistyped in a step."""
    modules = sorted((PACKAGE / "workflow" / step).glob("*.py"))
    return [
        one for path in modules for one in damages(str(path.relative_to(PACKAGE)), path.read_text("utf-8"))
    ]


def chosen(seed: int, count: int) -> list[Damage]:
    """So many lines at random, as many of each step as of the others, with one damage to each."""
    dice = random.Random(seed)
    found = []
    for index, step in enumerate(STEPS):
        by_line: dict[tuple[str, int], list[Damage]] = {}
        for one in everything(step):
            by_line.setdefault((one.module, one.line), []).append(one)
        share = count // len(STEPS) + (index < count % len(STEPS))
        found += [dice.choice(by_line[line]) for line in dice.sample(sorted(by_line), share)]
    return found


def rate(fates: Sequence[Fate]) -> float:
    """Part of the damages that were noticed, of those that anybody could notice."""
    counted = [one for one in fates if not one.excused]
    return sum(bool(one.seen_by) for one in counted) / len(counted) if counted else 1.0


def campaign(
    wanted: Sequence[Damage], *, at_once: int, own_only: bool = False, told: Callable[[Fate], None]
) -> list[Fate]:
    """Let the tests of its step look at each damage, then those of the steps that use it at what is left.
    Raises `RuntimeError` where tests do not pass without a damage."""
    fates = judged(wanted, own_tests, at_once, told)
    left = [one.damage for one in fates if not one.seen_by and not one.excused]
    if own_only or not left:
        return fates
    later = {one.damage: one for one in judged(left, tests_of_users, at_once, told)}
    return [later.get(one.damage, one) for one in fates]


def judged(
    wanted: Sequence[Damage], tests: Callable[[str], list[str]], at_once: int, told: Callable[[Fate], None]
) -> list[Fate]:
    """What became of each under those tests."""
    folders = {folder for one in wanted for folder in tests(step_of(one))}
    patience = sound(sorted(folders), at_once)

    def look(one: Damage) -> Fate:
        fate = fate_of(one, tests(step_of(one)), patience)
        told(fate)
        return fate

    with ThreadPoolExecutor(at_once) as pool:
        return list(pool.map(look, wanted))


def sound(folders: Sequence[str], at_once: int) -> float:
    """Seconds to wait for tests over a damaged copy: they pass over a sound one in so many fewer. Raises
    `RuntimeError` where they do not."""

    def timed(tests: str) -> float:
        began = time.monotonic()
        with copied() as folder:
            if failed := first_failure(folder, [tests], None):
                raise RuntimeError(f"the tests fail without any damage: {failed}")
        return time.monotonic() - began

    with ThreadPoolExecutor(at_once) as pool:
        return PATIENCE + TIMES * sum(pool.map(timed, folders))


def fate_of(damage: Damage, tests: Sequence[str], patience: float) -> Fate:
    """Damage a copy and run the tests over it."""
    began = time.monotonic()
    with copied() as folder:
        path = folder / "glassdesk" / damage.module
        path.write_text(damage.applied(path.read_text("utf-8")), "utf-8")
        seen_by = first_failure(folder, tests, patience)
    return Fate(damage=damage, seen_by=seen_by, seconds=round(time.monotonic() - began, 1))


def step_of(damage: Damage) -> str:
    """The step in which it is."""
    return Path(damage.module).parts[1]


def own_tests(step: str) -> list[str]:
    """The unit tests of a step."""
    return [f"tests/workflow/{step}"]


def tests_of_users(step: str) -> list[str]:
    """Those of the steps that use it."""
    return [f"tests/workflow/{one}" for one in DOWN_THE_RIVER[DOWN_THE_RIVER.index(step) + 1 :]]


@contextmanager
def copied() -> Iterator[Path]:
    """A temporary folder with the package in it; bytecode of unchanged modules is good there, too."""
    with tempfile.TemporaryDirectory(prefix="glassdesk-mutation-") as folder:
        shutil.copytree(PACKAGE, Path(folder) / "glassdesk", ignore=shutil.ignore_patterns("vendor"))
        yield Path(folder)


def first_failure(folder: Path, tests: Sequence[str], patience: float | None) -> str:
    """The first test that fails over the package in `folder`; empty where all pass."""
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *tests]
    command += ["-p", "tests.mutations.whole_copy", *(f"--ignore=tests/workflow/{one}" for one in NOT_THESE)]
    # The same examples each time, and none of them kept for other runs.
    settings = {"CI": "true", "PYTHONHASHSEED": "0", "HYPOTHESIS_STORAGE_DIRECTORY": str(folder / "examples")}
    place = {"PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1", COPY: str(folder)}
    try:
        done = subprocess.run(
            command,
            cwd=ROOT,
            env={**os.environ, **settings, **place},
            capture_output=True,
            text=True,
            check=False,
            timeout=patience,
        )
    except subprocess.TimeoutExpired:
        return f"no end within {patience:.0f} s"
    if done.returncode == ANOTHER:
        raise RuntimeError(done.stdout + done.stderr)
    return "" if done.returncode == 0 else _named(done)


def _named(done: subprocess.CompletedProcess[str]) -> str:
    lines = (line for line in done.stdout.splitlines() if line.startswith(("FAILED ", "ERROR ")))
    found = next(lines, f"pytest ended with {done.returncode}: {(done.stdout + done.stderr)[-300:]}")
    return found.removeprefix("FAILED ").removeprefix("ERROR ").partition(" - ")[0]
