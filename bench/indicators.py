"""How long do the indicators of the catalogue take over 500 bars?

Ours counts from checked columns to named values of ten digits, rounding and `None` included; a peer from
ready Series to its own. A peer is compared with our time for the indicators that it has. All are warm, and
the best of all rounds counts, because on a shared machine everything else is noise.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

from bench.answer import Answer, less_is_better
from glassdesk.workflow.indicators.catalogue import CATALOGUE, complete
from glassdesk.workflow.indicators.columns import columns_of
from glassdesk.workflow.indicators.compute import compute_columns
from glassdesk.workflow.indicators.kind import Columns
from glassdesk.workflow.indicators.model import IndicatorSpec
from glassdesk.workflow.market_data.model import Bar
from tests.workflow.indicators.worlds import walk

BARS = 500
ROUNDS = 30
LIMIT = 3.0
"""Milliseconds for the whole catalogue."""
PEER = Path(__file__).parent / "peers" / "pandas_indicators.py"


def best(do: Callable[[], object]) -> float:
    """Milliseconds, the best of all rounds."""
    spans = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        do()
        spans.append((time.perf_counter() - start) * 1000)
    return min(spans)


def ours(columns: Columns, kinds: Collection[str]) -> float:
    specs = [complete(IndicatorSpec(kind=entry.kind)) for entry in CATALOGUE if entry.kind in kinds]
    return best(lambda: compute_columns(specs, columns))


def peers(bars: tuple[Bar, ...]) -> dict[str, dict[str, float]]:
    """The peers' own process, with the bars on its standard input."""
    names = ("open", "high", "low", "close", "volume")
    order = {
        "rounds": ROUNDS // 3,
        "start": [bar.start.isoformat() for bar in bars],
        "bars": {name: [float(getattr(bar, name)) for bar in bars] for name in names},
    }
    run = subprocess.run(  # noqa: S603 -- our own script
        [sys.executable, str(PEER)], input=json.dumps(order), capture_output=True, text=True, check=False
    )
    if run.returncode:
        raise SystemExit(
            f"the peer failed; its libraries are in requirements/bench.txt\n{run.stderr[-2000:]}"
        )
    answer: dict[str, Any] = json.loads(run.stdout)
    return answer


def ask() -> list[Answer]:
    """The whole catalogue against its limit, and against each peer for what the peer has."""
    bars = walk(BARS, seed=3)
    columns = columns_of(bars)
    everything, reading = ours(columns, {entry.kind for entry in CATALOGUE}), best(lambda: columns_of(bars))
    whole = f"{len(CATALOGUE)} indicators over {BARS} bars"
    print(f"  {whole}: {everything:.2f} ms; to check the bars {reading:.2f} ms")
    answers = [less_is_better(whole, everything, LIMIT, "limit", "ms")]
    for name, spans in peers(bars).items():
        question = f"the {len(spans)} indicators that it has, over {BARS} bars"
        answers.append(less_is_better(question, ours(columns, spans), sum(spans.values()), name, "ms"))
    return answers
