"""`glassdesk web`, `worker`, `dealer`: one role each, for a desk on several processes or machines."""

from __future__ import annotations

import signal
import threading
from typing import Annotated

import typer

from glassdesk.cli.here import Here, command, single
from glassdesk.composition.ground import open_ground, process_name
from glassdesk.composition.logs import begin_logs
from glassdesk.composition.loops import RunningRole
from glassdesk.composition.presence import attending
from glassdesk.composition.reading import reading_desk
from glassdesk.dealer.opening import open_dealer
from glassdesk.settings import Settings, load
from glassdesk.web.serving import serve_web
from glassdesk.worker.opening import open_worker
from glassdesk.workflow.processes.model import Role

web_app, worker_app, dealer_app = single(), single(), single()

LOOK_SECONDS = 0.5
"""How often a process looks whether its role still lives."""


def _told_to_stop() -> threading.Event:
    """Set by SIGTERM or Ctrl-C, from now on, so that also what is only being opened is closed in order."""
    told = threading.Event()
    for wanted in (signal.SIGINT, signal.SIGTERM):
        signal.signal(wanted, lambda *_: told.set())
    return told


def _settings(here: Here) -> Settings:
    """The settings of the home; from now on this process logs as they say."""
    settings = load(here.home)
    begin_logs(settings)
    return settings


def _run(role: RunningRole, told: threading.Event, name: str) -> None:
    """Until told, or until the role ends by itself. Raises what ended it."""
    role.start()
    print(f"{name} ready", flush=True)
    while role.failure is None and not told.wait(LOOK_SECONDS):
        pass
    role.stop()
    print(f"{name} ended", flush=True)
    if role.failure is not None:
        raise role.failure


@command(web_app)
def web(
    here: Here, port: Annotated[int | None, typer.Option(min=0, max=65535, help="Port of the pages.")] = None
) -> None:
    """Pages and API; the broker is read through the dealer's gate."""
    told = _told_to_stop()
    with (
        open_ground(_settings(here)) as ground,
        reading_desk(ground) as desk,
        attending(ground, desk, Role.WEB, process_name("web")),
        serve_web(ground, desk, port=port) as served,
    ):
        print(f"Glassdesk is at {served.url}")
        print(f"Sign in once with {served.link}", flush=True)
        told.wait()


@command(worker_app)
def worker(here: Here) -> None:
    """Ticks, sweeps and executes runs; with `jobs_url=redis://…` the runs arrive through Celery."""
    told = _told_to_stop()
    with open_worker(_settings(here)) as role:
        _run(role, told, "worker")


@command(dealer_app)
def dealer(here: Here) -> None:
    """Owns the brokerage session and everything that is sent; serves the gate."""
    told = _told_to_stop()
    with open_dealer(_settings(here)) as role:
        _run(role, told, "dealer")
