"""What is written down, as figures: read from the database at each scrape, so that no restart loses it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import generate_latest

from glassdesk.kernel.errors import GlassdeskError
from glassdesk.workflow.operations.figures import Tally

Value = float | int | Decimal
Samples = Iterable[tuple[tuple[str, ...], Value]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One figure: a gauge, since what is counted may be counted again. `samples` answers label values and
    numbers; none where it is not known."""

    name: str
    meaning: str
    labels: tuple[str, ...] = ()
    samples: Callable[[Tally], Samples]


def _one(value: Callable[[Tally], Value | None]) -> Callable[[Tally], Samples]:
    def samples(tally: Tally) -> Samples:
        found = value(tally)
        return [] if found is None else [((), found)]

    return samples


def _each(value: Callable[[Tally], Iterable[tuple[str, Value]]]) -> Callable[[Tally], Samples]:
    return lambda tally: [((name,), number) for name, number in value(tally)]


def _age(value: Callable[[Tally], datetime | None]) -> Callable[[Tally], Samples]:
    def seconds(tally: Tally) -> float | None:
        since = value(tally)
        return None if since is None else (tally.at - since).total_seconds()

    return _one(seconds)


def _lease(tally: Tally) -> float | None:
    return None if tally.lease is None else (tally.lease.until - tally.at).total_seconds()


def _inspected(tally: Tally) -> Value | None:
    return None if tally.inspected is None else int(not tally.inspected.problem)


def _figure(name: str, meaning: str, samples: Callable[[Tally], Samples], *labels: str) -> Figure:
    return Figure(name=f"glassdesk_{name}", meaning=meaning, labels=labels, samples=samples)


FIGURES: tuple[Figure, ...] = (
    _figure("runs", "Runs there ever were", _each(lambda t: t.counted.runs.items()), "state"),
    _figure("runs_waiting", "Runs that wait for a worker", _one(lambda t: t.counted.runs.get("due", 0))),
    _figure(
        "runs_waiting_seconds", "Since the slot of the oldest of them", _age(lambda t: t.counted.due_since)
    ),
    _figure("slots", "Slots there ever were", _each(lambda t: t.counted.slots.items()), "state"),
    _figure(
        "service_level_slots",
        "Slots of thirty days that could be decided: complete, pending, or lost by cause",
        lambda t: [
            (("complete",), t.level.complete),
            (("pending",), t.level.pending),
            *(((cause.value,), lost) for cause, lost in t.level.misses.items()),
        ],
        "outcome",
    ),
    _figure("service_level", "The share of them that was decided", _one(lambda t: t.level.share)),
    _figure("orders", "Orders there ever were", _each(lambda t: t.counted.orders.items()), "state"),
    _figure(
        "sends",
        "Writes to the broker, by the class of their answer",
        _each(lambda t: t.counted.sends.items()),
        "outcome",
    ),
    _figure(
        "orders_unknown", "Orders of unknown fate now", _one(lambda t: t.counted.orders.get("unknown", 0))
    ),
    _figure(
        "orders_unknown_seconds",
        "Since when the oldest of them is",
        _age(lambda t: t.counted.unknown_since),
    ),
    _figure("orders_resolved", "Unknown fates that were found out", _one(lambda t: t.counted.resolved)),
    _figure(
        "orders_resolved_seconds",
        "How long that took, all together",
        _one(lambda t: t.counted.resolving_seconds),
    ),
    _figure(
        "executions", "Fills, busted ones not counted", _each(lambda t: t.counted.executions.items()), "side"
    ),
    _figure(
        "model_calls",
        "Calls of models: ok, failed, open",
        lambda t: [((one.endpoint, one.result), one.calls) for one in t.counted.models],
        "model",
        "result",
    ),
    _figure(
        "model_cost_usd",
        "What they cost; what was reserved where nobody said",
        lambda t: [((one.endpoint, one.result), one.cost) for one in t.counted.models],
        "model",
        "result",
    ),
    _figure(
        "budget_left",
        "What is left of a budget for models: US dollars, or calls",
        _each(lambda t: [(one.name, one.most - one.used) for one in t.budgets]),
        "budget",
    ),
    _figure(
        "notifications_pending",
        "Notifications that not every channel has",
        _each(lambda t: t.counted.untold.items()),
        "severity",
    ),
    _figure("alarms", "Alarms that nobody has acknowledged", _one(lambda t: t.counted.alarms)),
    _figure("halt_level", "0 ACTIVE to 6 FREEZE", _one(lambda t: int(t.halt))),
    _figure("session_ready", "1 where the dealer saw it ready", _one(lambda t: int(t.session_ready))),
    _figure("dealer_lease_seconds", "How long the dealer's lease lives; below 0: over", _one(_lease)),
    _figure("dealer_turn_age_seconds", "Since a dealer last ended a turn", _age(lambda t: t.turned_at)),
    _figure("worker_tick_age_seconds", "Since a worker last ticked", _age(lambda t: t.ticked_at)),
    _figure(
        "audit_inspection_age_seconds",
        "Since the audit chain was last recomputed",
        _age(lambda t: t.inspected.at if t.inspected is not None else None),
    ),
    _figure("audit_inspection_ok", "1 where it held", _one(_inspected)),
)
UP = "glassdesk_database_up"


class Tallies:
    """A collector: one look at the database for each scrape."""

    def __init__(self, tally: Callable[[], Tally]) -> None:
        self._tally = tally
        self.registry = CollectorRegistry(auto_describe=False)
        self.registry.register(self)

    def describe(self) -> Iterable[Metric]:
        """Nothing: a registry that asks would read the database while it is built."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Every figure; only that the database is away where it is."""
        try:
            tally = self._tally()
        except GlassdeskError:
            yield GaugeMetricFamily(UP, "1 where the database could be read", value=0)
            return
        yield GaugeMetricFamily(UP, "1 where the database could be read", value=1)
        for figure in FIGURES:
            family = GaugeMetricFamily(figure.name, figure.meaning, labels=figure.labels)
            for labels, number in figure.samples(tally):
                family.add_metric(labels, float(number))
            yield family


def told(*registries: CollectorRegistry) -> bytes:
    """The text that Prometheus reads."""
    return b"".join(generate_latest(one) for one in registries)
