"""Mutants against the harness: each is hunted until it is seen, in a process over a damaged copy."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tests.chaos.mutants.catalogue import MUTANTS
from tests.chaos.mutants.hunt import FOUND, NOTHING
from tests.chaos.mutants.mutant import Mutant, damaged
from tests.chaos.registry import Share

ROOT = Path(__file__).resolve().parents[3]
SEEDS = 40
"""Of each environment in which it is reachable, at most."""
PATIENCE = 900.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Hunted:
    """What became of a mutant."""

    name: str
    what: str
    killed_by: str
    """The invariant that saw it; empty where it lives on."""
    env: str
    seed: int
    seconds: float
    words: str
    """The witness, or what was seen instead."""

    @property
    def replay(self) -> str:
        """The command that hunts it again."""
        return f"python -m tests.chaos.mutants --only {self.name}"


def hunted(mutant: Mutant, *, seeds: int = SEEDS) -> Hunted:
    """Play seeds over the damage until one of its invariants speaks."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="glassdesk-mutant-") as folder:
        found = _run(mutant, damaged(mutant, Path(folder)), seeds)
    row = json.loads(found.stdout) if found.returncode == FOUND else {}
    words = row.get("witness") or (found.stdout + found.stderr)[-1500:]
    return Hunted(
        name=mutant.name,
        what=mutant.what,
        killed_by=row.get("by", ""),
        env=row.get("env", ""),
        seed=row.get("seed", 0),
        seconds=round(time.monotonic() - began, 1),
        words=words or mutant.survives,
    )


def _run(mutant: Mutant, package: Path, seeds: int) -> subprocess.CompletedProcess[str]:
    words = [f"--env={env}" for env in mutant.where] + [f"--seen-by={one}" for one in mutant.seen_by]
    command = [sys.executable, "-m", "tests.chaos.mutants.hunt", str(package), f"--seeds={seeds}", *words]
    try:
        return subprocess.run(
            command,
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(package)},
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE,
        )
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(command, NOTHING, stdout=f"nothing in {PATIENCE:.0f} s", stderr="")


def hunted_all(mutants: Sequence[Mutant] = MUTANTS, *, seeds: int = SEEDS, at_once: int = 2) -> list[Hunted]:
    """Hunt each of them."""
    with ThreadPoolExecutor(at_once) as hunters:
        return list(hunters.map(lambda one: hunted(one, seeds=seeds), mutants))


def campaign(share: Share) -> dict[str, object]:
    """All of them, as a part of `python -m tests.chaos run`."""
    found = hunted_all(at_once=share.jobs)
    return {
        "mutants": len(found),
        "mutants_killed": sum(bool(one.killed_by) for one in found),
        "killed_by": {one.name: f"{one.killed_by} ({one.env}/{one.seed})" for one in found if one.killed_by},
        "survivors": {one.name: one.words for one in found if not one.killed_by},
        "violations": [f"{one.name} lives on: {one.what}; {one.replay}" for one in survivors(found)],
    }


WITNESSED = ("M1", "M2", "M3", "silent-move")
"""Mutants whose death was seen on the whole product. The others are hunted by `python -m tests.chaos.mutants`
only, until theirs was."""


def in_turn(day: int, count: int) -> Sequence[Mutant]:
    """So many of those whose death was seen; another day takes the next."""
    known = [one for one in MUTANTS if one.name in WITNESSED]
    return [known[(day * count + index) % len(known)] for index in range(count)]


def survivors(found: Sequence[Hunted]) -> list[Hunted]:
    """Those that nobody saw and of whom nobody said why."""
    excused = {one.name for one in MUTANTS if one.survives}
    return [one for one in found if not one.killed_by and one.name not in excused]
