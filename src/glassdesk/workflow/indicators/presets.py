"""Sets that are there from the start, to copy or to use."""

from __future__ import annotations

from glassdesk.workflow.indicators.model import IndicatorSet, IndicatorSpec


def spec(kind: str, **params: float) -> IndicatorSpec:
    """`spec("sma", length=20)`."""
    return IndicatorSpec(kind=kind, params=tuple(params.items()))


STANDARD = IndicatorSet(
    name="standard",
    indicators=(
        spec("sma", length=20),
        spec("sma", length=50),
        spec("bb", length=20, width=2),
        spec("supertrend", length=10, factor=3),
        spec("macd", fast=12, slow=26, signal=9),
        spec("rsi", length=14),
        spec("atr", length=14),
    ),
)
"""Trend, confirmation and risk of a daily chart: what the 3-of-4 rule and the stop read [R-78, R-79]."""

PRESETS = (STANDARD,)
