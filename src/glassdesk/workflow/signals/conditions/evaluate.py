"""From conditions and closed bars to what is true. Pure: equal bars give equal observations, and later bars
change none of them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from glassdesk.workflow.indicators.model import IndicatorValues
from glassdesk.workflow.market_data.model import Bar
from glassdesk.workflow.signals.conditions.model import (
    PRICES,
    Condition,
    Group,
    GroupKind,
    Observation,
    Observed,
    Operand,
    Relation,
    Statement,
    Timeframe,
    Truth,
)
from glassdesk.workflow.signals.conditions.sentences import count, operand_text, statement_text


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """Values per closed bar of one timeframe, oldest first; `bars` of them are seen."""

    columns: Mapping[str, Sequence[float | None]]
    bars: int

    def at(self, name: str, ago: int) -> float | None:
        """The value `ago` bars before the newest; `None` where there is none, or no number."""
        index, column = self.bars - 1 - ago, self.columns.get(name, ())
        value = column[index] if 0 <= index < len(column) else None
        return value if value is not None and math.isfinite(value) else None


Frames = Mapping[Timeframe, Frame]


def frame_of(bars: Sequence[Bar], values: IndicatorValues) -> Frame:
    """Prices of closed bars with the lines computed over them."""
    prices = {name: [float(getattr(bar, name)) for bar in bars] for name in PRICES}
    lines = {line.name: line.values for line in values.lines}
    return Frame(columns={**lines, **prices}, bars=len(bars))


def observe(condition: Condition, frames: Frames) -> Observation:
    """What is true of a condition at the newest bars."""
    if isinstance(condition, Statement):
        return _statement(condition, frames)
    parts = tuple(observe(part, frames) for part in condition.of)
    truth = of_group(condition, [part.truth for part in parts])
    return Observation(text=_title(condition), truth=truth, said=_told(condition, truth, parts), of=parts)


def of_group(group: Group, truths: Sequence[Truth]) -> Truth:
    """The truth of a group: what cannot be told decides nothing while the others leave it open."""
    if group.kind is GroupKind.NOT:
        return _OPPOSITE[truths[0]]
    need = {GroupKind.ALL: len(truths), GroupKind.ANY: 1}.get(group.kind, group.need)
    sure, possible = truths.count(Truth.TRUE), len(truths) - truths.count(Truth.FALSE)
    if sure >= need:
        return Truth.TRUE
    return Truth.UNKNOWN if possible >= need else Truth.FALSE


_OPPOSITE = {Truth.TRUE: Truth.FALSE, Truth.FALSE: Truth.TRUE, Truth.UNKNOWN: Truth.UNKNOWN}


def _title(group: Group) -> str:
    if group.kind is GroupKind.AT_LEAST:
        return f"at least {group.need} of {len(group.of)}"
    return group.kind.value if group.kind is GroupKind.NOT else f"{group.kind.value} of {len(group.of)}"


def _told(group: Group, truth: Truth, parts: Sequence[Observation]) -> str:
    """Why a group is what it is: the parts that made it so."""
    blamed = {truth}
    if group.kind is GroupKind.NOT:
        return f"unwanted: {parts[0].said}" if truth is Truth.FALSE else parts[0].said
    if group.kind is GroupKind.AT_LEAST and truth is not Truth.TRUE:
        blamed = {Truth.FALSE, Truth.UNKNOWN}
    told = "; ".join(part.said for part in parts if part.truth in blamed)
    if group.kind is not GroupKind.AT_LEAST:
        return told
    sure = sum(part.truth is Truth.TRUE for part in parts)
    return f"{told}; {sure} of {len(parts)} needed {group.need}"


Series = Callable[[Operand, int], float | None]


def _statement(statement: Statement, frames: Frames) -> Observation:
    def read(operand: Operand, back: int = 0) -> float | None:
        frame = frames.get(operand.timeframe)
        if operand.number is not None:
            return operand.number
        return frame.at(operand.name, operand.ago + back) if frame is not None else None

    truth = _truth(statement, read)
    seen = tuple(
        Observed(name=_name(operand, back), value=read(operand, back))
        for operand in statement.operands
        if operand.number is None
        for back in range(statement.reach + 1)
    )
    said = _unknown(seen) if truth is Truth.UNKNOWN else _said(statement, truth, read)
    return Observation(text=statement_text(statement), truth=truth, said=said, values=seen)


def _name(operand: Operand, back: int) -> str:
    text = operand_text(operand)
    return f"{text}, {count(back)} before" if back else text


def _unknown(seen: Sequence[Observed]) -> str:
    missing = [one.name for one in seen if one.value is None]
    return f"no value for {missing[0]}"


def _truth(statement: Statement, read: Series) -> Truth:
    table = [[read(operand, back) for operand in statement.operands] for back in range(statement.reach + 1)]
    known = [[value for value in row if value is not None] for row in table]
    if any(len(row) < len(statement.operands) for row in known):
        return Truth.UNKNOWN
    return Truth.TRUE if _HOLDS[statement.relation](known) else Truth.FALSE


Rows = Sequence[Sequence[float]]
"""Values of the operands, the newest row first."""

_HOLDS: Mapping[Relation, Callable[[Rows], bool]] = {
    Relation.ABOVE: lambda rows: rows[0][0] > rows[0][1],
    Relation.BELOW: lambda rows: rows[0][0] < rows[0][1],
    Relation.CROSSES_ABOVE: lambda rows: rows[0][0] > rows[0][1] and rows[1][0] <= rows[1][1],
    Relation.CROSSES_BELOW: lambda rows: rows[0][0] < rows[0][1] and rows[1][0] >= rows[1][1],
    Relation.BETWEEN: lambda rows: rows[0][1] <= rows[0][0] <= rows[0][2],
    Relation.RISING: lambda rows: all(rows[0][0] > row[0] for row in rows[1:]),
    Relation.FALLING: lambda rows: all(rows[0][0] < row[0] for row in rows[1:]),
}


def _said(statement: Statement, truth: Truth, read: Series) -> str:
    """`rsi_14 61.2 is not below 30`."""
    relation, no = statement.relation, "" if truth is Truth.TRUE else "not "
    left, *others = (_valued(operand, read(operand, 0)) for operand in statement.operands)
    if relation.over_bars:
        return f"{left} is {no}{relation.value} over {count(statement.bars)}{_before(statement, read)}"
    right = " and ".join(others)
    if relation.crosses:
        verb = (
            relation.value
            if truth is Truth.TRUE
            else f"does not {relation.value.replace('crosses', 'cross')}"
        )
        return f"{left} {verb} {right}{_before(statement, read)}"
    return f"{left} is {no}{relation.value} {right}"


def _before(statement: Statement, read: Series) -> str:
    """What it came from, in brackets."""
    earlier = [read(one, statement.reach) for one in statement.operands if one.number is None]
    numbers = ", ".join(f"{value:.6g}" for value in earlier if value is not None)
    return f" ({count(statement.reach)} before: {numbers})"


def _valued(operand: Operand, value: float | None) -> str:
    text = operand_text(operand)
    return text if operand.number is not None or value is None else f"{text} {value:.6g}"
