"""A strategy's conditions over one contract's closed bars, and what follows from them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from glassdesk.workflow.indicators.compute import compute
from glassdesk.workflow.indicators.model import IndicatorSet, IndicatorValues, Line
from glassdesk.workflow.market_data.model import BarSet, BarSize
from glassdesk.workflow.signals.conditions.evaluate import Frames, frame_of, observe
from glassdesk.workflow.signals.conditions.model import (
    Condition,
    Conditions,
    Observation,
    Screening,
    Timeframe,
    Truth,
)
from glassdesk.workflow.signals.conditions.needs import SIZES

MOST_SAID = 300
"""Characters of a reason."""


def screen(
    conditions: Conditions,
    decision: BarSet,
    values: IndicatorValues,
    longer: Mapping[BarSize, BarSet],
    indicators: IndicatorSet,
    *,
    holding: bool,
) -> Screening:
    """Both sides at the newest closed bar; `values` are the lines over the decision bars, of which one at
    least is closed. A running bar is left out."""
    closed, lines = _without_newest(decision, values) if decision.so_far else (decision, values)
    frames = frames_of(closed, lines, longer, indicators)
    return Screening(
        last_bar=closed.last.session,
        holding=holding,
        buy=_seen(conditions.buy, frames),
        sell=_seen(conditions.sell, frames),
    )


def _seen(side: Condition | None, frames: Frames) -> Observation | None:
    return None if side is None else observe(side, frames)


def _without_newest(decision: BarSet, values: IndicatorValues) -> tuple[BarSet, IndicatorValues]:
    lines = tuple(Line(name=line.name, values=line.values[:-1]) for line in values.lines)
    return replace(decision, bars=decision.bars[:-1], so_far=False), replace(values, lines=lines)


def frames_of(
    decision: BarSet, values: IndicatorValues, longer: Mapping[BarSize, BarSet], indicators: IndicatorSet
) -> Frames:
    """What statements read, by timeframe: the decision bars, and those made of them."""
    own = frame_of(decision.bars, values)
    others = {
        timeframe: frame_of(longer[size].bars, compute(indicators, longer[size].bars))
        for timeframe, size in SIZES.items()
        if size in longer
    }
    same = {timeframe: own for timeframe, size in SIZES.items() if size is decision.size}
    return {**others, **same, Timeframe.DECISION: own}


def reason(screening: Screening) -> str:
    """Why no analyst is asked, in one line: `rsi_14 61.2 is not below 30`."""
    side = screening.side
    if side is None:
        return ""
    said = side.said if side.truth is not Truth.UNKNOWN else f"unknown: {side.said}"
    return said if len(said) <= MOST_SAID else f"{said[: MOST_SAID - 1]}…"
