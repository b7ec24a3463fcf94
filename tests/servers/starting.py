"""What every server of the tests needs: a port, patience, and a loud word when it cannot be had."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn

import pytest

HERE = "127.0.0.1"


def absent(what: str) -> NoReturn:
    """Skips on a laptop, where a missing server is nobody's fault; fails on CI, where it is."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"{what} is missing, and on CI no test may be left out", pytrace=False)
    pytest.skip(f"{what} is missing: tests that need it were NOT run")


def free_port() -> int:
    """A port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind((HERE, 0))
        return int(probe.getsockname()[1])


def answers(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((HERE, port)) == 0


def wait_for(
    is_up: Callable[[], bool], process: subprocess.Popen[bytes], log: Path, seconds: float = 30
) -> None:
    """Return when `is_up`; raise with the server's own words when it ends or takes too long."""
    until = time.monotonic() + seconds
    while not is_up():
        if process.poll() is not None or time.monotonic() > until:
            process.kill()
            raise RuntimeError(
                f"{process.args!r} did not come up:\n{log.read_text(errors='replace')[-2000:]}"
            )
        time.sleep(0.02)


def start(command: Sequence[str], log: Path, *, env: dict[str, str] | None = None) -> subprocess.Popen[bytes]:
    """Start a server; what it says goes to `log`."""
    with log.open("wb") as stream:
        return subprocess.Popen(
            command,
            stdout=stream,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            cwd="/",
            env={**os.environ, **(env or {})},
        )


def stop(process: subprocess.Popen[bytes]) -> None:
    """End a server that `start` started."""
    process.terminate()
    try:
        process.wait(timeout=5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
