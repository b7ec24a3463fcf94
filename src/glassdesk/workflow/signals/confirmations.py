"""The four checks of the 3-of-4 rule (R-79), recomputed from the indicators: V13 compares with them."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from glassdesk.workflow.indicators.model import IndicatorSpec, IndicatorValues
from glassdesk.workflow.signals.model import Action, Agreement, Confirmations, Trend, View

SPECS = (
    IndicatorSpec(kind="supertrend", params=(("length", 10), ("factor", 3))),
    IndicatorSpec(kind="sma", params=(("length", 20),)),
    IndicatorSpec(kind="macd", params=(("fast", 12), ("slow", 26), ("signal", 9))),
    IndicatorSpec(kind="rsi", params=(("length", 14),)),
)
"""What a strategy's indicator set holds so that all four can be told."""


def confirmations(values: IndicatorValues, closes: Sequence[Decimal]) -> Confirmations:
    """SuperTrend(10, 3) up or down; close against SMA(20); MACD against its signal; RSI(14) against 50.

    Equality is neutral; `na` where a line is not in the set or still warms up.
    """
    return Confirmations(
        supertrend=_compare(last(values, "supertrend_10_3_direction"), 0.0),
        price_vs_sma20=_compare(float(closes[-1]) if closes else None, last(values, "sma_20")),
        macd=_compare(last(values, "macd_12_26_9"), last(values, "macd_12_26_9_signal")),
        rsi=_compare(last(values, "rsi_14"), 50.0),
    )


_MOST = 3
"""Checks of four that make a side."""


def agreement(action: Action, weekly: Confirmations | None) -> Agreement:
    """What the weekly checks say of a decision: three of four on its side confirm it, three against it
    contradict. `na` without weekly values, and where nothing is to be done."""
    side = {Action.BUY: (View.BULL, View.BEAR), Action.SELL: (View.BEAR, View.BULL)}.get(action)
    if side is None or weekly is None or weekly.count(View.NA) == len(SPECS):
        return Agreement.NA
    if weekly.count(side[0]) >= _MOST:
        return Agreement.CONFIRMED
    return Agreement.CONFLICT if weekly.count(side[1]) >= _MOST else Agreement.PARTIAL


def trend(checks: Confirmations) -> Trend:
    """Bullish checks less bearish ones, in five steps."""
    lead = checks.count(View.BULL) - checks.count(View.BEAR)
    if abs(lead) < 2:
        return Trend.NEUTRAL
    if lead > 0:
        return Trend.STRONG_BULLISH if lead == len(SPECS) else Trend.BULLISH
    return Trend.STRONG_BEARISH if -lead == len(SPECS) else Trend.BEARISH


def as_words(checks: Confirmations) -> dict[str, str]:
    """The checks by name, for a prompt."""
    return {
        "supertrend": checks.supertrend.value,
        "price_vs_sma20": checks.price_vs_sma20.value,
        "macd": checks.macd.value,
        "rsi": checks.rsi.value,
    }


def last(values: IndicatorValues, name: str, back: int = 1) -> float | None:
    """A line's value `back` bars from the end; `None` where there is no such line or value."""
    return values.at(name, -back) if name in values.names else None


def _compare(value: float | None, against: float | None) -> View:
    if value is None or against is None:
        return View.NA
    if value == against:
        return View.NEUTRAL
    return View.BULL if value > against else View.BEAR
