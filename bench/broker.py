"""What the adapter makes of the pace the broker allows, and what it costs beside plain httpx2.

Both against the simulator over TLS. The bound of the first question is arithmetic: eight requests in any
second, as the gate counts them, divided by the reads of one decision. The peer of the second is the same GET
by httpx2 alone, its body read by `json.loads`.
"""

from __future__ import annotations

import json
import math
import ssl
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path

import httpx2

from bench.answer import Answer, less_is_better
from glassdesk.adapters.clocks import ManualClock, SystemClock, SystemStopwatch
from glassdesk.adapters.ibkr import Broker, Call, connect
from glassdesk.adapters.ibkr.broker import reading_ports
from glassdesk.adapters.ibkr.calls import Request
from glassdesk.adapters.ibkr.pacing import REQUESTS_PER_SECOND, TOO_MANY
from glassdesk.adapters.simulation import ControlPlane, Endpoint
from glassdesk.kernel.clock import Clock
from glassdesk.workflow.market_data.model import BarSize
from tests.adapters.ibkr.gateway import ACCOUNT
from tests.adapters.simulation.running import simulator

SECONDS = 30.0
BARS = 250
ROUNDS = 300
OPEN = datetime(2012, 10, 1, 14, 0, tzinfo=UTC)
CONIDS = (265598, 272093, 8314, 208813719)
READS_OF_A_DECISION = 2
"""Order rules and history: what a run reads before risk; the quote is read with the order."""
READERS = 8


def ask() -> list[Answer]:
    """Half a minute of decisions at the gate's pace, then reads by turns with and without the adapter."""
    with (
        tempfile.TemporaryDirectory() as folder,
        simulator(Path(folder), start=date(2012, 10, 1)) as endpoint,
    ):
        control = ControlPlane(endpoint)
        control.sign_in()
        control.advance_to(OPEN)
        answers = [_symbols_per_minute(endpoint)]
        control.switch(pacing="off")
        answers += _overhead(endpoint)
        control.close()
    return answers


@contextmanager
def _broker(endpoint: Endpoint, clock: Clock, calls: list[Call]) -> Iterator[Broker]:
    broker = connect(endpoint.url, endpoint.cert, clock, SystemStopwatch(), calls.append, ACCOUNT)
    try:
        yield broker
    finally:
        broker.close()


def _symbols_per_minute(endpoint: Endpoint) -> Answer:
    """Symbols analysed by eight readers; each asks as for the first time, so that nothing comes from a cache.

    Raises RuntimeError when the broker ever answered that it was too much.
    """
    calls: list[Call] = []
    with _broker(endpoint, SystemClock(), calls) as broker:
        broker.session.accounts()
        time.sleep(1.0)
        began = time.monotonic()
        with ThreadPoolExecutor(READERS) as pool:
            done = sum(pool.map(lambda number: _analyse(broker, number, began), range(READERS)))
        elapsed = time.monotonic() - began
    refused = [call for call in calls if call.status == TOO_MANY]
    if refused:
        raise RuntimeError(f"{len(refused)} requests were answered with 429")
    most = REQUESTS_PER_SECOND * (math.floor(elapsed) + 1) / READS_OF_A_DECISION
    return Answer(
        question="symbols analysed per minute, at the pace the broker allows",
        ours=round(done / elapsed * 60, 1),
        peer=round(most / elapsed * 60, 1),
        peer_name=f"bound: {REQUESTS_PER_SECOND} requests in any second, {READS_OF_A_DECISION} a symbol",
        ratio=round(done / most, 3),
        unit="symbols/min",
    )


def _analyse(broker: Broker, number: int, began: float) -> int:
    done = 0
    while time.monotonic() - began < SECONDS:
        conid, clock = CONIDS[(number + done) % len(CONIDS)], SystemClock()
        ports = reading_ports(broker.gate, clock, ACCOUNT)
        ports.contracts.rules(conid, fetched_at=clock.now())
        if len(ports.market_data.history(conid, BarSize.DAY, BARS, read_at=clock.now()).bars) < BARS:
            raise RuntimeError("the simulator has too few bars")
        done += 1
    return done


def _overhead(endpoint: Endpoint) -> list[Answer]:
    """In a clock that waits for nobody the gate paces without waiting, so only its own work is measured."""
    query = {"conid": str(CONIDS[0]), "period": "2y", "bar": "1d", "outsideRth": "false"}
    read = Request(method="GET", path="/iserver/marketdata/history", params=query)
    small = Request(method="GET", path="/trsrv/stocks", params={"symbols": "AAPL"})
    with _broker(endpoint, ManualClock(OPEN, auto=True), []) as broker, _plain(endpoint) as http:

        def gate_alone() -> None:
            broker.gate.read(small)

        def plain_small() -> None:
            json.loads(http.get(small.path, params=dict(small.params)).content)

        def history() -> None:
            reads = reading_ports(broker.gate, ManualClock(OPEN), ACCOUNT)
            reads.market_data.history(CONIDS[0], BarSize.DAY, BARS, read_at=OPEN)

        def plain_history() -> None:
            json.loads(http.get(read.path, params=query).content)

        gate, plain = _medians(gate_alone, plain_small)
        parsed, unparsed = _medians(history, plain_history)
    return [
        less_is_better("a small read through the gate", gate, plain, "httpx2 and json.loads", "ms"),
        less_is_better(
            "a year and more of daily bars, checked", parsed, unparsed, "httpx2 and json.loads", "ms"
        ),
    ]


@contextmanager
def _plain(endpoint: Endpoint) -> Iterator[httpx2.Client]:
    trust = ssl.create_default_context(cafile=endpoint.cert)
    with httpx2.Client(base_url=endpoint.url + "/v1/api", verify=trust, trust_env=False) as http:
        http.get("/iserver/accounts")
        yield http


def _medians(*deeds: Callable[[], None]) -> Sequence[float]:
    """Milliseconds of each, by turns, so that the machine's moods meet all of them alike."""
    for deed in deeds:
        deed()
    taken: list[list[float]] = [[] for _ in deeds]
    for _ in range(ROUNDS):
        for deed, times in zip(deeds, taken, strict=True):
            began = time.perf_counter()
            deed()
            times.append((time.perf_counter() - began) * 1000)
    return [statistics.median(times) for times in taken]
