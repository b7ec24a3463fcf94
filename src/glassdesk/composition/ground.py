"""What every process of a home opens first: clock, stores, artifacts."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from urllib.parse import urlsplit

from glassdesk.adapters.artifacts import open_artifacts
from glassdesk.adapters.calendars import ExchangeCalendar
from glassdesk.adapters.clocks import ManualClock, SystemClock, SystemStopwatch
from glassdesk.adapters.database import Stores, open_database
from glassdesk.adapters.indicators import own_kinds
from glassdesk.adapters.simulation import ControlPlane, Endpoint, SimulatedClock, attach
from glassdesk.kernel.clock import Clock, Stopwatch
from glassdesk.kernel.errors import Unavailable
from glassdesk.settings import Settings
from glassdesk.workflow.indicators.catalogue import use_own
from glassdesk.workflow.lineage.ports import ArtifactStore
from glassdesk.workflow.runs.jitter import WIDTH

CALENDAR_YEARS = 15
"""How far back calendars are opened in real time; a simulated market opens them before its tape."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """Opened parts that need no broker."""

    settings: Settings
    clock: Clock
    stopwatch: Stopwatch
    stores: Stores
    artifacts: ArtifactStore
    calendar: ExchangeCalendar
    simulator: Endpoint | None

    @property
    def jitter(self) -> timedelta:
        """Over how long runs of one instant begin."""
        chosen = self.settings.slot_jitter
        if chosen is None:
            return timedelta(0) if isinstance(self.clock, SimulatedClock) else WIDTH
        return timedelta(seconds=chosen)


@contextmanager
def open_ground(settings: Settings, *, look_only: bool = False) -> Iterator[Ground]:
    """Open clock, stores and artifacts of a home, and close them. Raises `Unavailable` where the simulator is
    not up; to `look_only` it need not be: time then stands where the desk last wrote something down."""
    use_own(own_kinds(settings.home / "indicators") if settings.own_indicators else ())
    with ExitStack() as opened:
        simulator = _simulator(settings, look_only=look_only)
        stores = open_database(
            settings.database_url,
            halt_file=settings.home / "halt.json",
            database_clock=urlsplit(settings.clock_url).scheme == "system",
        )
        opened.callback(stores.close)
        clock = _clock(settings, simulator, stores)
        opened.callback(clock.close if isinstance(clock, SimulatedClock) else clock.stop)
        yield Ground(
            settings=settings,
            clock=clock,
            stopwatch=SystemStopwatch(),
            stores=stores,
            artifacts=_artifacts(settings),
            calendar=ExchangeCalendar(_calendar_start(settings, clock)),
            simulator=simulator,
        )


def _simulator(settings: Settings, *, look_only: bool) -> Endpoint | None:
    if not (settings.clock_url.startswith("sim:") or settings.broker_url.startswith("simulator:")):
        return None
    try:
        return attach(settings.home)
    except Unavailable:
        if look_only:
            return None
        raise


def _clock(settings: Settings, simulator: Endpoint | None, stores: Stores) -> Clock:
    scheme = urlsplit(settings.clock_url).scheme
    if scheme == "system":
        return SystemClock()
    if scheme == "memory":
        return ManualClock(
            datetime.combine(settings.simulator_start, datetime.min.time(), tzinfo=UTC), auto=True
        )
    return ManualClock(_last_written(settings, stores)) if simulator is None else SimulatedClock(simulator)


def _last_written(settings: Settings, stores: Stores) -> datetime:
    with stores.transactions.read() as t:
        last, _ = stores.audit.head(t)
        rows = stores.audit.entries(t, after=max(0, last - 1), limit=1)
    start = datetime.combine(settings.simulator_start, datetime.min.time(), tzinfo=UTC)
    return rows[0].at if rows else start


def _artifacts(settings: Settings) -> ArtifactStore:
    secret = settings.s3_secret.get_secret_value() if settings.s3_secret else ""
    return open_artifacts(
        settings.artifacts_url, endpoint=settings.s3_endpoint, key=settings.s3_key, secret=secret
    )


def _calendar_start(settings: Settings, clock: Clock) -> date:
    if settings.simulated:
        return date(2000, 1, 3)
    return (clock.now() - timedelta(days=365 * CALENDAR_YEARS)).date()


def waker(ground: Ground) -> Callable[[], None]:
    """Wakes roles that wait on market time after a person's change: in real time they look again within
    seconds."""
    endpoint = ground.simulator
    return (lambda: _poke(endpoint)) if endpoint is not None else lambda: None


def _poke(endpoint: Endpoint) -> None:
    control = ControlPlane(endpoint)
    try:
        control.poke()
    finally:
        control.close()


def process_name(role: str) -> str:
    """A name of this process for leases."""
    return f"{role}-{os.getpid()}-{secrets.token_hex(2)}"
