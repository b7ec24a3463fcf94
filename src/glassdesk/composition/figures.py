"""Figures of a process: told by the pages, or at a port of its own. Only who tells figures imports this."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache

from glassdesk.adapters.metrics import FiguresServer, Latencies, Tallies, told
from glassdesk.desk import Desk
from glassdesk.kernel.work import watch_with
from glassdesk.settings import Settings


def figures_of(desk: Desk) -> Callable[[], bytes]:
    """What is written down, and what this process timed since it began."""
    tallies, latencies = Tallies(desk.operations.figures.tally), _watched()
    return lambda: told(tallies.registry, latencies.registry)


@contextmanager
def served_figures(settings: Settings) -> Iterator[None]:
    """What this process times, at `metrics_port` while the block lasts, where that is set. What is written
    down the pages tell. Raises `Unavailable`."""
    if settings.metrics_port is None:
        yield
        return
    latencies = _watched()
    server = FiguresServer(
        lambda: told(latencies.registry), port=settings.metrics_port, token=token_of(settings)
    )
    server.start()
    try:
        yield
    finally:
        server.stop()


def token_of(settings: Settings) -> str:
    """What a scraper has to send; empty without a setting."""
    return settings.metrics_token.get_secret_value() if settings.metrics_token else ""


@cache
def _watched() -> Latencies:
    """Times all work from the first time on that somebody wants to know."""
    latencies = Latencies()
    watch_with(latencies)
    return latencies
