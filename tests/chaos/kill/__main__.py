"""`python -m tests.chaos.kill --points N`: real deaths at system calls, on PostgreSQL also wires that break
around a COMMIT; counted and judged."""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from tests.chaos.kill.databases import Files, Server
from tests.chaos.kill.point import Point
from tests.chaos.kill.proxy import Break, Cut
from tests.chaos.kill.scenes import SCENES, prepared
from tests.chaos.kill.sweep import Ground, Report, campaign, one_point
from tests.servers import postgres, valkey


def main() -> int:
    """Exit 1 where something was violated or too few points struck, 2 where strace is missing."""
    asked = _parser().parse_args()
    if shutil.which("strace") is None:
        sys.stderr.write("error: strace: not installed (Debian: apt-get install strace)\n")
        return 2
    with tempfile.TemporaryDirectory(prefix="glassdesk-kill-") as folder:
        return _replayed(asked, Path(folder)) if asked.scene else _swept(asked, Path(folder))


def _swept(asked: argparse.Namespace, folder: Path) -> int:
    began = time.monotonic()
    report = campaign(asked.points, folder / "sweep", lambda shard: _ground(asked, shard), seed=asked.seed)
    rows = report.rows() | {"on": asked.on, "seconds": round(time.monotonic() - began, 1), "seed": asked.seed}
    asked.out.parent.mkdir(exist_ok=True)
    asked.out.write_text(json.dumps(rows, indent=2))
    _say(_summary(report, float(str(rows["seconds"]))))
    return 0 if not report.violated and len(report.struck) >= asked.points * 0.9 else 1


def _ground(asked: argparse.Namespace, shard: int) -> Ground:
    if asked.on == "sqlite":
        return Ground(databases=Files())
    return Ground(databases=Server(postgres.server(), f"kill_{shard}"), queue=valkey.fresh_url())


def _summary(report: Report, seconds: float) -> str:
    struck = len(report.struck)
    lines = [f"kill points: {struck} struck in {seconds:.0f} s, {len(report.violated)} with a violation"]
    if struck and not report.violated:
        lines.append(f"0 of {struck}, so below {3 / struck:.2g} for each point")
    for one in report.violated:
        lines += [f"{one.scene} at {one.kills}:", *(f"  {words}" for words in one.violations), one.replay]
    return "\n".join(lines)


def _replayed(asked: argparse.Namespace, folder: Path) -> int:
    [scene] = [one for one in SCENES if one.name == asked.scene]
    kills = tuple(call for call in asked.at.split(",") if call)
    point = Point(kills=kills, victim=asked.victim, outage=timedelta(seconds=asked.outage))
    if asked.cut:
        commit, _, kind = asked.cut.partition(":")
        point = replace(point, cut=Cut(commit=int(commit), kind=Break(kind)))
    ground = _ground(asked, 0)
    with prepared(scene, folder / "scene", ground.databases) as ready:
        home = Path(asked.keep).resolve() if asked.keep else folder / "point"
        result = one_point(ready, home, point, ground)
    _say(f"{scene.name} at {kills}: killed {result.killed} times, {result.orders} orders at the broker")
    _say("\n".join(result.violations) or "nothing violated")
    return 1 if result.violations else 0


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.kill", description=__doc__)
    parser.add_argument("--points", type=int, default=500)
    parser.add_argument("--on", choices=["sqlite", "postgres"], default="sqlite")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=Path("build/chaos-kill.json"))
    parser.add_argument("--scene", choices=[one.name for one in SCENES], help="play one point again")
    parser.add_argument(
        "--at", default="", help="system calls of the deaths, by life: sendto:4 or sendto:4,pwrite64:31"
    )
    parser.add_argument(
        "--cut", default="", help="commit at which the wire breaks: 12:before, 12:after, 12:delay"
    )
    parser.add_argument("--victim", choices=["dealer", "worker"], default="dealer")
    parser.add_argument("--outage", type=float, default=0, help="market seconds between two lives")
    parser.add_argument("--keep", help="folder that keeps the home of the point played again")
    return parser


if __name__ == "__main__":
    sys.exit(main())
