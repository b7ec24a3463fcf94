"""Prices of an answer on the contract's grid, and R (`T-57`, X-3)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal

from glassdesk.kernel.money import down_to_tick, up_to_tick
from glassdesk.workflow.signals.model import Answer

_R_GRID = Decimal("0.0001")


@dataclass(frozen=True, slots=True, kw_only=True)
class Levels:
    """The five prices of a BUY; `None` where the answer has none."""

    entry_low: Decimal | None = None
    entry_high: Decimal | None = None
    stop: Decimal | None = None
    target_1: Decimal | None = None
    target_2: Decimal | None = None

    @property
    def none_given(self) -> bool:
        return self == NO_LEVELS


NO_LEVELS = Levels()


def as_answered(answer: Answer) -> Levels:
    """The prices as the analyst wrote them."""
    return Levels(
        entry_low=answer.entry_low,
        entry_high=answer.entry_high,
        stop=answer.stop,
        target_1=answer.target_1,
        target_2=answer.target_2,
    )


def on_grid(levels: Levels, tick: Decimal) -> Levels:
    """The prices of a long position on the grid: entries and targets down, the stop up, so that the planned
    loss never grows by rounding (`T-57`). `tick` is above 0."""
    return Levels(
        entry_low=_moved(levels.entry_low, tick, down_to_tick),
        entry_high=_moved(levels.entry_high, tick, down_to_tick),
        stop=_moved(levels.stop, tick, up_to_tick),
        target_1=_moved(levels.target_1, tick, down_to_tick),
        target_2=_moved(levels.target_2, tick, down_to_tick),
    )


def _moved(
    price: Decimal | None, tick: Decimal, move: Callable[[Decimal, Decimal], Decimal]
) -> Decimal | None:
    return None if price is None else move(price, tick)


def r_multiple(levels: Levels) -> Decimal | None:
    """(target − entry) ÷ (entry − stop) of a long position, from the worse end of the entry, rounded down.

    `None` without target, or where the prices are not in order: two negatives would look like a gain.
    """
    if levels.entry_high is None or levels.stop is None or levels.target_1 is None:
        return None
    reward, risk = levels.target_1 - levels.entry_high, levels.entry_high - levels.stop
    if risk <= 0 or reward <= 0:
        return None
    return (reward / risk).quantize(_R_GRID, rounding=ROUND_FLOOR)
