"""`python -m tests.soak.slots --days 30 --seeds 3`: prints one JSON object; exit code 1 where a slot was
missed in silence, fewer than 99 % of the eligible ones were decided, or a message in time could have saved
one."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.soak.slots.plan import drawn
from tests.soak.slots.play import played
from tests.soak.slots.verdict import Verdict, judged

PROMISED = 0.99


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.soak.slots")
    parser.add_argument("--days", type=int, default=30, help="trading days of each plan")
    parser.add_argument("--seeds", type=int, default=3, help="plans")
    parser.add_argument("--first", type=int, default=1, help="the first seed")
    given = parser.parse_args(arguments)
    began = time.monotonic()
    reports = [_one(seed, given.days) for seed in range(given.first, given.first + given.seeds)]
    report = {
        "days": given.days,
        "plans": reports,
        "machine_seconds": round(time.monotonic() - began, 1),
    }
    sys.stdout.write(json.dumps(report, indent=2) + "\n")
    return 1 if any(one["wrong"] or one["share"] < PROMISED for one in reports) else 0


def _one(seed: int, days: int) -> dict[str, Any]:
    plan = drawn(seed, days)
    with tempfile.TemporaryDirectory() as home, played(Path(home), plan) as made:
        verdict: Verdict = judged(made, plan)
    return {
        "seed": seed,
        "deaths": len(plan.commits),
        "eligible": verdict.eligible,
        "complete": verdict.complete,
        "share": round(verdict.share, 4),
        "lost_by_the_plan": dict(verdict.lost),
        "close_calls": verdict.close_calls,
        "wrong": verdict.wrong,
    }


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
