"""Draws the pictures of docs/architecture.md from the import contracts and the pipeline.

`python -m tests.architecture.drawing` writes them into the page.
"""

import re
import tomllib
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

from glassdesk.workflow.dealing import turn
from glassdesk.workflow.runs.outputs import OUTPUTS, STEPS
from tests.architecture.source import ROOT

SOURCE = ROOT / "src/glassdesk"
PAGE = ROOT / "docs/architecture.md"
BLOCK = re.compile(r"(<!-- drawn: (?P<name>\w+) -->\n).*?(<!-- end of drawing -->)", re.DOTALL)


def layers(contract: str, package: Path) -> list[str]:
    """The layers of an import contract, outermost first; what is not in the tree yet is left out."""
    settings: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = settings["tool"]["importlinter"]["contracts"]
    found = next(one for one in contracts if one["id"] == contract)
    names = [re.findall(r"\w+", layer) for layer in found["layers"]]
    there = [[name for name in layer if any(package.glob(f"{name}*"))] for layer in names]
    return [" | ".join(layer) for layer in there if layer]


def onion() -> str:
    return _mermaid("flowchart TD", _chain(layers("onion", SOURCE)))


def river() -> str:
    """From left to right it is the life of a trade: the contract names downstream first."""
    return _mermaid("flowchart LR", _chain(list(reversed(layers("river", SOURCE / "workflow")))))


def pipeline() -> str:
    rows = [f"| {number} | {name} | {_meaning(OUTPUTS[name])} |" for number, name in enumerate(STEPS, 1)]
    return "\n".join(["| | step | commits |", "|---|---|---|", *rows]) + "\n"


def dealing() -> str:
    return f"> {_meaning(turn)}\n"


def _meaning(thing: Any) -> str:
    first = (thing.__doc__ or "").strip().split("\n\n")[0]
    return " ".join(first.split())


def _chain(names: list[str]) -> list[str]:
    boxes = [f'  {_key(name)}["{name}"]' for name in names]
    arrows = [f"  {_key(one)} --> {_key(other)}" for one, other in pairwise(names)]
    return [*boxes, *arrows]


def _key(name: str) -> str:
    return re.sub(r"\W+", "_", name)


def _mermaid(head: str, lines: list[str]) -> str:
    return "\n".join(["```mermaid", head, *lines, "```"]) + "\n"


DRAWINGS: dict[str, Callable[[], str]] = {
    "onion": onion,
    "river": river,
    "pipeline": pipeline,
    "dealing": dealing,
}


def redrawn(page: str) -> str:
    """The page with every drawing as the code has it now."""
    return BLOCK.sub(lambda found: found[1] + DRAWINGS[found["name"]]() + found[3], page)


if __name__ == "__main__":
    PAGE.write_text(redrawn(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
