"""`python -m tests.chaos.mutants`: every mutant, or those named, hunted in the order path."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path

from tests.chaos.mutants.campaign import SEEDS, hunted_all, survivors
from tests.chaos.mutants.catalogue import MUTANTS


def main() -> int:
    """Exit 1 where one lives on without a reason."""
    asked = _parser().parse_args()
    wanted = [one for one in MUTANTS if one.name in asked.only] if asked.only else MUTANTS
    found = hunted_all(wanted, seeds=asked.seeds, at_once=asked.at_once)
    for one in found:
        fate = f"{one.killed_by} in {one.env}, seed {one.seed}" if one.killed_by else f"LIVES: {one.words}"
        sys.stdout.write(f"{one.name:<24} {one.seconds:6.1f} s  {fate}\n")
    asked.out.parent.mkdir(exist_ok=True)
    asked.out.write_text(json.dumps([asdict(one) for one in found], indent=2))
    dead = sum(bool(one.killed_by) for one in found)
    sys.stdout.write(
        f"{dead} of {len(found)} mutants killed, each by an invariant that it was said to break\n"
    )
    return 1 if survivors(found) else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.mutants", description=__doc__)
    parser.add_argument("--only", action="append", default=[], choices=[one.name for one in MUTANTS])
    parser.add_argument("--seeds", type=int, default=SEEDS, help="of each environment, at most")
    parser.add_argument("--at-once", type=int, default=2)
    parser.add_argument("--out", type=Path, default=Path("build/chaos-mutants.json"))
    return parser


if __name__ == "__main__":
    sys.exit(main())
