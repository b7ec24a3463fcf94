"""Values of every indicator against an independent library, the published definitions, and time itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from talipp.indicators import ATR, BB, EMA, MACD, RSI, SMA, ParabolicSAR, SuperTrend
from talipp.ohlcv import OHLCV

from glassdesk.workflow.indicators.compute import compute
from glassdesk.workflow.indicators.model import IndicatorSet, IndicatorSpec, IndicatorValues
from glassdesk.workflow.indicators.presets import STANDARD, spec
from glassdesk.workflow.market_data.model import Bar
from tests.workflow.indicators.worlds import bar, walk

Row = list[float | None]


def of(bars: Sequence[Bar], *specs: IndicatorSpec) -> IndicatorValues:
    return compute(IndicatorSet(name="tested", indicators=specs), bars)


def line(bars: Sequence[Bar], name: str, *specs: IndicatorSpec) -> Row:
    return list(of(bars, *specs).values(name))


def closes(bars: Sequence[Bar]) -> list[float]:
    return [float(b.close) for b in bars]


def candles(bars: Sequence[Bar]) -> list[OHLCV]:
    return [OHLCV(float(b.open), float(b.high), float(b.low), float(b.close), float(b.volume)) for b in bars]


def agree(ours: Row, theirs: Iterable[Any], scale: float = 100.0) -> None:
    """Same warm-up, and equal to nine digits of the price."""
    other = list(theirs)
    assert [value is None for value in ours] == [value is None for value in other]
    np.testing.assert_allclose(
        [v for v in ours if v is not None], [v for v in other if v is not None], rtol=1e-9, atol=scale * 1e-9
    )


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("length", [2, 14, 20, 50])
def test_simple_lines_equal_an_independent_library_from_the_first_value_on(seed: int, length: int) -> None:
    bars = walk(160, seed=seed)
    agree(line(bars, f"sma_{length}", spec("sma", length=length)), SMA(length, closes(bars)))
    agree(line(bars, f"ema_{length}", spec("ema", length=length)), EMA(length, closes(bars)))
    agree(line(bars, f"rsi_{length}", spec("rsi", length=length)), RSI(length, closes(bars)))
    agree(line(bars, f"atr_{length}", spec("atr", length=length)), ATR(length, candles(bars)))


@pytest.mark.parametrize("price", [0.02, 4.0, 100.0, 64_000.0])
def test_macd_and_its_signal_equal_an_independent_library_including_warm_up(price: float) -> None:
    bars = walk(160, price=price, decimals=4)
    theirs = MACD(12, 26, 9, closes(bars))
    values = of(bars, spec("macd"))
    for suffix, field in (("", "macd"), ("_signal", "signal"), ("_hist", "histogram")):
        expected = [None if v is None else getattr(v, field) for v in theirs]
        agree(list(values.values("macd_12_26_9" + suffix)), expected, price)


@pytest.mark.parametrize("width", [2, 2.5])
def test_bollinger_bands_equal_an_independent_library(width: float) -> None:
    bars = walk(120, seed=5)
    theirs = BB(20, width, closes(bars))
    values = of(bars, spec("bb", width=width))
    stem = "bb_20_2" if width == 2 else "bb_20_2p5"
    for suffix, field in (("_upper", "ub"), ("_mid", "cb"), ("_lower", "lb")):
        agree(list(values.values(stem + suffix)), [None if v is None else getattr(v, field) for v in theirs])


def test_bollinger_bands_of_a_price_that_stands_still_have_no_width() -> None:
    bars = [bar(i, low="64000.1", high="64000.1", close="64000.1") for i in range(40)]
    values = of(bars, spec("bb"))
    assert values.last("bb_20_2_upper") == values.last("bb_20_2_lower") == 64000.1


@pytest.mark.parametrize("seed", range(6))
def test_supertrend_equals_an_independent_library_once_both_have_flipped(seed: int) -> None:
    # talipp begins at 0 instead of a band; from the second change of side on, nothing of that is left.
    bars = walk(400, seed=seed, swing=0.03)
    theirs = SuperTrend(10, 3, candles(bars))
    ours = of(bars, spec("supertrend"))
    direction = list(ours.values("supertrend_10_3_direction"))
    flips = [i for i in range(11, 400) if direction[i] != direction[i - 1]]
    assert len(flips) > 4
    settled = flips[1]
    agree(list(ours.values("supertrend_10_3"))[settled:], [v.value for v in theirs[settled:]])
    assert direction[settled:] == [1 if v.trend.name == "UP" else -1 for v in theirs[settled:]]


def pine_supertrend(bars: Sequence[Bar], factor: float, length: int) -> tuple[Row, Row]:
    """The Pine source with `na` written out as `None`; -1 means up there."""
    atr: Row = [None if v is None else float(v) for v in ATR(length, candles(bars))]
    lower_was = upper_was = 0.0
    trend_was: float | None = None
    trends: Row = []
    directions: Row = []
    for i, b in enumerate(bars):
        reach = atr[i]
        if reach is None:
            trends.append(None)
            directions.append(None)
            continue
        middle = (float(b.high) + float(b.low)) / 2
        close_was = float(bars[i - 1].close) if i else 0.0
        lower, upper = middle - factor * reach, middle + factor * reach
        lower = lower if lower > lower_was or close_was < lower_was else lower_was
        upper = upper if upper < upper_was or close_was > upper_was else upper_was
        if i == 0 or atr[i - 1] is None:
            direction = 1
        elif trend_was == upper_was:
            direction = -1 if float(b.close) > upper else 1
        else:
            direction = 1 if float(b.close) < lower else -1
        trend_was, lower_was, upper_was = (lower if direction == -1 else upper), lower, upper
        trends.append(trend_was)
        directions.append(float(-direction))
    return trends, directions


@pytest.mark.parametrize(("length", "factor"), [(10, 3.0), (7, 1.5), (2, 2.0)])
def test_supertrend_equals_tradingviews_source_from_its_first_bar(length: int, factor: float) -> None:
    bars = walk(200, seed=9, swing=0.03)
    values = of(bars, spec("supertrend", length=length, factor=factor))
    trend, direction = values.lines
    expected_trend, expected_direction = pine_supertrend(bars, factor, length)
    agree(list(trend.values), expected_trend)
    assert list(direction.values) == expected_direction


def pine_sar(bars: Sequence[Bar], start: float, step: float, most: float) -> tuple[Row, Row]:
    """The Pine source, a variable for a variable."""
    highs, lows = [float(b.high) for b in bars], [float(b.low) for b in bars]
    below, result, extreme, speed = False, 0.0, 0.0, start
    sars: Row = [None]
    sides: Row = [None]
    for i in range(1, len(bars)):
        first = i == 1
        if first:
            below = bars[1].close > bars[0].close
            extreme, result = (highs[1], lows[0]) if below else (lows[1], highs[0])
        result += speed * (extreme - result)
        if below and result > lows[i]:
            first, below, result, extreme, speed = True, False, max(highs[i], extreme), lows[i], start
        elif not below and result < highs[i]:
            first, below, result, extreme, speed = True, True, min(lows[i], extreme), highs[i], start
        if not first and below and highs[i] > extreme:
            extreme, speed = highs[i], min(speed + step, most)
        if not first and not below and lows[i] < extreme:
            extreme, speed = lows[i], min(speed + step, most)
        for back in range(1, min(i, 2) + 1):
            result = min(result, lows[i - back]) if below else max(result, highs[i - back])
        sars.append(result)
        sides.append(1.0 if below else -1.0)
    return sars, sides


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("pace", [(0.02, 0.02, 0.2), (0.1, 0.05, 0.3), (0.2, 0.2, 0.2)])
def test_parabolic_sar_equals_tradingviews_source(seed: int, pace: tuple[float, float, float]) -> None:
    bars = walk(300, seed=seed, swing=0.03)
    sar, side = of(bars, spec("sar", start=pace[0], step=pace[1], most=pace[2])).lines
    expected, sides = pine_sar(bars, *pace)
    agree(list(sar.values), expected)
    assert list(side.values) == sides


@pytest.mark.parametrize("seed", range(6))
def test_parabolic_sar_mostly_equals_an_independent_library(seed: int) -> None:
    """talipp, like TA-Lib, holds SAR back before it looks for a hit; TradingView looks first."""
    bars = walk(500, seed=seed, swing=0.03)
    theirs = ParabolicSAR(0.02, 0.02, 0.2, candles(bars))
    ours = line(bars, "sar_0p02_0p02_0p2", spec("sar"))
    pairs = [(a, b.value) for a, b in zip(ours, theirs, strict=True) if a is not None and b is not None]
    assert sum(abs(a - b) <= 1e-9 * b for a, b in pairs) >= 0.8 * len(pairs)


def test_atr_counts_the_first_bar_and_the_gap_between_bars() -> None:
    bars = [
        bar(0, low="9", high="11", close="10"),
        bar(1, low="14", high="15", close="15"),
        bar(2, low="15", high="16", close="16"),
    ]
    # true ranges 2, 5 (from the close at 10 up to 15) and 1: mean 3.5, then (3.5 + 1) / 2
    assert line(bars, "atr_2", spec("atr", length=2)) == [None, 3.5, 2.25]


def test_rsi_is_100_without_a_loss_and_0_without_a_gain() -> None:
    up = [bar(i, low="1", high="90", close=str(10 + i)) for i in range(8)]
    down = [bar(i, low="1", high="90", close=str(50 - i)) for i in range(8)]
    flat = [bar(i, low="1", high="90", close="50") for i in range(8)]
    assert line(up, "rsi_3", spec("rsi", length=3))[3:] == [100.0] * 5
    assert line(down, "rsi_3", spec("rsi", length=3))[3:] == [0.0] * 5
    assert line(flat, "rsi_3", spec("rsi", length=3))[3:] == [100.0] * 5


def test_plain_arithmetic_gives_the_same_averages() -> None:
    bars = walk(60)
    prices = np.array(closes(bars))
    sma = [None] * 19 + [float(prices[i - 19 : i + 1].mean()) for i in range(19, 60)]
    ema: Row = [None] * 49 + [float(prices[:50].mean())]
    for price in prices[50:]:
        ema.append((price - (ema[-1] or 0)) * 2 / 51 + (ema[-1] or 0))
    agree(line(bars, "sma_20", spec("sma")), sma)
    agree(line(bars, "ema_50", spec("ema")), ema)


@settings(deadline=None, max_examples=25)
@given(seed=st.integers(0, 10_000), price=st.sampled_from([0.01, 1.0, 300.0, 90_000.0]))
def test_values_keep_to_what_they_mean(seed: int, price: float) -> None:
    values = compute(STANDARD, walk(90, seed=seed, price=price, decimals=4, swing=0.04))
    for rsi in values.values("rsi_14")[14:]:
        assert rsi is not None
        assert 0 <= rsi <= 100
    bands = [values.values(f"bb_20_2_{edge}")[19:] for edge in ("lower", "mid", "upper")]
    assert all(low <= mid <= up for low, mid, up in zip(*bands, strict=True) if low and mid and up)
    assert {v for v in values.values("supertrend_10_3_direction") if v is not None} <= {1.0, -1.0}
    assert all(v > 0 for v in values.values("atr_14") if v is not None)
