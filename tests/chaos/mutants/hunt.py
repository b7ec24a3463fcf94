"""Runs over a damaged package: plays places until a named invariant sees the damage."""

from __future__ import annotations

import argparse
import json
import logging
import sys
from pathlib import Path

import glassdesk
from tests.chaos.mutants.place import Place, Playground

FOUND, NOTHING = 0, 3
MOST_OTHERS = 10


def main() -> int:
    """Writes what saw it as JSON. Exit 3 where nothing did."""
    logging.disable(logging.CRITICAL)
    asked = _parser().parse_args()
    at = Path(str(glassdesk.__file__)).resolve()
    assert at.is_relative_to(asked.package.resolve()), f"the whole package is under test: {at}"
    ground, others = Playground(), []
    try:
        for number, place in enumerate(asked.places, start=1):
            for broken in ground.play(place):
                if broken.invariant in asked.seen_by:
                    row = {"by": broken.invariant, "place": str(place), "played": number}
                    sys.stdout.write(json.dumps(row | {"witness": broken.witness}))
                    return FOUND
                others.append(f"{place} {broken.invariant}: {broken.witness}")
    finally:
        ground.close()
    sys.stdout.write("\n".join(others[:MOST_OTHERS]))
    return NOTHING


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.mutants.hunt", description=__doc__)
    parser.add_argument("package", type=Path, help="folder of the damaged package")
    parser.add_argument("places", type=Place.named, nargs="+", help="E1/7, stopped/0, …")
    parser.add_argument("--seen-by", action="append", required=True, dest="seen_by")
    return parser


if __name__ == "__main__":
    sys.exit(main())
