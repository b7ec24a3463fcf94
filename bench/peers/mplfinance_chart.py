"""mplfinance draws the chart of the order on standard input, warm, on Agg; answers milliseconds as JSON.

Two documented ways are timed: `savefig` of a new figure each time, and external axes of one figure that are
cleared and drawn again (its way for animations). The faster one counts.
"""

from __future__ import annotations

import io
import json
import statistics
import struct
import sys
import time
from collections.abc import Callable
from typing import Any

import matplotlib as mpl

mpl.use("Agg")

import mplfinance as mpf
import pandas as pd

DPI = 100
RATIOS = (3.2, 0.8, 1, 1, 1)


def frame(order: dict[str, Any]) -> pd.DataFrame:
    index = pd.DatetimeIndex(pd.to_datetime(order["start"]).tz_convert("America/New_York").tz_localize(None))
    return pd.DataFrame({name.title(): values for name, values in order["bars"].items()}, index=index)


def lines(order: dict[str, Any], where: Callable[[int], dict[str, Any]]) -> list[dict[str, Any]]:
    """The same lines in the same panels as ours; SuperTrend in two colours is two lines there."""
    values = {name: pd.Series(row, dtype=float).to_numpy() for name, row in order["lines"].items()}
    up = values["supertrend_10_3_direction"] > 0
    trend = values["supertrend_10_3"]
    over = ["sma_20", "sma_50", "bb_20_2_upper", "bb_20_2_mid", "bb_20_2_lower"]
    hist = values["macd_12_26_9_hist"]
    add = mpf.make_addplot
    return [
        *(add(values[name], width=1.2, **where(0)) for name in over),
        add(pd.Series(trend).where(up).to_numpy(), color="g", width=1.2, **where(0)),
        add(pd.Series(trend).where(~up).to_numpy(), color="r", width=1.2, **where(0)),
        add(hist, type="bar", color=["g" if value >= 0 else "r" for value in hist], **where(2)),
        add(values["macd_12_26_9"], width=1.2, secondary_y=False, **where(2)),
        add(values["macd_12_26_9_signal"], width=1.2, secondary_y=False, **where(2)),
        add(values["rsi_14"], width=1.2, **where(3)),
        add(values["atr_14"], width=1.2, **where(4)),
    ]


def new_figure(order: dict[str, Any], data: pd.DataFrame) -> Callable[[], bytes]:
    size = (order["width"] / DPI, order["height"] / DPI)
    added = lines(order, lambda panel: {"panel": panel})

    def draw() -> bytes:
        out = io.BytesIO()
        mpf.plot(
            data,
            type="candle",
            volume=True,
            volume_panel=1,
            addplot=added,
            panel_ratios=RATIOS,
            figsize=size,
            title="GLAS · NASDAQ · daily",
            savefig={"fname": out, "dpi": DPI},
        )
        return out.getvalue()

    return draw


def same_figure(order: dict[str, Any], data: pd.DataFrame) -> Callable[[], bytes]:
    size = (order["width"] / DPI, order["height"] / DPI)
    figure = mpf.figure(figsize=size, dpi=DPI)
    grid = figure.add_gridspec(5, 1, height_ratios=RATIOS)
    axes = [figure.add_subplot(grid[i]) for i in range(5)]
    added = lines(order, lambda panel: {"ax": axes[panel]})
    figure.suptitle("GLAS · NASDAQ · daily")

    def draw() -> bytes:
        for ax in axes:
            ax.clear()
        out = io.BytesIO()
        mpf.plot(data, type="candle", ax=axes[0], volume=axes[1], addplot=added)
        figure.savefig(out, dpi=DPI)
        return out.getvalue()

    return draw


def timed(draw: Callable[[], bytes], rounds: int) -> dict[str, float]:
    for _ in range(5):
        draw()
    spans = []
    for _ in range(rounds):
        start = time.perf_counter()
        draw()
        spans.append((time.perf_counter() - start) * 1000)
    return {"best": round(min(spans), 1), "median": round(statistics.median(spans), 1)}


def main() -> None:
    order = json.load(sys.stdin)
    data = frame(order)
    ways = {"new figure": new_figure(order, data), "same figure": same_figure(order, data)}
    sizes = {name: list(struct.unpack(">II", draw()[16:24])) for name, draw in ways.items()}
    wanted = [order["width"], order["height"]]
    results = {name: timed(draw, order["rounds"]) for name, draw in ways.items() if sizes[name] == wanted}
    best, median = (
        min((result[kind] for result in results.values()), default=0.0) for kind in ("best", "median")
    )
    size = wanted if results else next(iter(sizes.values()))
    print(
        json.dumps(
            {
                "name": f"mplfinance {mpf.__version__}",
                "best": best,
                "median": median,
                "ways": results,
                "size": size,
            }
        )
    )


main()
