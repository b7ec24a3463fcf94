"""What a strategy could cost and lose, and what it needs, before it is kept: from its own limits alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from glassdesk.workflow.indicators.compute import compute
from glassdesk.workflow.indicators.model import IndicatorSet, IndicatorSpec
from glassdesk.workflow.market_data.model import Bar
from glassdesk.workflow.risk.model import Exposure, Proposal, Purpose
from glassdesk.workflow.risk.sizing import smallest_capital
from glassdesk.workflow.signals.budget import Budget
from glassdesk.workflow.strategies.model import Need, Outlook, Strategy, StrategyContract
from glassdesk.workflow.strategies.passing import ALWAYS, Passing

_ATR = IndicatorSet(name="atr", indicators=(IndicatorSpec(kind="atr", params=(("length", 14.0),)),))
VOLUME_BARS = 20
SEEN_BARS = 60
"""Kept bars looked at: enough for the ATR to settle."""
DAYS_OF_A_MONTH = 31
WEEKS_OF_A_MONTH = Decimal(30) / 7
_CENT = Decimal("0.01")
_ABOVE = Decimal("1.001")
"""An entry's limit is at most a thousandth above the ask (`T-21`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """Of one question to the analyst, in USD; `None` where nothing says it."""

    each: Decimal | None
    why: str


def outlook(
    strategy: Strategy,
    capital: Decimal | None,
    slots_of_a_week: Iterable[datetime],
    seen: Mapping[int, Sequence[Bar]],
    now: datetime,
    *,
    cost: Cost,
    passing: Passing = ALWAYS,
) -> Outlook:
    """`seen` are the kept bars by conid, oldest first; a contract nobody has read yet has none."""
    limits = strategy.limits
    at_stops = min(limits.max_open_risk, limits.max_positions * limits.risk_per_trade)
    questions = Decimal(len(list(slots_of_a_week)) * len(strategy.contracts)) * WEEKS_OF_A_MONTH
    return Outlook(
        capital=capital,
        loss_at_stops=None if capital is None else capital * at_stops,
        loss_in_gap=None if capital is None else capital * limits.max_gap_loss,
        gap=limits.gap,
        questions_per_month=int((questions * passing.share).to_integral_value()),
        questions_why=passing.why,
        cost_per_month=_of_month(strategy.budget, questions, cost),
        cost_why=cost.why,
        needs=tuple(_need(strategy, one, seen.get(one.conid, ()), now) for one in strategy.contracts),
    )


def _of_month(budget: Budget, questions: Decimal, cost: Cost) -> Decimal | None:
    """All questions of a month, as far as the budget lets them be asked."""
    daily = None if budget.per_day is None else budget.per_day * DAYS_OF_A_MONTH
    wanted = None if cost.each is None else questions * cost.each
    limits = [one for one in (wanted, budget.per_month, daily) if one is not None]
    return min(limits).quantize(_CENT, ROUND_CEILING) if limits else None


def _need(strategy: Strategy, contract: StrategyContract, bars: Sequence[Bar], now: datetime) -> Need:
    atr = compute(_ATR, bars).last("atr_14") if bars else None
    if atr is None:
        return Need(symbol=contract.symbol, why="known once its bars were read")
    entry = _entry(strategy, contract, bars, Decimal(str(atr)))
    if entry.stop is None or entry.stop <= 0:
        return Need(symbol=contract.symbol, why="its stop would be below zero")
    least = smallest_capital(entry, _empty(strategy, now), strategy.limits)
    why = "" if least is not None else "no capital helps: its commission or its volume forbids it"
    return Need(symbol=contract.symbol, capital=least, why=why)


def _entry(strategy: Strategy, contract: StrategyContract, bars: Sequence[Bar], atr: Decimal) -> Proposal:
    close, lately = bars[-1].close, bars[-VOLUME_BARS:]
    return Proposal(
        run="",
        strategy=strategy.name,
        conid=contract.conid,
        symbol=contract.symbol,
        purpose=Purpose.OPENING,
        side="BUY",
        quantity=Decimal(0),
        limit=(close * _ABOVE).quantize(_CENT, ROUND_FLOOR),
        stop=(close - strategy.exits.stop_atr * atr).quantize(_CENT, ROUND_FLOOR),
        target=None,
        reference=close,
        atr=atr,
        tick=_CENT,
        average_volume=sum((bar.volume for bar in lately), Decimal(0)) / len(lately),
    )


def _empty(strategy: Strategy, now: datetime) -> Exposure:
    """Books with nothing in them."""
    return Exposure(
        account=strategy.account,
        as_of=now,
        desk_capital=Decimal(1),
        cash=Decimal(1),
        equity=Decimal(1),
        holdings=(),
        working=(),
        broken=frozenset(),
    )
