"""Where each mutant's death was seen: played first, so that a hunt is short. `python -m tests.chaos.mutants
--write` hunts all of them anew and writes the places down."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

FILE = Path(__file__).with_name("witnesses.json")


def read() -> dict[str, str]:
    """Mutant → place, e.g. `E1/7` or `stopped/0`."""
    found: dict[str, str] = json.loads(FILE.read_text())
    return found


def write(places: Mapping[str, str]) -> None:
    """Keep these."""
    FILE.write_text(json.dumps(dict(sorted(places.items())), indent=1) + "\n")
