"""The example strategies, taken in as a person would: search each symbol, remember it, keep the strategy,
enable it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import glassdesk
from glassdesk.adapters.bundles.strategies import load_strategy
from glassdesk.desk import Desk
from glassdesk.kernel.errors import NotFound
from glassdesk.workflow.strategies.model import StrategyRow


def example_files() -> list[Path]:
    """Strategy files shipped with the program, or in the checkout it runs from. Raises `NotFound`."""
    package = Path(glassdesk.__file__).parent
    for folder in (package / "examples", package.parents[1] / "examples"):
        found = sorted(folder.glob("*.yaml"))
        if found:
            return found
    raise NotFound("the example strategies are not there", where="examples", remedy="run from a checkout")


DEMO = ("aapl-confirmation", "fb-reversion", "goog-confirmation", "ibm-reversion", "msft-cross")
"""One for each symbol of the tape: a contract belongs to one enabled strategy at a time (`T-13`)."""


def load_examples(desk: Desk, actor: str) -> Sequence[StrategyRow]:
    """Keep and enable the examples of the demo; their symbols are looked up at the broker. Raises
    `GlassdeskError`s of the steps."""
    with desk.transactions.begin() as t:
        desk.prompts.seed(t)
    return [_take_in(desk, file, actor) for file in example_files() if file.stem in DEMO]


def _take_in(desk: Desk, file: Path, actor: str) -> StrategyRow:
    strategy = load_strategy(
        file.read_bytes(), file=file.name, account=desk.account, resolve=lambda symbol: _resolve(desk, symbol)
    )
    with desk.transactions.begin() as t:
        desk.strategies.create(t, strategy, author=actor, message=f"from {file.name}")
        return desk.strategies.enable(t, strategy.name, actor)


def _resolve(desk: Desk, symbol: str) -> int:
    contract = desk.contracts.resolve(symbol)
    with desk.transactions.begin() as t:
        desk.contracts.remember(t, contract)
    return contract.conid
