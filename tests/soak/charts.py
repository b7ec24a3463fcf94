"""`python -m tests.soak.charts --charts 10000`: so many charts of every size and theme in one process, which
must not grow. Prints one JSON object; exit code 1 where it did."""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import gc
import json
import os
import sys
from itertools import cycle, islice
from pathlib import Path

from glassdesk.adapters.charting.agg import agg_rasteriser
from glassdesk.workflow.charts.model import ChartSpec, Theme
from glassdesk.workflow.charts.service import Charts
from glassdesk.workflow.indicators.compute import compute
from glassdesk.workflow.indicators.presets import PRESETS
from tests.workflow.charts.pictures import CONTRACT, ZONE
from tests.workflow.indicators.worlds import bar_set, walk

SIZES = ((640, 480), (1024, 768), (1920, 1400))
MAY_GROW = 8 * 1024
"""KiB over the whole soak: one forgotten picture in a thousand would be more."""


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.soak.charts")
    parser.add_argument("--charts", type=int, default=10_000)
    parser.add_argument("--warm", type=int, default=300, help="charts before memory is measured first")
    given = parser.parse_args(arguments)
    draw(given.warm)
    before = resident()
    drawn = draw(given.charts)
    after = resident()
    report = {"charts": drawn, "before_kib": before, "after_kib": after, "grown_kib": after - before}
    sys.stdout.write(json.dumps(report | {"may_grow_kib": MAY_GROW}, indent=2) + "\n")
    return 1 if after - before > MAY_GROW else 0


def draw(count: int) -> int:
    """Charts of every packaged set, size and theme in turn; answers how many pictures there were."""
    charts = Charts(agg_rasteriser())
    kinds = [(wanted, size, theme) for wanted in PRESETS for size in SIZES for theme in Theme]
    worlds = [walk(260, seed=seed) for seed in range(5)]
    pictures = 0
    for number, (wanted, (width, height), theme) in enumerate(islice(cycle(kinds), count)):
        bars = worlds[number % len(worlds)]
        spec = ChartSpec(width=width, height=height, theme=theme)
        picture = charts.draw(spec, CONTRACT, bar_set(bars), compute(wanted, bars), zone=ZONE)
        pictures += len(picture.png) > 1000
    return pictures


def resident() -> int:
    """KiB of this process in memory, once what is not needed is given back: glibc keeps the buffer of a large
    picture or not, by what was drawn last."""
    gc.collect()
    with contextlib.suppress(AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") // 1024


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
