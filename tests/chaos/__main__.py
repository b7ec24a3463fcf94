"""`python -m tests.chaos`: play a campaign, or one seed again."""

from __future__ import annotations

import argparse
import json
import logging
import sys
import time
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path

from tests.chaos.orders import campaign as order_path
from tests.chaos.orders.environments import ENVIRONMENTS
from tests.chaos.orders.playing import play
from tests.chaos.page import replaced, table
from tests.chaos.registry import PARTS, Share, part
from tests.chaos.shrink import replay_command
from tests.chaos.tally import Tally, figures

REPORT, PAGE = Path("build/chaos.json"), Path("docs/reliability.md")
MOST_STORIES = 5
BEGINNING, A_DAYS_SEEDS = date(2026, 11, 1), 10_000


def main(arguments: Sequence[str] | None = None) -> int:
    """0: nothing found and enough looked at; 1: a violation or a shortfall; 2: not understood."""
    logging.disable(logging.WARNING)
    given = _parser().parse_args(arguments)
    return {"replay": _replay, "run": _run, "figures": _figures}[given.verb](given)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    run = verbs.add_parser("run", help="play a campaign and write build/chaos.json")
    run.add_argument("--seeds", type=_count, default=500)
    run.add_argument("--first", type=int, help="the first seed; each day has others unless told")
    run.add_argument(
        "--env", type=_envs, default=list(order_path.SAFE), help="E0,E1,E2 unless told; E3 must fail"
    )
    run.add_argument("--jobs", type=_count, default=2)
    run.add_argument("--parts", type=_parts, default=list(PARTS), help=f"{','.join(PARTS)}, or none")
    run.add_argument("--full", action="store_true", help="every part in full")
    run.add_argument("--report", type=Path, default=REPORT)
    replay = verbs.add_parser("replay", help="play one seed of the order path again")
    replay.add_argument("--env", choices=sorted(ENVIRONMENTS), required=True)
    replay.add_argument("--seed", type=int, required=True)
    replay.add_argument(
        "--without", type=lambda text: text.split(","), default=[], help="kinds of faults off"
    )
    replay.add_argument("--trace", action="store_true", help="print every step")
    shown = verbs.add_parser("figures", help="the table of docs/reliability.md from the last report")
    shown.add_argument("--report", type=Path, default=REPORT)
    shown.add_argument("--write", action="store_true", help="into the page")
    return parser


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("at least one")
    return number


def _envs(text: str) -> list[str]:
    names = text.split(",")
    for name in names:
        if name not in ENVIRONMENTS:
            raise argparse.ArgumentTypeError(f"{name!r} is none of {', '.join(ENVIRONMENTS)}")
    return names


def _parts(text: str) -> list[str]:
    names = [] if text == "none" else text.split(",")
    for name in names:
        if name not in PARTS:
            raise argparse.ArgumentTypeError(f"{name!r} is none of {', '.join(PARTS)}")
    return names


# ---------------------------------------------------------------- run


def first_of(day: date) -> int:
    """Where a day's campaign begins: those that were played before find nothing new."""
    return (day - BEGINNING).days * A_DAYS_SEEDS


def _run(given: argparse.Namespace) -> int:
    began = time.monotonic()
    first = first_of(datetime.now(UTC).date()) if given.first is None else given.first
    tally = order_path.campaign(given.env, first, given.seeds, given.jobs)
    problems = [*order_path.shortfalls(tally), *_stories(tally)]
    report: dict[str, object] = {
        **figures(tally),
        "first_seed": first,
        "order_path_seconds": round(time.monotonic() - began, 1),
    }
    share = Share(seeds=given.seeds, first=first, jobs=given.jobs, full=given.full)
    for name in given.parts:
        problems += _part(name, share, report)
    report["violations"] = len([v for v in tally.violations if not order_path.unsafe(v)]) + len(
        [line for line in problems if line.startswith("part ")]
    )
    report["problems"] = problems
    report["seconds"] = round(time.monotonic() - began, 1)
    given.report.parent.mkdir(parents=True, exist_ok=True)
    given.report.write_text(json.dumps(report, indent=1, sort_keys=True) + "\n")
    print(_summary(tally, report))
    for problem in problems:
        print(problem)
    return 1 if problems else 0


def _stories(tally: Tally) -> list[str]:
    mine = [one for one in tally.violations if not order_path.unsafe(one)]
    firsts = list({one.name: one for one in mine}.values())
    told = [order_path.story(one, small=True) for one in firsts[:MOST_STORIES]]
    return told + [order_path.story(one, small=False) for one in firsts[MOST_STORIES:]]


def _part(name: str, share: Share, report: dict[str, object]) -> list[str]:
    found = part(name)
    if found is None:
        report[name] = "not built"
        return [f"{name}: this part of the campaign is not built yet"]
    answer = found(share)
    report[name] = answer
    for key in ("mutants_killed", "kill_points"):
        if key in answer:
            report[key] = answer[key]
    lines = answer.get("violations", [])
    return [f"part {name}: {line}" for line in lines] if isinstance(lines, list) else []


def _summary(tally: Tally, report: dict[str, object]) -> str:
    """The figures a person looks for first."""
    played = tally.played
    keys = ("crashes", "orders", "adoptions", "late_arrivals", "simulated_hours", "cpu_seconds_per_seed")
    counts = ", ".join(f"{key.replace('_', ' ')} {report[key]}" for key in keys)
    bad = sum(failing for env, failing in tally.failing.items() if env != "E3")
    safe = sum(count for env, count in tally.seeds.items() if env != "E3")
    bound = f" (0 of {safe}: below {3 / safe:.1e} for each schedule, at 95 %)" if safe and not bad else ""
    since = f"{played} seeds from {report['first_seed']} on"
    return f"{since}, {bad} with a violation{bound}; {counts}"


# ---------------------------------------------------------------- replay


def _replay(given: argparse.Namespace) -> int:
    ended, tally = play(given.env, given.seed, without=given.without, trace=given.trace)
    for line in ended.stage.trace.lines or ():
        print(line)
    for one in tally.violations:
        print(f"{one.name} {one.invariant}: {one.witness}")
    if not tally.violations:
        print(f"no violation: {replay_command(given.env, given.seed, given.without)}")
    return 1 if tally.violations else 0


# ---------------------------------------------------------------- figures


def _figures(given: argparse.Namespace) -> int:
    if not given.report.exists():
        print(f"{given.report} is not there: make chaos writes it", file=sys.stderr)
        return 2
    report = json.loads(given.report.read_text())
    if given.write:
        PAGE.write_text(replaced(PAGE.read_text(), report))
    else:
        print(table(report))
    return 0


if __name__ == "__main__":
    sys.exit(main())
