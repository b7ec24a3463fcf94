"""Work as log lines: whatever is logged inside a piece of work carries its run, order, strategy and conid,
and its end is a line of its own."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter

from structlog.contextvars import bound_contextvars

from glassdesk.kernel.work import Kind, Work

log = logging.getLogger("glassdesk.work")

_LEVELS = {
    Kind.RUN: logging.INFO,
    Kind.SEND: logging.INFO,
    Kind.MODEL: logging.INFO,
    Kind.STEP: logging.DEBUG,
    Kind.BROKER: logging.DEBUG,
}
"""Turns and waits are told by figures: they come every second."""
_BAD = {
    Kind.RUN: ("failed", "error", "unavailable"),
    Kind.SEND: ("unknown", "rejected", "declined", "error"),
    Kind.MODEL: ("failed", "error"),
}
_BINDS = (Kind.RUN, Kind.STEP, Kind.SEND, Kind.MODEL)


class LoggedWork:
    """A watcher of work (`glassdesk.kernel.work`)."""

    @contextmanager
    def __call__(self, work: Work) -> Iterator[None]:
        """Bind what it is about while it lasts, and tell how it ended."""
        about = dict(work.about) if work.kind in _BINDS else {}
        if work.kind is Kind.STEP:
            about["step"] = work.name
        with bound_contextvars(**about):
            began = perf_counter()
            try:
                yield
            finally:
                _tell(work, perf_counter() - began)


def _tell(work: Work, seconds: float) -> None:
    level = _LEVELS.get(work.kind)
    if level is None:
        return
    if work.result in _BAD.get(work.kind, ()):
        level = logging.WARNING
    name = "" if work.name == work.kind.value else f" {work.name}"
    log.log(level, "%s%s: %s", work.kind.value, name, work.result, extra={"seconds": round(seconds, 3)})
