"""Conditions tried on a real symbol: at which bars of the last year they would have been true."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from glassdesk.desk import Desk
from glassdesk.kernel.errors import GlassdeskError
from glassdesk.web.forms.fields import say
from glassdesk.web.views.indicators import chosen
from glassdesk.workflow.contracts.model import Contract
from glassdesk.workflow.market_data.model import BarSize
from glassdesk.workflow.signals.conditions.model import Observation
from glassdesk.workflow.signals.conditions.past import Moment, Past
from glassdesk.workflow.strategies.model import Strategy

WIDTH, HEIGHT, EDGE = 360.0, 90.0, 4.0
NEWEST = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A bar at which a side was true, in the picture."""

    x: float
    y: float
    side: str
    session: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """What one side would have done in the last year, and what it says now."""

    name: str
    count: int
    unknown: int
    newest: tuple[date, ...]
    now: Observation


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """What the form shows beside the conditions; `problem` where nothing can be told."""

    symbol: str = ""
    conid: str = ""
    bars: int = 0
    unit: str = "days"
    last_bar: date | None = None
    sides: tuple[Side, ...] = ()
    line: str = ""
    marks: tuple[Mark, ...] = ()
    problem: str = ""


def tried_on(desk: Desk, strategy: Strategy, known: Sequence[Contract], conid: str) -> Tried | None:
    """The conditions on the symbol asked for, else on the strategy's first; `None` without conditions. What
    stands in the way is told, not raised. Reads bars, so it is called outside of a transaction."""
    if strategy.conditions is None:
        return None
    first = str(strategy.contracts[0].conid) if strategy.contracts else ""
    contract = chosen(known, conid or first)
    if contract is None:
        return Tried(problem="No symbol is remembered yet; they are tried as soon as one is.")
    try:
        found = desk.strategies.past(strategy, contract, desk.clock.now())
    except GlassdeskError as problem:
        return Tried(symbol=contract.symbol, conid=str(contract.conid), problem=say(problem))
    return _told(found, contract) if found is not None else None


def _told(found: Past, contract: Contract) -> Tried:
    seen = (("buy", found.newest.buy), ("sell", found.newest.sell))
    points = _points(found.moments)
    marks = (
        Mark(x=x, y=y, side=name, session=one.session)
        for name, now in seen
        if now is not None
        for (x, y), one in zip(points, found.moments, strict=True)
        if one in found.true(name)
    )
    return Tried(
        symbol=contract.symbol,
        conid=str(contract.conid),
        bars=len(found.moments),
        unit="days" if found.size is BarSize.DAY else f"{found.size.value} bars",
        last_bar=found.newest.last_bar,
        sides=tuple(_side(found, name, now) for name, now in seen if now is not None),
        line=" ".join(f"{x:g},{y:g}" for x, y in points),
        marks=tuple(marks),
    )


def _side(found: Past, name: str, now: Observation) -> Side:
    true = found.true(name)
    newest = tuple(one.session for one in reversed(true[-NEWEST:]))
    return Side(name=name, count=len(true), unknown=found.unknown(name), newest=newest, now=now)


def _points(moments: Sequence[Moment]) -> list[tuple[float, float]]:
    closes = [float(one.close) for one in moments]
    low, span = min(closes), (max(closes) - min(closes)) or 1.0
    step = (WIDTH - 2 * EDGE) / max(1, len(closes) - 1)
    tall = HEIGHT - 2 * EDGE
    return [
        (round(EDGE + at * step, 1), round(EDGE + tall * (1 - (close - low) / span), 1))
        for at, close in enumerate(closes)
    ]
