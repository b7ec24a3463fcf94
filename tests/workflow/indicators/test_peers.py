"""Lines of the catalogue against libraries that are not ours, to nine digits and from the first value on.

Where a library's convention differs from TradingView's, the case says from which bar on they agree and why.
`pandas_ta_classic` would ask TA-Lib where it can: it is told not to, so that it is a second opinion.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pytest
from talipp import indicators as talipp
from talipp.ohlcv import OHLCV

from glassdesk.workflow.indicators.catalogue import CATALOGUE
from glassdesk.workflow.indicators.columns import columns_of
from glassdesk.workflow.indicators.compute import compute
from glassdesk.workflow.indicators.kind import Columns
from glassdesk.workflow.indicators.model import IndicatorSet, IndicatorSpec
from glassdesk.workflow.indicators.presets import spec
from glassdesk.workflow.market_data.model import Bar
from tests.workflow.indicators.worlds import walk

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # of an import that is not ours
    import pandas_ta_classic as classic

Row = list[float | None]
COUNT = 600
WORLDS = pytest.mark.parametrize(("seed", "price"), [(3, 100.0), (5, 0.8), (9, 42_000.0)])


@dataclass(frozen=True, slots=True)
class World:
    """The same bars in the forms that the libraries want."""

    bars: tuple[Bar, ...]
    columns: Columns
    candles: list[OHLCV]

    @property
    def closes(self) -> list[float]:
        return [float(value) for value in self.columns.close]

    def series(self, *names: str) -> list[Any]:
        index = pd.DatetimeIndex([bar.start.replace(tzinfo=None) for bar in self.bars])
        return [pd.Series(getattr(self.columns, name), index=index) for name in names]


def world(seed: int, price: float) -> World:
    bars = walk(COUNT, seed=seed, price=price, decimals=4, swing=0.03)
    columns = columns_of(bars)
    rows = zip(columns.open, columns.high, columns.low, columns.close, columns.volume, strict=True)
    return World(bars, columns, [OHLCV(*map(float, row)) for row in rows])


@dataclass(frozen=True, slots=True)
class Case:
    """A line, what the other library says, and the bar from which both agree (0: from the first value on)."""

    wanted: IndicatorSpec
    line: str
    theirs: Callable[[World], Iterable[Any]]
    after: int = 0


def of(found: Iterable[Any], field: str) -> Row:
    return [None if value is None else getattr(value, field) for value in found]


def thrice(length: int, values: Sequence[float]) -> Row:
    """An EMA of an EMA of an EMA."""
    row: Row = list(values)
    for _ in range(3):
        skipped = sum(value is None for value in row)
        known = [value for value in row if value is not None]
        row = [None] * skipped + list(talipp.EMA(length, known))
    return row


def log_slope(w: World) -> Row:
    smooth = thrice(18, [math.log(close) for close in w.closes])
    pairs = zip([None, *smooth[:-1]], smooth, strict=True)
    return [None if a is None or b is None else 10_000 * (b - a) for a, b in pairs]


def delayed(values: Sequence[float | None], bars: int) -> Row:
    return [*[None] * bars, *values[: len(values) - bars]]


def ichimoku(w: World, field: str) -> Row:
    return of(talipp.Ichimoku(26, 9, 26, 52, 26, w.candles), field)


def spans(w: World) -> Row:
    pairs = zip(ichimoku(w, "conversion_line"), ichimoku(w, "base_line"), strict=True)
    return delayed([None if a is None or b is None else (a + b) / 2 for a, b in pairs], 25)


def slow_span(w: World) -> Row:
    return delayed(of(talipp.DonchianChannels(52, w.candles), "cb"), 25)


def counted_from_zero(values: Iterable[float]) -> Row:
    row = list(values)
    return [value - row[0] for value in row]


def classic_of(name: str, columns: str, column: int | None = None, **given: Any) -> Callable[[World], Row]:
    def ask(w: World) -> Row:
        found = getattr(classic, name)(*w.series(*columns.split()), talib=False, **given)
        row = found if column is None else found.iloc[:, column]
        return [None if math.isnan(value) else value for value in row.tolist()]

    return ask


def cases(
    wanted: IndicatorSpec,
    stem: str,
    fields: Sequence[tuple[str, str]],
    theirs: Callable[[World], Iterable[Any]],
) -> list[Case]:
    """One case for each of several lines that come as fields of one answer."""

    def field(name: str) -> Callable[[World], Row]:
        return lambda w: of(theirs(w), name)

    return [Case(wanted, stem + end, field(name)) for end, name in fields]


BANDS = (("_upper", "ub"), ("_mid", "cb"), ("_lower", "lb"))
LINES = (("", "k"), ("_signal", "d"))
ENDS = (("_up", "up"), ("_down", "down"))
CASES = (
    Case(spec("wma"), "wma_20", lambda w: talipp.WMA(20, w.closes)),
    Case(spec("wma", length=7), "wma_7", classic_of("wma", "close", length=7)),
    Case(spec("hma"), "hma_21", classic_of("hma", "close", length=21)),
    Case(spec("hma", length=16), "hma_16", classic_of("hma", "close", length=16)),
    *cases(spec("donchian"), "donchian_20", BANDS, lambda w: talipp.DonchianChannels(20, w.candles)),
    *cases(spec("kc"), "kc_20_10_2", BANDS, lambda w: talipp.KeltnerChannels(20, 10, 2, 2, w.candles)),
    Case(spec("ichimoku"), "ichimoku_9_26_52_26_tenkan", lambda w: ichimoku(w, "conversion_line")),
    Case(spec("ichimoku"), "ichimoku_9_26_52_26_kijun", lambda w: ichimoku(w, "base_line")),
    Case(spec("ichimoku"), "ichimoku_9_26_52_26_span_a", spans),
    Case(spec("ichimoku"), "ichimoku_9_26_52_26_span_b", slow_span),
    # Theirs begins with the cut-off first month, ours with the first whole one: the second of February.
    Case(spec("vwap"), "vwap_month", classic_of("vwap", "high low close volume", anchor="M"), after=22),
    Case(
        spec("stoch", smooth=3),
        "stoch_14_3_3",
        classic_of("stoch", "high low close", 0, k=14, d=3, smooth_k=3),
    ),
    *cases(spec("stoch"), "stoch_14_1_3", LINES, lambda w: talipp.Stoch(14, 3, w.candles)),
    *cases(spec("stochrsi"), "stochrsi_14_14_3_3", LINES, lambda w: talipp.StochRSI(14, 14, 3, 3, w.closes)),
    Case(spec("cci"), "cci_20", lambda w: talipp.CCI(20, w.candles)),
    Case(spec("cci", length=14), "cci_14", classic_of("cci", "high low close", length=14)),
    Case(spec("willr"), "willr_14", lambda w: talipp.Williams(14, w.candles)),
    Case(spec("roc"), "roc_9", lambda w: talipp.ROC(9, w.closes)),
    Case(spec("mom"), "mom_10", classic_of("mom", "close", length=10)),
    Case(spec("trix"), "trix_18", log_slope),
    Case(spec("adx"), "adx_14_14", lambda w: of(talipp.ADX(14, 14, w.candles), "adx")),
    # talipp's two directional indicators keep TA-Lib's seed: half a percent at first, 1e-9 after 300 bars.
    Case(spec("adx"), "adx_14_14_plus", lambda w: of(talipp.ADX(14, 14, w.candles), "plus_di"), after=320),
    Case(spec("adx"), "adx_14_14_minus", lambda w: of(talipp.ADX(14, 14, w.candles), "minus_di"), after=320),
    *cases(spec("aroon"), "aroon_14", ENDS, lambda w: talipp.Aroon(14, w.candles)),
    Case(spec("obv"), "obv", lambda w: counted_from_zero(talipp.OBV(w.candles))),
    Case(spec("ad"), "ad", lambda w: talipp.AccuDist(w.candles)),
    Case(spec("cmf"), "cmf_20", classic_of("cmf", "high low close volume")),
    # Theirs counts the first bar, which has none before it to be compared with.
    Case(spec("mfi"), "mfi_14", classic_of("mfi", "high low close volume"), after=14),
    Case(spec("natr"), "natr_14", lambda w: talipp.NATR(14, w.candles)),
    Case(spec("stdev"), "stdev_20", lambda w: talipp.StdDev(20, w.closes)),
    Case(spec("stdev", length=7), "stdev_7", classic_of("stdev", "close", length=7, ddof=0)),
)


@WORLDS
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.line)
def test_a_line_equals_an_independent_library(case: Case, seed: int, price: float) -> None:
    w = world(seed, price)
    ours = list(compute(IndicatorSet(name="x", indicators=(case.wanted,)), w.bars).values(case.line))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what a library that is not ours says about its own arithmetic
        theirs = list(case.theirs(w))
    mine, other = ours[case.after :], theirs[case.after :]
    assert [value is None for value in mine] == [value is None for value in other]
    known = [value for value in mine if value is not None]
    assert len(known) > 200
    size = max(abs(value) for value in known)
    np.testing.assert_allclose(
        known, [v for v in other if v is not None], rtol=1e-9, atol=1e-9 * max(size, 1)
    )


def test_every_kind_is_compared_with_somebody() -> None:
    """The others: `test_values.py` (against talipp, and Pine's source), `test_levels.py` (definitions)."""
    here = {case.wanted.kind for case in CASES}
    elsewhere = {"sma", "ema", "bb", "supertrend", "sar", "macd", "rsi", "atr"} | {"pivots", "fib", "vp"}
    from_catalogue = {entry.kind for entry in CATALOGUE}
    assert here | elsewhere == from_catalogue
    assert not here & elsewhere
