"""plotly draws the chart of the order on standard input with kaleido, warm; answers milliseconds as JSON.

A new figure each time, as one would write it, its PNG made by the browser that kaleido keeps running.
"""

from __future__ import annotations

import json
import statistics
import struct
import sys
import time
import warnings
from collections.abc import Callable
from importlib.metadata import version
from typing import Any

warnings.simplefilter("ignore")  # what libraries that are not ours say about themselves

import plotly.graph_objects as go  # noqa: E402 - after the filter
import plotly.io as pio  # noqa: E402
from plotly.subplots import make_subplots  # noqa: E402

pio.kaleido.scope.mathjax = None  # it would be fetched from the network
HEIGHTS = [3.2, 0.8, 1, 1, 1]
OVER = ["sma_20", "sma_50", "bb_20_2_upper", "bb_20_2_mid", "bb_20_2_lower"]


def figure(order: dict[str, Any]) -> go.Figure:
    """The same lines in the same panels as ours; SuperTrend in two colours is two lines there."""
    bars, lines, x = order["bars"], order["lines"], order["start"]
    made = make_subplots(rows=5, cols=1, shared_xaxes=True, row_heights=HEIGHTS, vertical_spacing=0.02)
    candles = go.Candlestick(
        x=x, open=bars["open"], high=bars["high"], low=bars["low"], close=bars["close"], name="GLAS"
    )
    made.add_trace(candles, 1, 1)
    for name in OVER:
        made.add_trace(go.Scatter(x=x, y=lines[name], name=name, line_width=1.2), 1, 1)
    for up, colour in ((1, "green"), (-1, "red")):
        trend = zip(lines["supertrend_10_3"], lines["supertrend_10_3_direction"], strict=True)
        shown = [value if direction == up else None for value, direction in trend]
        made.add_trace(go.Scatter(x=x, y=shown, line_color=colour, line_width=1.2), 1, 1)
    rising = [close >= begin for close, begin in zip(bars["close"], bars["open"], strict=True)]
    made.add_trace(go.Bar(x=x, y=bars["volume"], marker_color=_colours(rising)), 2, 1)
    hist = lines["macd_12_26_9_hist"]
    made.add_trace(go.Bar(x=x, y=hist, marker_color=_colours([(one or 0) >= 0 for one in hist])), 3, 1)
    for name, row in (("macd_12_26_9", 3), ("macd_12_26_9_signal", 3), ("rsi_14", 4), ("atr_14", 5)):
        made.add_trace(go.Scatter(x=x, y=lines[name], name=name, line_width=1.2), row, 1)
    made.update_layout(
        title="GLAS · NASDAQ · daily",
        showlegend=False,
        xaxis_rangeslider_visible=False,
        template="plotly_white",
    )
    return made


def _colours(rising: list[bool]) -> list[str]:
    return ["green" if up else "red" for up in rising]


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

    def draw() -> bytes:
        image: bytes = figure(order).to_image(
            format="png", width=order["width"], height=order["height"], engine="kaleido"
        )
        return image

    size = list(struct.unpack(">II", draw()[16:24]))
    ways = {"new figure": timed(draw, order["rounds"])}
    name = f"plotly {version('plotly')} with kaleido {version('kaleido')}"
    print(json.dumps({"name": name, **ways["new figure"], "ways": ways, "size": size}))


main()
