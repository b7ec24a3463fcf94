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

TREND = IndicatorSet(
    name="trend",
    indicators=(
        spec("ema", length=20),
        spec("ema", length=50),
        spec("sma", length=200),
        spec("supertrend", length=10, factor=3),
        spec("adx", smoothing=14, length=14),
        spec("macd", fast=12, slow=26, signal=9),
        spec("atr", length=14),
    ),
)
"""Is there a trend, which way, and is it still strong?"""

MOMENTUM = IndicatorSet(
    name="momentum",
    indicators=(
        spec("ema", length=20),
        spec("macd", fast=12, slow=26, signal=9),
        spec("rsi", length=14),
        spec("stoch", length=14, smooth=3, signal=3),
        spec("roc", length=9),
        spec("atr", length=14),
    ),
)
"""How fast does the price move, and does it still gain?"""

MEAN_REVERSION = IndicatorSet(
    name="mean-reversion",
    indicators=(
        spec("sma", length=200),
        spec("bb", length=20, width=2),
        spec("rsi", length=2),
        spec("sma", length=5),
        spec("willr", length=14),
        spec("cci", length=20),
        spec("atr", length=14),
    ),
)
"""Has the price gone further than usual, within a trend that holds?"""

VOLATILITY = IndicatorSet(
    name="volatility",
    indicators=(
        spec("bb", length=20, width=2),
        spec("kc", length=20, atr=10, width=2),
        spec("stdev", length=20),
        spec("natr", length=14),
        spec("atr", length=14),
    ),
)
"""Is it calm or wild? Bollinger inside Keltner is a squeeze."""

VOLUME = IndicatorSet(
    name="volume",
    indicators=(
        spec("vwap", anchor=2),
        spec("obv"),
        spec("cmf", length=20),
        spec("mfi", length=14),
        spec("atr", length=14),
    ),
)
"""Does money go with the price?"""

BREAKOUT = IndicatorSet(
    name="breakout",
    indicators=(
        spec("donchian", length=20),
        spec("donchian", length=55),
        spec("adx", smoothing=14, length=14),
        spec("obv"),
        spec("atr", length=14),
    ),
)
"""Is the price at a new extreme, and does volume go along?"""

LEVELS = IndicatorSet(
    name="levels",
    indicators=(
        spec("pivots", period=2),
        spec("fib", left=10, right=5),
        spec("vp", length=100, row=1, area=70),
        spec("atr", length=14),
    ),
)
"""Which prices do many watch?"""

ICHIMOKU = IndicatorSet(
    name="ichimoku",
    indicators=(
        spec("ichimoku", conversion=9, base=26, span=52, ahead=26),
        spec("rsi", length=14),
        spec("atr", length=14),
    ),
)
"""The cloud alone, as its school wants it."""

PRESETS = (STANDARD, TREND, MOMENTUM, MEAN_REVERSION, VOLATILITY, VOLUME, BREAKOUT, LEVELS, ICHIMOKU)
