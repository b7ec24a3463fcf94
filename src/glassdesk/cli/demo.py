"""`glassdesk demo`: the whole job on historical prices, checked against the simulated broker's own books."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from glassdesk.cli import demo_report
from glassdesk.cli.embedded import Embedded, open_embedded, ready_on_the_simulator, simulation_of
from glassdesk.cli.here import Here, command, single
from glassdesk.cli.up import serve_until_stopped
from glassdesk.composition.examples import load_examples
from glassdesk.composition.simulation import end_simulator, start_simulator
from glassdesk.kernel.errors import Denied, InvalidInput
from glassdesk.kernel.ids import AccountKind
from glassdesk.settings import Settings, load

app = single()
ACTOR = "demo"


@command(app)
def demo(
    here: Here,
    start: Annotated[
        str, typer.Option(metavar="DATE", help="First session, 2000-03-01 to 2013-02-01.")
    ] = "2012-10-01",
    days: Annotated[int, typer.Option(min=1, max=250, help="Trading days to run.")] = 40,
    serve: Annotated[bool, typer.Option("--serve", help="Leave the pages open afterwards.")] = False,
) -> None:
    """The whole job on historical prices, checked against the simulator."""
    home = Path.cwd() / ".glassdesk"
    settings = _fresh(home, _date(start))
    tell = demo_report.Teller(quiet=here.json)
    tell.opening(settings, days)
    start_simulator(settings, speed=None)
    with open_embedded(settings) as running:
        report = _run(running, days, tell)
        demo_report.show(report, as_json=here.json)
        if serve:
            serve_until_stopped(running)
    end_simulator(home)
    if report["problems"]:
        raise typer.Exit(1)


def _date(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError as failure:
        raise InvalidInput(f"{text!r} is no date", where="--start", remedy="like 2012-10-01") from failure


def _fresh(home: Path, start: datetime) -> Settings:
    """A new home in place of the old one. Raises `Denied` for a home whose account is not simulated."""
    if home.exists() and load(home).account_kind is not AccountKind.SIMULATED:
        raise Denied(
            f"{home} belongs to an account that is not simulated", where="home", remedy="use another folder"
        )
    if home.exists():
        end_simulator(home)
        shutil.rmtree(home)
    settings = load(home, simulator_start=start.date())
    if not settings.simulated or not settings.broker_url.startswith("simulator:"):
        raise Denied(
            "the demo trades on the simulator only", where="settings", remedy="unset GLASSDESK_BROKER_URL"
        )
    return settings


def _run(running: Embedded, days: int, tell: demo_report.Teller) -> dict[str, Any]:
    simulation = simulation_of(running)
    with ready_on_the_simulator(running):
        tell.session(running)
        strategies = load_examples(running.desk, ACTOR)
        tell.strategies(running, strategies)
        for day in _days(running, days):
            tell.day(running, day)
        # The days are over: nobody is to trade on while the books are laid side by side.
        simulation.pause()
        return demo_report.gather(running, simulation)


def _days(running: Embedded, days: int) -> Iterator[datetime]:
    """Wait for the evening of each session; yields the instant of its close."""
    desk, clock = running.desk, running.ground.clock
    for _ in range(days):
        hours = desk.contracts.next_session("XNYS", clock.now())
        clock.wait_until(demo_report.evening(hours.closes_at))
        if running.failure is not None:
            raise running.failure
        yield hours.closes_at
