"""`python -m tests.chaos.distributed`: what a desk in several processes stands on breaks, one part after the
other, while it trades; a table of recovery times, and exit 1 where an invariant does not hold."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

from tests.chaos.distributed.faults import FAULTS, SHORT, Scale
from tests.chaos.distributed.processes import ROLES
from tests.chaos.distributed.rounds import Plan, play, table
from tests.chaos.distributed.trading import SYMBOLS

LONG = Scale(outage=20.0, stopped=60.0)
QUICK = Scale(outage=1.5, stopped=0.0, replaced=False)
QUICK_SPEED = 10.0
"""A lease of 30 market seconds lasts three of the machine."""


def main() -> int:
    """Exit 1 where something was violated or did not recover."""
    asked = _parser().parse_args()
    with tempfile.TemporaryDirectory(prefix="glassdesk-chaos-", ignore_cleanup_errors=True) as folder:
        place = Path(asked.keep).resolve() if asked.keep else Path(folder)
        place.mkdir(parents=True, exist_ok=True)
        report = play(place, _plan(asked), _say)
    asked.out.parent.mkdir(parents=True, exist_ok=True)
    asked.out.write_text(json.dumps(report.rows(), indent=2))
    _say(table(report))
    return 1 if report.violations else 0


def _plan(asked: argparse.Namespace) -> Plan:
    short = asked.short
    return Plan(
        faults=asked.fault or list(SHORT if short else FAULTS),
        times=asked.times,
        speed=asked.speed or (QUICK_SPEED if short else 1.0),
        scale=QUICK if short else LONG,
        names=[name for name in ROLES if not short or ROLES[name] != "web"],
        symbols=SYMBOLS[1:] if short else SYMBOLS,
        lineages=2 if short else 200,
    )


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.distributed", description=__doc__)
    parser.add_argument("--short", action="store_true", help="ten-fold time, short outages, fewer faults")
    parser.add_argument("--times", type=int, default=1, help="how often each fault is played")
    parser.add_argument(
        "--fault", action="append", choices=list(FAULTS), help="only this one; may be repeated"
    )
    parser.add_argument("--speed", type=float, help="market seconds to a second of the machine, 1 by default")
    parser.add_argument("--out", type=Path, default=Path("build/chaos-distributed.json"))
    parser.add_argument("--keep", help="folder that keeps homes and logs")
    return parser


if __name__ == "__main__":
    sys.exit(main())
