"""Figures of the desk for who watches over it: counted from what is written down, so that they survive every
restart and are the same in every process."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from glassdesk.kernel.clock import Clock, Stopwatch
from glassdesk.kernel.leases import Lease, LeaseStore
from glassdesk.kernel.unit_of_work import Transaction, Transactions
from glassdesk.workflow.lineage.model import Inspected
from glassdesk.workflow.lineage.ports import InspectionStore
from glassdesk.workflow.operations.ports import SignsOfLife
from glassdesk.workflow.risk.model import HaltLevel
from glassdesk.workflow.risk.service import Risk
from glassdesk.workflow.schedules.service import Schedules
from glassdesk.workflow.schedules.service_level import ServiceLevel
from glassdesk.workflow.session.service import Session
from glassdesk.workflow.signals.governor import Governor, Limit

LEVEL_SECONDS = 60.0
"""Machine seconds for which the service level is kept: it reads a month of slots."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelUse:
    """Calls of one model with one result (`ok`, `failed`, `open`) and what they cost in US dollars."""

    endpoint: str
    result: str
    calls: int
    cost: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """What the database counts by itself."""

    runs: Mapping[str, int]
    due_since: datetime | None
    """The slot of the oldest run that waits for a worker."""
    slots: Mapping[str, int]
    orders: Mapping[str, int]
    sends: Mapping[str, int]
    """Writes to the broker by the class of their answer."""
    unknown_since: datetime | None
    """Since when the oldest order is of unknown fate that still is."""
    resolved: int
    """How often an order that was of unknown fate was found out."""
    resolving_seconds: float
    """How long that took, all together."""
    executions: Mapping[str, int]
    """Fills by side, busted ones not counted."""
    models: Sequence[ModelUse]
    untold: Mapping[str, int]
    """Notifications that not every channel has, by severity."""
    alarms: int
    """Alarms that nobody has acknowledged."""


class Counts(Protocol):
    """The database's own counts."""

    def count(self, t: Transaction) -> Counted:
        """All of them, in a number of queries that does not grow."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """Everything, at one instant of market time."""

    at: datetime
    counted: Counted
    halt: HaltLevel
    session_ready: bool
    lease: Lease | None
    turned_at: datetime | None
    ticked_at: datetime | None
    inspected: Inspected | None
    budgets: tuple[Limit, ...]
    level: ServiceLevel


class Figures:
    """Counts when asked."""

    def __init__(
        self,
        transactions: Transactions,
        counts: Counts,
        signs: SignsOfLife,
        leases: LeaseStore,
        session: Session,
        risk: Risk,
        inspections: InspectionStore,
        governor: Governor,
        schedules: Schedules,
        clock: Clock,
        stopwatch: Stopwatch,
        *,
        dealer: str,
    ) -> None:
        self._transactions = transactions
        self._counts = counts
        self._signs = signs
        self._leases = leases
        self._session = session
        self._risk = risk
        self._inspections = inspections
        self._governor = governor
        self._schedules = schedules
        self._clock = clock
        self._stopwatch = stopwatch
        self._dealer = dealer
        self._level: tuple[float, ServiceLevel] | None = None

    def tally(self) -> Tally:
        """Of now. Raises `Unavailable`."""
        now = self._clock.now()
        with self._transactions.read() as t:
            status = self._session.status(t)
            return Tally(
                at=now,
                counted=self._counts.count(t),
                halt=self._risk.halt(t).level,
                session_ready=status is not None and status.ready,
                lease=self._leases.holder(t, self._dealer),
                turned_at=self._signs.seen(t, self._dealer),
                ticked_at=self._signs.seen(t, "ticker"),
                inspected=next(iter(self._inspections.inspections(t, limit=1)), None),
                budgets=self._governor.limits(t),
                level=self._service_level(t, now),
            )

    def _service_level(self, t: Transaction, now: datetime) -> ServiceLevel:
        seconds = self._stopwatch.seconds()
        if self._level is None or seconds - self._level[0] >= LEVEL_SECONDS:
            self._level = (seconds, self._schedules.service_level(t, now))
        return self._level[1]
