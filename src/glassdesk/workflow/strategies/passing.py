"""How often a strategy's conditions let its analyst be asked, by the bars the desk has of the last year."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from glassdesk.workflow.indicators.catalogue import complete_set
from glassdesk.workflow.indicators.compute import compute
from glassdesk.workflow.market_data.model import Bar, BarSet, BarSize, Quality
from glassdesk.workflow.signals.conditions.model import Truth
from glassdesk.workflow.signals.conditions.needs import frames_read
from glassdesk.workflow.signals.conditions.past import past
from glassdesk.workflow.strategies.model import Strategy, StrategyContract

MOST_SYMBOLS = 5
"""Looked at: more of them say hardly more."""
LEAST_BARS = 20
"""Of a contract, beyond those that its lines need; fewer say nothing."""

Longer = Callable[[BarSet, BarSize], BarSet]


@dataclass(frozen=True, slots=True, kw_only=True)
class Passing:
    """`share` of the slots at which an analyst is asked while nothing is held; 1 where nothing says less."""

    share: Decimal
    why: str


ALWAYS = Passing(share=Decimal(1), why="once for each symbol and slot")


def bar_set(contract: StrategyContract, size: BarSize, bars: Sequence[Bar]) -> BarSet:
    """Kept bars of a contract; nobody judged them."""
    quality = Quality(expected_last=None)
    return BarSet(conid=contract.conid, symbol=contract.symbol, size=size, bars=tuple(bars), quality=quality)


def passing(strategy: Strategy, seen: Iterable[BarSet], longer: Longer, needed: int) -> Passing:
    """From closed bars of its contracts; `needed` give every line and statement a value."""
    conditions = strategy.conditions
    if conditions is None or conditions.buy is None:
        return ALWAYS
    enough = [one for one in seen if len(one.bars) >= needed + LEAST_BARS][:MOST_SYMBOLS]
    if not enough:
        why = "at most: how often its conditions are true is known once its bars were read"
        return Passing(share=Decimal(1), why=why)
    asked = bars = 0
    for one in enough:
        values = compute(complete_set(strategy.indicators), one.bars)
        frames = {size: longer(one, size) for size in frames_read(conditions, strategy.bar_size)}
        found = past(conditions, one, values, frames, strategy.indicators)
        known = found.moments[needed - len(one.bars) :]
        asked, bars = asked + sum(moment.buy is Truth.TRUE for moment in known), bars + len(known)
    why = (
        f"its conditions let it ask at {asked} of {bars} bars of the last year of "
        f"{', '.join(one.symbol for one in enough)}"
    )
    return Passing(share=Decimal(asked) / Decimal(bars), why=why)
