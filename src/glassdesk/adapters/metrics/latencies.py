"""How long work takes in this process. Labels come from small sets: no run, no order, no account is one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from time import perf_counter

from prometheus_client import CollectorRegistry, Histogram

from glassdesk.kernel.work import Kind, Work


@dataclass(frozen=True, slots=True, kw_only=True)
class Timed:
    """One kind of work as a histogram; `labels` take name and result, in this order."""

    name: str
    meaning: str
    labels: tuple[str, ...]
    seconds: tuple[float, ...]


_QUICK = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0)
_SLOW = (0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0)

TIMED: Mapping[Kind, Timed] = {
    Kind.RUN: Timed(
        name="glassdesk_run_seconds",
        meaning="A worker over one run, by how it ended",
        labels=("result",),
        seconds=_SLOW,
    ),
    Kind.STEP: Timed(
        name="glassdesk_step_seconds",
        meaning="One step of a run, without its commit",
        labels=("step", "result"),
        seconds=_SLOW,
    ),
    Kind.TURN: Timed(
        name="glassdesk_turn_seconds",
        meaning="One turn of the dealer",
        labels=("result",),
        seconds=_QUICK,
    ),
    Kind.SEND: Timed(
        name="glassdesk_send_seconds",
        meaning="One write for an order, by the class of its answer",
        labels=("verb", "result"),
        seconds=_QUICK,
    ),
    Kind.BROKER: Timed(
        name="glassdesk_broker_request_seconds",
        meaning="One exchange with the broker, by HTTP status; error where none came",
        labels=("endpoint", "status"),
        seconds=_QUICK,
    ),
    Kind.WAIT: Timed(
        name="glassdesk_pacing_wait_seconds",
        meaning="A request that waited its turn; machine time",
        labels=("result",),
        seconds=_QUICK,
    ),
    Kind.MODEL: Timed(
        name="glassdesk_model_call_seconds",
        meaning="One call of a model",
        labels=("model", "result"),
        seconds=_SLOW,
    ),
}
assert set(TIMED) == set(Kind)  # noqa: S101 - a kind that nobody times is forgotten here


class Latencies:
    """A watcher of work (`glassdesk.kernel.work`)."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._histograms = {
            kind: Histogram(
                timed.name, timed.meaning, timed.labels, buckets=timed.seconds, registry=self.registry
            )
            for kind, timed in TIMED.items()
        }

    @contextmanager
    def __call__(self, work: Work) -> Iterator[None]:
        """Time one piece of work."""
        began = perf_counter()
        try:
            yield
        finally:
            timed = TIMED[work.kind]
            values = (work.name, work.result)[-len(timed.labels) :]
            self._histograms[work.kind].labels(*values).observe(perf_counter() - began)
