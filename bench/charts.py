"""How long does one chart take, as PNG, with the same pixels, bars, lines and panels?

Ours counts from bars and values to SVG, PNG, three hashes and the reading code; a peer from ready columns to
PNG. Indicators are computed beforehand for all. All are warm, and the median of 30 rounds counts; the load of
the machine is printed beside it.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.answer import Answer, less_is_better
from glassdesk.adapters.charting.agg import agg_rasteriser
from glassdesk.workflow.charts.model import ChartSpec
from glassdesk.workflow.charts.service import Charts
from glassdesk.workflow.indicators.compute import compute
from glassdesk.workflow.indicators.model import IndicatorValues
from glassdesk.workflow.indicators.presets import STANDARD
from glassdesk.workflow.market_data.model import Bar
from tests.workflow.charts.pictures import CONTRACT, ZONE
from tests.workflow.indicators.worlds import bar_set, walk

ROUNDS = 30
PEERS = Path(__file__).parent / "peers"
SIZES = ((1024, 768, 40.0), (1920, 1400, 90.0))
"""Pixels, and the milliseconds we allow ourselves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """Milliseconds per chart."""

    best: float
    median: float


def timing(draw: Callable[[], object]) -> Timing:
    for _ in range(5):
        draw()
    rounds = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        draw()
        rounds.append((time.perf_counter() - start) * 1000)
    return Timing(best=min(rounds), median=statistics.median(rounds))


def ours(spec: ChartSpec, bars: tuple[Bar, ...], values: IndicatorValues) -> Timing:
    charts, history = Charts(agg_rasteriser()), bar_set(bars)
    return timing(lambda: charts.draw(spec, CONTRACT, history, values, zone=ZONE))


def peer(script: str, spec: ChartSpec, bars: tuple[Bar, ...], values: IndicatorValues) -> dict[str, Any]:
    """A peer's own process, with the shown bars and lines on its standard input."""
    shown = bars[-spec.bars :]
    order = {
        "width": spec.width,
        "height": spec.height,
        "rounds": ROUNDS,
        "start": [bar.start.isoformat() for bar in shown],
        "bars": {
            name: [float(getattr(bar, name)) for bar in shown]
            for name in ("open", "high", "low", "close", "volume")
        },
        "lines": {line.name: line.values[-spec.bars :] for line in values.lines},
    }
    run = subprocess.run(  # noqa: S603 -- our own script
        [sys.executable, str(PEERS / script)],
        input=json.dumps(order),
        capture_output=True,
        text=True,
        check=False,
    )
    if run.returncode:
        raise SystemExit(
            f"the peer failed; its libraries are in requirements/bench.txt\n{run.stderr[-2000:]}"
        )
    answer: dict[str, Any] = json.loads(run.stdout)
    assert answer["size"] == [spec.width, spec.height], answer
    return answer


def ask() -> list[Answer]:
    """One chart of 90 bars and five panels, at each size."""
    return [answer for width, height, limit in SIZES for answer in _of_size(width, height, limit)]


def _of_size(width: int, height: int, limit: float) -> list[Answer]:
    spec, bars = ChartSpec(width=width, height=height), walk(300, seed=3)
    values = compute(STANDARD, bars)
    mine, busy = ours(spec, bars, values), os.getloadavg()[0]
    what = f"one chart as PNG, warm, {width} × {height}, 5 panels, median of {ROUNDS}"
    print(f"  ours: best {mine.best:.1f}, median {mine.median:.1f} ms at a load of {busy:.1f}")
    answers = [less_is_better(what, mine.median, limit, "limit", "ms")]
    for script in ("mplfinance_chart.py", "plotly_chart.py"):
        theirs = peer(script, spec, bars, values)
        print(f"  {theirs['name']}: {theirs['ways']} at a load of {os.getloadavg()[0]:.1f}")
        answers.append(less_is_better(what, mine.median, theirs["median"], theirs["name"], "ms"))
    return answers
