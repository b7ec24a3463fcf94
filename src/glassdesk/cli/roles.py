"""`glassdesk web`, `worker`, `dealer`: one role each, for a desk on several processes or machines."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from typing import Annotated

import typer

from glassdesk.cli.here import Here, command, single
from glassdesk.dealer.opening import open_dealer
from glassdesk.composition.ground import open_ground
from glassdesk.composition.reading import reading_desk
from glassdesk.settings import load
from glassdesk.web.serving import serve_web
from glassdesk.worker.opening import open_worker

web_app, worker_app, dealer_app = single(), single(), single()


def _until_told(stop: Callable[[], None]) -> None:
    told = threading.Event()
    for wanted in (signal.SIGINT, signal.SIGTERM):
        signal.signal(wanted, lambda *_: told.set())
    told.wait()
    stop()


@command(web_app)
def web(
    here: Here, port: Annotated[int | None, typer.Option(min=0, max=65535, help="Port of the pages.")] = None
) -> None:
    """Pages and API; the broker is read through the dealer's gate."""
    with (
        open_ground(load(here.home)) as ground,
        reading_desk(ground) as desk,
        serve_web(ground, desk, port=port) as served,
    ):
        print(f"Glassdesk is at {served.url}")
        print(f"Sign in once with {served.link}", flush=True)
        _until_told(lambda: None)


@command(worker_app)
def worker(here: Here) -> None:
    """Ticks, sweeps and executes runs; with `jobs_url=redis://…` the runs arrive through Celery."""
    with open_worker(load(here.home)) as running:
        running.start()
        print("worker ready", flush=True)
        _until_told(running.stop)


@command(dealer_app)
def dealer(here: Here) -> None:
    """Owns the brokerage session and everything that is sent; serves the gate."""
    with open_dealer(load(here.home)) as running:
        running.start()
        print("dealer ready", flush=True)
        _until_told(running.stop)
