"""Mutants against the harness: each is hunted until it is seen, in a process over a damaged copy."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tests.chaos.mutants import witnesses
from tests.chaos.mutants.catalogue import MUTANTS
from tests.chaos.mutants.hunt import FOUND, NOTHING
from tests.chaos.mutants.mutant import Mutant, damaged
from tests.chaos.registry import Share

ROOT = Path(__file__).resolve().parents[3]
SEEDS = 20
"""Of each environment in which it is reachable, at most, where its witness sees nothing any more."""
PATIENCE = 900.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Hunted:
    """What became of a mutant."""

    name: str
    what: str
    killed_by: str
    """The invariant that saw it; empty where it lives on."""
    place: str
    """Where, e.g. `E1/7` or `stopped/0`."""
    played: int
    """Places that were played for it."""
    seconds: float
    words: str
    """What the invariant said, or what was seen instead."""

    @property
    def replay(self) -> str:
        """The command that hunts it again."""
        return f"python -m tests.chaos.mutants --only {self.name}"


def places(mutant: Mutant, seeds: int, witness: str | None) -> list[str]:
    """Where it is looked for: where it was seen before, its stories, and then seeds."""
    widened = [f"{env}/{seed}" for seed in range(1, seeds + 1) for env in mutant.where]
    wanted = [*([witness] if witness else []), *(f"{story}/0" for story in mutant.stories), *widened]
    return list(dict.fromkeys(wanted))


def hunted(mutant: Mutant, *, seeds: int = SEEDS, witness: str | None = None) -> Hunted:
    """Play over the damage until one of its invariants speaks."""
    began, where = time.monotonic(), places(mutant, seeds, witness)
    with tempfile.TemporaryDirectory(prefix="glassdesk-mutant-") as folder:
        found = _run(mutant, damaged(mutant, Path(folder)), where) if where else _unplayed(mutant)
    row = json.loads(found.stdout) if found.returncode == FOUND else {}
    return Hunted(
        name=mutant.name,
        what=mutant.what,
        killed_by=row.get("by", ""),
        place=row.get("place", ""),
        played=row.get("played", len(where)),
        seconds=round(time.monotonic() - began, 1),
        words=row.get("witness") or mutant.survives or (found.stdout + found.stderr)[-1500:],
    )


def _unplayed(mutant: Mutant) -> subprocess.CompletedProcess[str]:
    return subprocess.CompletedProcess([], NOTHING, stdout=mutant.survives, stderr="")


def _run(mutant: Mutant, package: Path, where: Sequence[str]) -> subprocess.CompletedProcess[str]:
    words = [f"--seen-by={one}" for one in mutant.seen_by]
    command = [sys.executable, "-m", "tests.chaos.mutants.hunt", str(package), *where, *words]
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


def _nobody(_: Hunted) -> None:
    """Told when nobody wants to know."""


def hunted_all(
    mutants: Sequence[Mutant] = MUTANTS,
    *,
    seeds: int = SEEDS,
    at_once: int = 2,
    told: Callable[[Hunted], None] = _nobody,
) -> list[Hunted]:
    """Hunt each of them."""
    known = witnesses.read()

    def hunt(one: Mutant) -> Hunted:
        found = hunted(one, seeds=seeds, witness=known.get(one.name))
        told(found)
        return found

    with ThreadPoolExecutor(at_once) as hunters:
        return list(hunters.map(hunt, mutants))


def campaign(share: Share) -> dict[str, object]:
    """All of them, as a part of `python -m tests.chaos run`."""
    began, known = time.monotonic(), witnesses.read()
    found = hunted_all(at_once=share.jobs)
    return {
        "mutants": len(found),
        "mutants_killed": sum(bool(one.killed_by) for one in found),
        "mutants_seconds": round(time.monotonic() - began, 1),
        "killed_by": {one.name: f"{one.killed_by} in {one.place}" for one in found if one.killed_by},
        "seen_elsewhere": [one.name for one in found if one.killed_by and one.place != known.get(one.name)],
        "survivors": {one.name: one.words for one in found if not one.killed_by},
        "violations": [f"{one.name} lives on: {one.what}; {one.replay}" for one in survivors(found)],
    }


def witnessed() -> list[Mutant]:
    """Those whose death was seen, in the order of the catalogue."""
    known = witnesses.read()
    return [one for one in MUTANTS if one.name in known]


def in_turn(day: int, count: int) -> Sequence[Mutant]:
    """So many of those whose death was seen; another day takes the next."""
    known = witnessed()
    return [known[(day * count + index) % len(known)] for index in range(count)]


def survivors(found: Sequence[Hunted]) -> list[Hunted]:
    """Those that nobody saw and of whom nobody said why."""
    excused = {one.name for one in MUTANTS if one.survives}
    return [one for one in found if not one.killed_by and one.name not in excused]
