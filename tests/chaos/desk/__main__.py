"""`python -m tests.chaos.desk SEED`: play one seed of the whole desk again, step by step.

`python -m tests.chaos.desk SCENARIO --dies K` plays a scenario in which the process dies at its K-th point.
"""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Sequence

from tests.chaos.desk.campaign import ground, needed, replay
from tests.chaos.desk.draw import draw
from tests.chaos.desk.play import Played, play
from tests.chaos.desk.scenarios import SCENARIOS, Scenario
from tests.chaos.desk.sweep import run

BY_NAME = {one.name: one for one in SCENARIOS}


def main(arguments: Sequence[str] | None = None) -> int:
    """0: nothing found; 1: a violation."""
    logging.disable(logging.CRITICAL)
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.desk", description=__doc__)
    parser.add_argument("seed", type=_seed_or_scenario, help=f"a number, or one of {', '.join(BY_NAME)}")
    parser.add_argument("--dies", type=int, default=0, help="the point of the scenario at which to die")
    parser.add_argument("--without", type=_numbers, default=frozenset(), help="numbers of acts left out")
    parser.add_argument("--shrink", action="store_true", help="find the acts that are not needed")
    parser.add_argument("--trace", action="store_true", help="print every step")
    given = parser.parse_args(arguments)
    if isinstance(given.seed, Scenario):
        return _scenario(given.seed, given.dies)
    with ground() as (pem, home):
        played = play(given.seed, pem, home, drop=given.without, keep=given.trace)
    for line in played.lines:
        print(line)
    _tell(given.seed, played)
    if given.shrink and played.violations:
        print(replay(given.seed, needed(given.seed)))
    return 1 if played.violations else 0


def _seed_or_scenario(text: str) -> int | Scenario:
    return BY_NAME[text] if text in BY_NAME else int(text)


def _scenario(scenario: Scenario, dies: int) -> int:
    with ground() as (pem, home):
        plan, played = run(scenario, dies, pem, home)
    print(f"{scenario.name} dies at {plan.steps[dies - 1] if dies else 'no point'}")
    _moves(played)
    return 1 if played.violations else 0


def _numbers(text: str) -> frozenset[int]:
    return frozenset(int(part) for part in text.split(","))


def _tell(seed: int, played: Played) -> None:
    drawn = draw(seed)
    print(drawn.at, drawn.minutes, "min", drawn.switches)
    for number, act in enumerate(drawn.acts):
        print(f"  {number}: after {act.after:.1f} s {act.what} {act.words}")
    _moves(played)


def _moves(played: Played) -> None:
    for commit, move in played.journal.moves():
        before = move.before.state.value if move.before is not None else ""
        after = move.after
        words = f"{after.role.value} {after.order[:8]} {before} -> {after.state.value} {after.note}"
        print(f"{commit.step} {commit.at:%H:%M:%S} {commit.instance} {words}")
    for line in played.violations:
        print(line)


if __name__ == "__main__":
    sys.exit(main())
