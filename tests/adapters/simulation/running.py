"""A simulator for tests: one process per use, ended by its own id."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import date
from pathlib import Path

from glassdesk.adapters.simulation import Endpoint, start_or_attach

START = date(2012, 10, 1)


@contextmanager
def simulator(
    home: Path, *, start: date = START, switches: dict[str, str] | None = None
) -> Iterator[Endpoint]:
    """A simulator of its own on `home`, gone at the end of the block."""
    endpoint = start_or_attach(home, start=start, switches=switches)
    try:
        yield endpoint
    finally:
        end(endpoint)


def end(endpoint: Endpoint) -> None:
    """Ask the process to end and wait until it has."""
    with suppress(ProcessLookupError):
        os.kill(endpoint.pid, signal.SIGTERM)
    for _ in range(200):
        if not alive(endpoint.pid):
            return
        time.sleep(0.02)
    os.kill(endpoint.pid, signal.SIGKILL)


def alive(pid: int) -> bool:
    """Whether the process runs; one that ended and was not collected does not."""
    with suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
