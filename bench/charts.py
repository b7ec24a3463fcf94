"""How long does one chart take, as PNG, with the same pixels, bars, lines and panels?

Ours counts from bars and values to SVG, PNG, three hashes and the reading code; the peer from a ready
DataFrame to PNG. Indicators are computed beforehand for both. Both are warm, and the best of all rounds
counts, because on a shared machine everything else is noise.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.answer import Answer, less_is_better
from glassdesk.adapters.charting.pyvips import pyvips_rasteriser
from glassdesk.workflow.charts.model import ChartSpec
from glassdesk.workflow.charts.service import Charts
from glassdesk.workflow.indicators.compute import compute
from glassdesk.workflow.indicators.model import IndicatorValues
from glassdesk.workflow.indicators.presets import STANDARD
from glassdesk.workflow.market_data.model import Bar
from tests.workflow.charts.pictures import CONTRACT, ZONE
from tests.workflow.indicators.worlds import bar_set, walk

ROUNDS = 25
PEER = Path(__file__).parent / "peers" / "mplfinance_chart.py"


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
    charts, history = Charts(pyvips_rasteriser()), bar_set(bars)
    return timing(lambda: charts.draw(spec, CONTRACT, history, values, zone=ZONE))


def peer(spec: ChartSpec, bars: tuple[Bar, ...], values: IndicatorValues) -> dict[str, Any]:
    """The peer's own process, with the shown bars and lines on its standard input."""
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
        [sys.executable, str(PEER)], input=json.dumps(order), capture_output=True, text=True, check=False
    )
    if run.returncode:
        raise SystemExit(
            f"the peer failed; its libraries are in requirements/bench.txt\n{run.stderr[-2000:]}"
        )
    answer: dict[str, Any] = json.loads(run.stdout)
    assert answer["size"] == [spec.width, spec.height], answer
    return answer


def ask() -> list[Answer]:
    """One chart of 90 bars, five panels, 1024 × 768."""
    spec, bars = ChartSpec(), walk(300, seed=3)
    values = compute(STANDARD, bars)
    theirs, mine = peer(spec, bars, values), ours(spec, bars, values)
    print(f"  ours: best {mine.best:.1f}, median {mine.median:.1f} ms; {theirs['name']}: {theirs['ways']}")
    return [
        less_is_better(
            "one chart as PNG, warm, 1024 × 768, 5 panels", mine.best, theirs["best"], theirs["name"], "ms"
        )
    ]
