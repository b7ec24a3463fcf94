"""pandas-ta-classic and ta compute indicators over the bars on standard input; answers milliseconds as JSON.

Both are warm and get ready Series; pandas-ta-classic with TA-Lib behind it where it knows how (its default
here), and without. Each library's own calls are summed over what it has of our catalogue.
"""

from __future__ import annotations

import json
import sys
import time
import warnings
from collections.abc import Callable
from typing import Any

import pandas as pd
import pandas_ta_classic as classic
import ta

Calls = dict[str, Callable[[], Any]]


def classic_calls(d: pd.DataFrame, talib: bool) -> Calls:
    h, l, c, v = d.high, d.low, d.close, d.volume  # noqa: E741 -- the columns' usual letters
    on = {"talib": talib}
    return {
        "sma": lambda: classic.sma(c, 20, **on),
        "ema": lambda: classic.ema(c, 50, **on),
        "wma": lambda: classic.wma(c, 20, **on),
        "hma": lambda: classic.hma(c, 21),
        "bb": lambda: classic.bbands(c, 20, **on),
        "kc": lambda: classic.kc(h, l, c, 20),
        "donchian": lambda: classic.donchian(h, l, 20, 20),
        "ichimoku": lambda: classic.ichimoku(h, l, c),
        "supertrend": lambda: classic.supertrend(h, l, c, 10, 3),
        "sar": lambda: classic.psar(h, l, c, **on),
        "vwap": lambda: classic.vwap(h, l, c, v, anchor="M"),
        "macd": lambda: classic.macd(c, **on),
        "rsi": lambda: classic.rsi(c, 14, **on),
        "stoch": lambda: classic.stoch(h, l, c, 14, 3, 1, **on),
        "stochrsi": lambda: classic.stochrsi(c, **on),
        "cci": lambda: classic.cci(h, l, c, 20, **on),
        "willr": lambda: classic.willr(h, l, c, 14, **on),
        "roc": lambda: classic.roc(c, 9, **on),
        "mom": lambda: classic.mom(c, 10, **on),
        "trix": lambda: classic.trix(c, 18, **on),
        "adx": lambda: classic.adx(h, l, c, 14, **on),
        "aroon": lambda: classic.aroon(h, l, 14, **on),
        "obv": lambda: classic.obv(c, v, **on),
        "ad": lambda: classic.ad(h, l, c, v, **on),
        "cmf": lambda: classic.cmf(h, l, c, v, length=20),
        "mfi": lambda: classic.mfi(h, l, c, v, 14, **on),
        "atr": lambda: classic.atr(h, l, c, 14, **on),
        "natr": lambda: classic.natr(h, l, c, 14, **on),
        "stdev": lambda: classic.stdev(c, 20, ddof=0, **on),
    }


def ta_calls(d: pd.DataFrame) -> Calls:
    h, l, c, v = d.high, d.low, d.close, d.volume  # noqa: E741

    def bands(made: Any) -> list[Any]:
        ends = ("_hband", "_mavg", "_mband", "_lband")
        return [getattr(made, name)() for name in dir(made) if name.endswith(ends) and name[0] != "_"]

    def each(made: Any, *names: str) -> list[Any]:
        return [getattr(made, name)() for name in names]

    return {
        "sma": lambda: ta.trend.sma_indicator(c, 20),
        "ema": lambda: ta.trend.ema_indicator(c, 50),
        "wma": lambda: ta.trend.wma_indicator(c, 20),
        "bb": lambda: bands(ta.volatility.BollingerBands(c, 20)),
        "kc": lambda: bands(ta.volatility.KeltnerChannel(h, l, c, 20, 10, original_version=False)),
        "donchian": lambda: bands(ta.volatility.DonchianChannel(h, l, c, 20)),
        "ichimoku": lambda: each(
            ta.trend.IchimokuIndicator(h, l),
            "ichimoku_conversion_line",
            "ichimoku_base_line",
            "ichimoku_a",
            "ichimoku_b",
        ),
        "sar": lambda: ta.trend.PSARIndicator(h, l, c).psar(),
        "macd": lambda: each(ta.trend.MACD(c), "macd", "macd_signal", "macd_diff"),
        "rsi": lambda: ta.momentum.rsi(c, 14),
        "stoch": lambda: each(ta.momentum.StochasticOscillator(h, l, c), "stoch", "stoch_signal"),
        "stochrsi": lambda: each(ta.momentum.StochRSIIndicator(c), "stochrsi_k", "stochrsi_d"),
        "cci": lambda: ta.trend.cci(h, l, c, 20),
        "willr": lambda: ta.momentum.williams_r(h, l, c, 14),
        "roc": lambda: ta.momentum.roc(c, 9),
        "trix": lambda: ta.trend.trix(c, 18),
        "adx": lambda: each(ta.trend.ADXIndicator(h, l, c), "adx", "adx_pos", "adx_neg"),
        "aroon": lambda: each(ta.trend.AroonIndicator(h, l, 14), "aroon_up", "aroon_down"),
        "obv": lambda: ta.volume.on_balance_volume(c, v),
        "ad": lambda: ta.volume.acc_dist_index(h, l, c, v),
        "cmf": lambda: ta.volume.chaikin_money_flow(h, l, c, v, 20),
        "mfi": lambda: ta.volume.money_flow_index(h, l, c, v, 14),
        "atr": lambda: ta.volatility.average_true_range(h, l, c, 14),
    }


def best(calls: Calls, rounds: int) -> dict[str, float]:
    """Milliseconds of each call, the best of all rounds."""
    found = {}
    for name, call in calls.items():
        spans = []
        for _ in range(rounds):
            start = time.perf_counter()
            call()
            spans.append((time.perf_counter() - start) * 1000)
        found[name] = min(spans)
    return found


def main() -> None:
    warnings.simplefilter("ignore")  # what libraries that are not ours say about themselves
    order = json.load(sys.stdin)
    index = pd.DatetimeIndex(pd.to_datetime(order["start"])).tz_localize(None)
    data = pd.DataFrame(order["bars"], index=index)
    print(
        json.dumps(
            {
                "pandas-ta-classic, plain": best(classic_calls(data, False), order["rounds"]),
                "pandas-ta-classic on TA-Lib": best(classic_calls(data, True), order["rounds"]),
                "ta": best(ta_calls(data), order["rounds"]),
            }
        )
    )


main()
