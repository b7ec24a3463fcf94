"""Traces of a role's process, where the settings name a receiver."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from glassdesk.adapters.traces.spans import traces_over_http
from glassdesk.kernel.work import watch_with
from glassdesk.settings import Settings


@contextmanager
def traced(settings: Settings, role: str) -> Iterator[None]:
    """Send spans to `otlp_url` while the block lasts; without it nothing is loaded and nothing watched.
    Raises `InvalidInput` where the libraries are not installed."""
    if not settings.otlp_url:
        yield
        return
    traces = traces_over_http(settings.otlp_url, role)
    forget = watch_with(traces)
    try:
        yield
    finally:
        forget()
        traces.close()
