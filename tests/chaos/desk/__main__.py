"""`python -m tests.chaos.desk SEED`: play one seed of the whole desk again, step by step."""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Sequence

from tests.chaos.desk.campaign import ground, needed, replay
from tests.chaos.desk.draw import draw
from tests.chaos.desk.play import Played, play


def main(arguments: Sequence[str] | None = None) -> int:
    """0: nothing found; 1: a violation."""
    logging.disable(logging.CRITICAL)
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.desk", description=__doc__)
    parser.add_argument("seed", type=int)
    parser.add_argument("--without", type=_numbers, default=frozenset(), help="numbers of acts left out")
    parser.add_argument("--shrink", action="store_true", help="find the acts that are not needed")
    parser.add_argument("--trace", action="store_true", help="print every step")
    given = parser.parse_args(arguments)
    with ground() as (pem, home):
        played = play(given.seed, pem, home, drop=given.without, keep=given.trace)
    for line in played.lines:
        print(line)
    _tell(given.seed, played)
    if given.shrink and played.violations:
        print(replay(given.seed, needed(given.seed)))
    return 1 if played.violations else 0


def _numbers(text: str) -> frozenset[int]:
    return frozenset(int(part) for part in text.split(","))


def _tell(seed: int, played: Played) -> None:
    drawn = draw(seed)
    print(drawn.at, drawn.minutes, "min", drawn.switches)
    for number, act in enumerate(drawn.acts):
        print(f"  {number}: after {act.after:.1f} s {act.what} {act.words}")
    for commit, move in played.journal.moves():
        before = move.before.state.value if move.before is not None else ""
        after = move.after
        words = f"{after.role.value} {after.order[:8]} {before} -> {after.state.value} {after.note}"
        print(f"{commit.step} {commit.at:%H:%M:%S} {commit.instance} {words}")
    for line in played.violations:
        print(line)


if __name__ == "__main__":
    sys.exit(main())
