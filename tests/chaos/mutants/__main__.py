"""`python -m tests.chaos.mutants`: every mutant, or those named, hunted where it was seen, then elsewhere."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from tests.chaos.mutants import witnesses
from tests.chaos.mutants.campaign import SEEDS, Hunted, hunted_all, survivors
from tests.chaos.mutants.catalogue import MUTANTS


def main() -> int:
    """Exit 1 where one lives on without a reason."""
    asked = _parser().parse_args()
    wanted = [one for one in MUTANTS if one.name in asked.only] if asked.only else MUTANTS
    found = hunted_all(wanted, seeds=asked.seeds, at_once=asked.at_once, told=_say)
    asked.out.parent.mkdir(exist_ok=True)
    asked.out.write_text(json.dumps([asdict(one) for one in found], indent=2))
    dead = sum(bool(one.killed_by) for one in found)
    sys.stdout.write(
        f"{dead} of {len(found)} mutants killed, each by an invariant that it was said to break\n"
    )
    if asked.write:
        _keep(found)
    return 1 if survivors(found) else 0


def _say(one: Hunted) -> None:
    fate = f"{one.killed_by} in {one.place}" if one.killed_by else f"LIVES: {one.words}"
    sys.stdout.write(f"{one.name:<24} {one.seconds:6.1f} s {one.played:3} played  {fate}\n")
    sys.stdout.flush()


def _keep(found: Sequence[Hunted]) -> None:
    """Where they were seen now; what nobody saw has no witness any more."""
    known = witnesses.read()
    for one in found:
        known.pop(one.name, None)
        if one.killed_by:
            known[one.name] = one.place
    witnesses.write({name: place for name, place in known.items() if name in {m.name for m in MUTANTS}})


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.mutants", description=__doc__)
    parser.add_argument("--only", action="append", default=[], choices=[one.name for one in MUTANTS])
    parser.add_argument("--seeds", type=int, default=SEEDS, help="of each environment, at most")
    parser.add_argument("--at-once", type=int, default=2)
    parser.add_argument("--write", action="store_true", help="keep where they were seen")
    parser.add_argument("--out", type=Path, default=Path("build/chaos-mutants.json"))
    return parser


if __name__ == "__main__":
    sys.exit(main())
