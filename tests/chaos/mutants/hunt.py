"""Runs over a damaged package: plays seeds of the order path until a named invariant sees the damage."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import glassdesk
from tests.chaos.orders.playing import play
from tests.chaos.tally import Violation

FOUND, NOTHING = 0, 3


def main() -> int:
    """Writes what saw it as JSON. Exit 3 where nothing did."""
    asked = _parser().parse_args()
    at = Path(str(glassdesk.__file__)).resolve()
    assert at.is_relative_to(asked.package.resolve()), f"the whole package is under test: {at}"
    others: list[str] = []
    for violation in _violations(asked.env, asked.first, asked.seeds):
        if violation.invariant in asked.seen_by:
            row = {"by": violation.invariant, "env": violation.env, "seed": violation.seed}
            sys.stdout.write(json.dumps(row | {"witness": violation.witness}))
            return FOUND
        others.append(f"{violation.env}/{violation.seed} {violation.invariant}: {violation.witness}")
    sys.stdout.write("\n".join(others[:10]))
    return NOTHING


def _violations(envs: Sequence[str], first: int, seeds: int) -> Iterator[Violation]:
    for seed in range(first, first + seeds):
        for env in envs:
            yield from play(env, seed)[1].violations


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.mutants.hunt", description=__doc__)
    parser.add_argument("package", type=Path, help="folder of the damaged package")
    parser.add_argument("--env", action="append", required=True)
    parser.add_argument("--seen-by", action="append", required=True, dest="seen_by")
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--seeds", type=int, default=40)
    return parser


if __name__ == "__main__":
    sys.exit(main())
