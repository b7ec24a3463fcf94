"""What a stage stands on: the simulator's world, and the product's settings, stores and calendar."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

from glassdesk.adapters.artifacts import open_artifacts
from glassdesk.adapters.calendars import ExchangeCalendar
from glassdesk.adapters.database import open_database
from glassdesk.composition.ground import Ground
from glassdesk.kernel.clock import Clock
from glassdesk.kernel.ids import AccountKind
from glassdesk.settings import Settings
from ibkr_simulator.checking import Watch
from ibkr_simulator.instants import parse
from ibkr_simulator.switches import Switches
from ibkr_simulator.truth import TruthLog
from ibkr_simulator.world import World
from tests.faults.market import StillStopwatch, history


def a_world(at: str, switches: dict[str, str]) -> World:
    """The tape of real days from an instant on, with full pacing; what it answers is held against
    the schemas, and a violation fails the session (`tests/conftest.py`)."""
    given = Switches({"pacing": "full", **switches})
    world = World(market=history(), switches=given, seed=7, start=parse(at), truth=TruthLog(None))
    world.observers.append(Watch(report=Path(os.environ["IBKR_SIMULATOR_VIOLATIONS"])))
    return world


def a_ground(
    home: Path,
    kind: AccountKind,
    clock: Clock,
    stopwatch: StillStopwatch,
    database: str = "memory:",
    **settings_of_test: object,
) -> Ground:
    """Everything in memory, unless a database is named. Other words are settings."""
    plain: dict[str, object] = {
        "deployment": "tests",
        "artifacts_url": "memory:",
        "broker_url": "memory:",
        "clock_url": "memory:",
    }
    settings = Settings(
        **{**plain, **settings_of_test},  # type: ignore[arg-type]  # by name
        home=home,
        database_url=database,
        account_kind=kind,
    )
    return Ground(
        settings=settings,
        clock=clock,
        stopwatch=stopwatch,
        stores=open_database(database),
        artifacts=open_artifacts("memory:"),
        calendar=_calendar(),
        simulator=None,
    )


_CALENDARS: list[ExchangeCalendar] = []


def _calendar() -> ExchangeCalendar:
    """Opening a calendar takes longer than a test."""
    if not _CALENDARS:
        _CALENDARS.append(ExchangeCalendar(date(2004, 1, 2)))
    return _CALENDARS[0]
