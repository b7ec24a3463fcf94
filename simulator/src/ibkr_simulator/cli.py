"""`ibkr-simulator serve|faults|switches`."""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from ibkr_simulator.exchange.tape import TapeMissing
from ibkr_simulator.instants import Instant, new_york_midnight, parse
from ibkr_simulator.instants import to_datetime as _to_datetime
from ibkr_simulator.scenarios.catalogue import CATALOGUE
from ibkr_simulator.scenarios.files import read
from ibkr_simulator.scenarios.page import page
from ibkr_simulator.server import Options, serve
from ibkr_simulator.switches import REGISTRY, BadSwitch
from ibkr_simulator.truth import OtherWorld


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; exit code 2 with one clear line on bad input."""
    asked = _parser().parse_args(arguments)
    try:
        return _COMMANDS[asked.command](asked)
    except (TapeMissing, OtherWorld, BadSwitch, ValueError, OSError) as bad:
        print(f"ibkr-simulator: {bad}", file=sys.stderr)
        return 2


def _serve(asked: argparse.Namespace) -> int:
    # A variable, so that a program which starts a simulator need not know about checking.
    report = os.environ.get("IBKR_SIMULATOR_VIOLATIONS", "")
    serve(
        Options(
            home=Path(asked.home),
            port=asked.port,
            host=asked.host,
            tape=asked.tape,
            seed=asked.seed,
            start=_start(asked.start) if asked.start else None,
            speed=asked.speed or None,
            trust_network=asked.trust_network,
            check_answers=asked.check_answers or bool(report),
            report=Path(report) if report else None,
            switches=dict(_pair(text) for text in asked.switch),
            scenario=_scenario(asked.scenario),
        )
    )
    return 0


def _scenario(name: str | None) -> Path | None:
    """Read before anything begins, so that a wrong file leaves nothing behind."""
    if name is None:
        return None
    read(Path(name))
    return Path(name)


def _faults(asked: argparse.Namespace) -> int:
    if asked.markdown:
        print(page(), end="")
        return 0
    if asked.json:
        print(json.dumps([scenario.row() for scenario in CATALOGUE.values()], indent=2))
        return 0
    for one in CATALOGUE.values():
        print(f"{one.code} {'★' if one.star else ' '} {one.name:<30}  {one.how}\n{'':8}{one.test}")
    return 0


def _switches(asked: argparse.Namespace) -> int:
    for switch in REGISTRY.values():
        print(f"{switch.name:<24}  {switch.default:<12}  {switch.about}")
    return 0


_COMMANDS = {"serve": _serve, "faults": _faults, "switches": _switches}


def _start(text: str) -> Instant:
    """A bare date begins at midnight in New York."""
    instant = parse(text)
    return new_york_midnight(_to_datetime(instant).date()) if len(text) == len("2012-10-01") else instant


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise BadSwitch(f"--switch takes name=value, not {text!r}")
    return name, value


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="ibkr-simulator", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    serving = commands.add_parser("serve", help="run a simulated gateway")
    serving.add_argument("--port", type=int, default=5055, help="0 takes a free port")
    serving.add_argument("--host", default="127.0.0.1")
    serving.add_argument(
        "--tape",
        default="history",
        help="history, synthetic[:SYMBOLS=300,START=2023-01-03,DAYS=756] or csv:DIR[,ZONE=America/New_York]",
    )
    serving.add_argument("--seed", type=int, default=7)
    serving.add_argument(
        "--home", default=".ibkr-simulator", help="folder for truth, certificate and endpoint.json"
    )
    serving.add_argument(
        "--start", help="date (midnight New York) or ISO instant; without it a year into the tape"
    )
    serving.add_argument(
        "--speed", type=float, default=0, help="simulated seconds per machine second at most"
    )
    serving.add_argument("--trust-network", action="store_true", help="control plane not for loopback only")
    serving.add_argument(
        "--check-answers",
        action="store_true",
        help="hold every answer against its schema; needs jsonschema-rs",
    )
    serving.add_argument("--switch", action="append", default=[], metavar="NAME=VALUE")
    serving.add_argument("--scenario", metavar="FILE", help="TOML file of faults with their times")
    faults = commands.add_parser("faults", help="list F-01 to F-83, each with its test")
    faults.add_argument("--json", action="store_true", help="as JSON")
    faults.add_argument("--markdown", action="store_true", help="as the page docs/faults.md")
    commands.add_parser("switches", help="list the switches")
    return parser
