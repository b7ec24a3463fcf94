"""`python -m tests.oracle`: 12 zones and 40 patterns, every minute. Prints one JSON object; exit code 1 where
product and oracle differ."""

from __future__ import annotations

import argparse
import json
import sys
import time
from concurrent.futures import ProcessPoolExecutor

from tests.oracle.campaign import PATTERNS, ZONES, range_compared, zone_compared

Part = tuple[str, bool]


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.oracle")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--shown", type=int, default=20, help="differences that are printed")
    given = parser.parse_args(arguments)
    began = time.monotonic()
    parts = [(zone, whole) for whole in (True, False) for zone in ZONES]
    with ProcessPoolExecutor(given.jobs) as pool:
        results = list(pool.map(_compare, parts))
    found = [line for _, _, lines in results for line in lines]
    report = {
        "zones": len(ZONES),
        "patterns": len(PATTERNS),
        "minutes": sum(looked for looked, _, _ in results),
        "instants": sum(counted for _, counted, _ in results),
        "differences": len(found),
        "shown": found[: given.shown],
        "machine_seconds": round(time.monotonic() - began, 1),
    }
    sys.stdout.write(json.dumps(report, indent=2) + "\n")
    return 1 if found else 0


def _compare(part: Part) -> tuple[int, int, list[str]]:
    zone, whole = part
    return range_compared(zone) if whole else zone_compared(zone)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
