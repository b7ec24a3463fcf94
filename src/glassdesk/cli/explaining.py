"""What a strategy's conditions say in words, and when they would have been true."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from glassdesk.cli.failures import one_line
from glassdesk.cli.here import Here
from glassdesk.desk import Desk
from glassdesk.kernel.errors import GlassdeskError
from glassdesk.workflow.market_data.model import BarSize
from glassdesk.workflow.signals.conditions.past import Past
from glassdesk.workflow.signals.conditions.sentences import condition_text
from glassdesk.workflow.strategies.model import Strategy, StrategyContract


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """The conditions by side, and the last year by symbol; empty without conditions."""

    strategy: str = ""
    conditions: dict[str, str] = field(default_factory=dict)
    last_year: dict[str, str] = field(default_factory=dict)


def explain(desk: Desk, strategy: Strategy) -> Explained:
    """Reads bars of each symbol; what stands in the way is told, not raised."""
    if strategy.conditions is None:
        return Explained()
    with desk.transactions.read() as t:
        traded = desk.strategies.traded(t, strategy).contracts
    return Explained(
        strategy=strategy.name,
        conditions={name: condition_text(side) for name, side in strategy.conditions.sides},
        last_year={one.symbol: _last_year(desk, strategy, one) for one in traded},
    )


def _last_year(desk: Desk, strategy: Strategy, traded: StrategyContract) -> str:
    try:
        with desk.transactions.read() as t:
            contract = desk.contracts.contract(t, traded.conid)
        found = desk.strategies.past(strategy, contract, desk.clock.now())
    except GlassdeskError as problem:
        return f"not known: {problem}"
    return _counted(strategy, found) if found is not None else ""


def _counted(strategy: Strategy, found: Past) -> str:
    sides = strategy.conditions.sides if strategy.conditions is not None else ()
    told = ", ".join(f"{name} true on {len(found.true(name))}" for name, _ in sides)
    bars = "days" if found.size is BarSize.DAY else f"{found.size.value} bars"
    return f"{told} of the last year's {len(found.moments)} {bars}"


def tell(here: Here, explained: Sequence[Explained]) -> None:
    """In lines below the answer; nothing with `--json`, whose value holds it."""
    for one in explained if not here.json else ():
        if one.conditions:
            print(f"{one.strategy} asks only when it is true that")
        for name, stated in one.conditions.items():
            print(f"  {name}: {one_line(stated)}")
        for symbol, counted in one.last_year.items():
            print(f"  {symbol}: {one_line(counted)}")
