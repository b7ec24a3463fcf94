"""`python -m tests.mutations`: mistakes of one place in the steps that handle money, shown to the unit tests.
Exit 1 where they notice too few."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from tests.mutations.campaign import LEAST, Fate, campaign, chosen, rate


def main() -> int:
    asked = _parser().parse_args()
    wanted = chosen(asked.seed, asked.count)
    if asked.only:
        wanted = [one for one in wanted if asked.only in str(one)]
    fates = campaign(wanted, at_once=asked.at_once, own_only=asked.own, told=_say)
    _sum_up(fates, asked.seed)
    return 0 if rate(fates) >= LEAST else 1


def _say(fate: Fate) -> None:
    seen = fate.seen_by or (f"the same program: {fate.excused}" if fate.excused else "no test")
    sys.stdout.write(f"{fate.seconds:6.1f} s  {fate.damage}\n          {seen}\n")
    sys.stdout.flush()


def _sum_up(fates: Sequence[Fate], seed: int) -> None:
    unseen = [fate for fate in fates if not fate.seen_by and not fate.excused]
    caught, excused = sum(bool(one.seen_by) for one in fates), sum(bool(one.excused) for one in fates)
    sys.stdout.write("".join(f"survives: {fate.damage}\n" for fate in unseen))
    sys.stdout.write(
        f"seed {seed}: {caught} of {len(fates)} caught, {excused} the same program: "
        f"{rate(fates):.1%} (at least {LEAST:.0%})\n"
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.mutations", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=30)
    parser.add_argument("--at-once", type=int, default=2)
    parser.add_argument("--own", action="store_true", help="no tests but those of the step itself")
    parser.add_argument("--only", default="", help="of those, the ones in whose words this is")
    return parser


if __name__ == "__main__":
    sys.exit(main())
