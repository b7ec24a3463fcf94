"""What conditions need of the strategy around them: names, timeframes and enough bars."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches

from glassdesk.kernel.errors import InvalidInput
from glassdesk.workflow.indicators.catalogue import (
    complete,
    complete_set,
    entries,
    is_known,
    kind_of,
    line_names,
)
from glassdesk.workflow.indicators.compute import minimum_bars
from glassdesk.workflow.indicators.model import IndicatorSet, IndicatorSpec
from glassdesk.workflow.market_data.model import BarSize
from glassdesk.workflow.signals.conditions.model import (
    PRICES,
    Conditions,
    Operand,
    Statement,
    Timeframe,
    statements,
)

SIZES = {Timeframe.DAILY: BarSize.DAY, Timeframe.WEEKLY: BarSize.WEEK, Timeframe.MONTHLY: BarSize.MONTH}
_SESSIONS = {BarSize.WEEK: 5, BarSize.MONTH: 23}
"""The most sessions of a period."""
_SESSION_SECONDS = 6.5 * 3600


def every(conditions: Conditions | None) -> Iterator[tuple[str, Statement]]:
    """Every statement of both sides with its place in a file."""
    for side, condition in conditions.sides if conditions is not None else ():
        yield from statements(condition, f"conditions.{side}")


def values_of(wanted: IndicatorSet) -> tuple[str, ...]:
    """What a statement may name: the bar's prices, then the lines of the set."""
    return (*PRICES, *_specs(wanted))


def _specs(wanted: IndicatorSet) -> Mapping[str, IndicatorSpec]:
    specs = complete_set(wanted).indicators
    return {name: spec for spec in specs for name in line_names(spec) if name not in PRICES}


def check_names(conditions: Conditions, wanted: IndicatorSet) -> None:
    """Raises `InvalidInput` at the first name that is no price and no line of the set, with near ones."""
    known = values_of(wanted)
    for where, statement in every(conditions):
        for operand in statement.operands:
            if operand.number is None and operand.name not in known:
                raise InvalidInput(
                    f"there is no value {operand.name!r} here",
                    where=where,
                    remedy=_instead(operand.name, known),
                )


def _instead(name: str, known: tuple[str, ...]) -> str:
    spec = spec_named(name)
    if spec is not None:
        params = "".join(f", {key}: {value:g}" for key, value in spec.params)
        return f"add {{kind: {spec.kind}{params}}} to its indicators"
    near = get_close_matches(name, known, n=3, cutoff=0.6)
    if near:
        return f"did you mean {' or '.join(near)}?"
    kinds = get_close_matches(name, [entry.kind for entry in entries()], n=1, cutoff=0.5)
    hint = (
        f"; {kinds[0]} is an indicator: add it, its lines have names like {_usual(kinds[0])}" if kinds else ""
    )
    return f"one of {', '.join(known)}{hint}"


def _usual(kind: str) -> str:
    return line_names(complete(IndicatorSpec(kind=kind)))[0]


def spec_named(name: str) -> IndicatorSpec | None:
    """The indicator of which `name` would be a line: `rsi_14` is RSI of 14 bars; `None` where none is."""
    kind, *parts = name.split("_")
    if not is_known(kind):
        return None
    numbers = [float(part.replace("p", ".")) for part in parts if part.replace("p", "", 1).isdigit()]
    names = [p.name for p in kind_of(kind).parameters if not p.options]
    try:
        spec = complete(IndicatorSpec(kind=kind, params=tuple(zip(names, numbers, strict=False))))
    except InvalidInput:
        return None
    return spec if name in line_names(spec) else None


def frames_read(conditions: Conditions | None, size: BarSize) -> frozenset[BarSize]:
    """The bar sizes that are read beside the decision bars."""
    found = {
        SIZES[operand.timeframe]
        for _, statement in every(conditions)
        for operand in statement.operands
        if operand.timeframe in SIZES
    }
    return frozenset(found - {size})


def check_frames(conditions: Conditions, size: BarSize, drawn: frozenset[BarSize]) -> None:
    """Raises `InvalidInput` for a timeframe that cannot be made of the decision bars, or is not `drawn`: what
    decides is seen."""
    for where, statement in every(conditions):
        for operand in statement.operands:
            wanted = SIZES.get(operand.timeframe, size)
            if wanted is not size:
                _check_frame(operand, wanted, size, drawn, where)


def _check_frame(
    operand: Operand, wanted: BarSize, size: BarSize, drawn: frozenset[BarSize], where: str
) -> None:
    word = operand.timeframe.value
    if size in SIZES.values() and (wanted.seconds < size.seconds or size is not BarSize.DAY):
        raise InvalidInput(
            f"{word} bars cannot be made of {size.value} bars", where=where, remedy="decide on daily bars"
        )
    if wanted is not BarSize.DAY and wanted not in drawn:
        raise InvalidInput(
            f"it reads {word} bars, which are not drawn", where=where, remedy=f"set bars.{word} to true"
        )


def bars_needed(conditions: Conditions | None, wanted: IndicatorSet, size: BarSize) -> int:
    """Decision bars that give every statement its values; 0 without conditions. Names must be known."""
    specs = _specs(wanted) if conditions is not None else {}
    needed = (
        _in_decision_bars(_bars(operand, statement, specs), SIZES.get(operand.timeframe, size), size)
        for _, statement in every(conditions)
        for operand in statement.operands
        if operand.number is None
    )
    return max(needed, default=0)


def _bars(operand: Operand, statement: Statement, specs: Mapping[str, IndicatorSpec]) -> int:
    spec = specs.get(operand.name)
    own = 1 if spec is None else minimum_bars(IndicatorSet(name="one", indicators=(spec,)))
    return own + operand.ago + statement.reach


def _in_decision_bars(bars: int, wanted: BarSize, size: BarSize) -> int:
    """Decision bars that hold `bars` whole periods whatever the day: the first and the last may be cut."""
    if wanted is size:
        return bars
    sessions = _SESSIONS.get(wanted, 1)
    per_session = -int(-_SESSION_SECONDS // size.seconds) if size.intraday else 1
    return ((bars + 1) * sessions + sessions - 1) * per_session
