"""`python -m tests.journeys.year`: the demo from the first session of each month of 2012.

Each has a home of its own. Prints one JSON object; exit code 1 where a demo failed, its books were not the
broker's, or a slot of a symbol that was not listed yet ended in anything but no trade with that reason.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from tests.journeys import stage

YEAR = 2012
MONTHS = range(1, 13)
DAYS = 40


def first_session(month: int) -> date:
    """The first day of the month on which New York traded."""
    return stage.sessions(date(YEAR, month, 1), 1)[0]


def begun(folder: Path, month: int, days: int) -> stage.Demo:
    """A demo of so many days from the first session of a month."""
    return stage.demo(folder, "--start", f"{first_session(month)}", "--days", f"{days}")


def problems(demo: stage.Demo, days: int) -> Iterator[str]:
    """What is not as it should be, in words."""
    if demo.told.code != 0:
        yield f"exit code {demo.told.code}: {(demo.told.err.strip().splitlines() or [''])[-1]}"
        return
    yield from demo.report["problems"]
    rows = demo.home.rows("select symbol, slot, state, reason from runs order by slot, symbol")
    if len(rows) != days * len(stage.CONIDS):
        yield f"{len(rows)} runs in {days} sessions of {len(stage.CONIDS)} symbols"
    yield from _unlisted(rows)


def _unlisted(rows: list[dict[str, Any]]) -> Iterator[str]:
    for row in rows:
        listed = stage.tape()[row["symbol"]][0].day
        if stage.instant(row["slot"]).date() >= listed:
            continue
        if row["state"] != "no_trade" or "not listed yet" not in row["reason"]:
            yield f"{row['symbol']}, listed on {listed}: {row['slot']} is {row['state']}, {row['reason']}"


def told(month: int, days: int) -> dict[str, Any]:
    """One month's line of the report."""
    with tempfile.TemporaryDirectory() as folder:
        demo = begun(Path(folder), month, days)
        found = list(problems(demo, days))
        report = demo.report if demo.told.code == 0 else {}
    names = ("runs", "signals", "orders", "executions", "equity")
    kept = {name: report.get(name) for name in names}
    seconds = round(demo.told.seconds, 1)
    return {"start": f"{first_session(month)}", **kept, "problems": found, "machine_seconds": seconds}


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.journeys.year")
    parser.add_argument("--months", type=int, nargs="+", choices=MONTHS, default=list(MONTHS), metavar="M")
    parser.add_argument("--days", type=int, default=DAYS, help="trading days of each demo")
    given = parser.parse_args(arguments)
    months = []
    for month in given.months:
        months.append(told(month, given.days))
        sys.stderr.write(f"{months[-1]['start']}: {months[-1]['problems'] or 'the books agree'}\n")
    sys.stdout.write(json.dumps({"days": given.days, "months": months}, indent=2) + "\n")
    return 1 if any(one["problems"] for one in months) else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
