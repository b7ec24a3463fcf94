"""`glassdesk up`: everything in one process, until Ctrl-C."""

from __future__ import annotations

import signal
import threading
from typing import Annotated

import typer

from glassdesk.cli.embedded import Embedded, open_embedded
from glassdesk.cli.here import Here, command, single
from glassdesk.composition.logs import begin_logs
from glassdesk.composition.simulation import Simulation, start_simulator
from glassdesk.composition.tracing import traced
from glassdesk.settings import load
from glassdesk.web.serving import serve_web

app = single()

LOOK_SECONDS = 0.5
"""How often the process looks whether its roles still live."""


@command(app)
def up(
    here: Here,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="Port of the pages.")] = None,
) -> None:
    """Everything in one process: pages, worker, dealer; on the simulator that runs too."""
    settings = load(here.home)
    begin_logs(settings)
    if settings.broker_url.startswith("simulator:"):
        start_simulator(settings, speed=settings.simulator_speed)
    with traced(settings, "up"), open_embedded(settings) as running:
        running.start()
        _serve(running, port)


def serve_until_stopped(running: Embedded) -> None:
    """Serve the pages of a desk whose simulated days are over; time is paused and can be resumed on any
    page."""
    if running.ground.simulator is not None:
        Simulation(running.ground.simulator).set_speed(60)
    _serve(running, None)


def _serve(running: Embedded, port: int | None) -> None:
    stop = threading.Event()
    for wanted in (signal.SIGINT, signal.SIGTERM):
        signal.signal(wanted, lambda *_: stop.set())
    with serve_web(running.ground, running.desk, port=port) as served:
        print(f"Glassdesk is at {served.url}")
        print(f"Sign in once with {served.link}")
        if running.ground.simulator is None:
            print(
                f"Sign in to the broker at {running.desk.session.login_url} (`glassdesk session login` leads)"
            )
        print("Stop with Ctrl-C.", flush=True)
        while running.failure is None and not stop.wait(LOOK_SECONDS):
            pass
    if running.failure is not None:
        raise running.failure
