"""The simulator as a process: started once per home, found again by whoever comes later."""

from __future__ import annotations

import subprocess
import sys
import time
from datetime import date
from pathlib import Path

from glassdesk.adapters.simulation.control import ControlPlane
from glassdesk.adapters.simulation.endpoint import Endpoint, read_endpoint
from glassdesk.kernel.errors import InvalidInput, Unavailable

_READY_SECONDS = 90.0
"""A busy machine takes long to start a process; one that died is told at once."""
_LOOK_SECONDS = 0.05
_LOG_LINES = 15


def attach(home: Path) -> Endpoint:
    """The simulator that runs on `home`. Raises `Unavailable` when none answers."""
    endpoint = read_endpoint(_folder(home) / "endpoint.json")
    control = ControlPlane(endpoint)
    try:
        control.health()
    finally:
        control.close()
    return endpoint


def start_or_attach(
    home: Path,
    *,
    start: date | None = None,
    seed: int = 7,
    tape: str = "history",
    speed: float | None = None,
    switches: dict[str, str] | None = None,
) -> Endpoint:
    """The simulator of `home`, started in a session of its own when none answers, so that it outlives this
    process.

    `start`, `seed`, `tape`, `speed` and `switches` are for a new one only. Raises `Unavailable` with the last
    lines of its log when it does not become ready, `InvalidInput` when it refuses what it was asked for.
    """
    running = _running(home)
    return running or _started(home, _command(home, start, seed, tape, speed, switches or {}))


def _running(home: Path) -> Endpoint | None:
    try:
        return attach(home)
    except Unavailable:
        return None


def _command(
    home: Path, start: date | None, seed: int, tape: str, speed: float | None, switches: dict[str, str]
) -> list[str]:
    command = [sys.executable, "-m", "ibkr_simulator", "serve", "--port", "0"]
    command += ["--home", str(_folder(home)), "--seed", str(seed), "--tape", tape]
    command += ["--start", start.isoformat()] if start is not None else []
    command += ["--speed", str(speed)] if speed is not None else []
    for name, value in switches.items():
        command += ["--switch", f"{name}={value}"]
    return command


def _started(home: Path, command: list[str]) -> Endpoint:
    folder = _folder(home)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "endpoint.json").unlink(missing_ok=True)
    log = folder / "simulator.log"
    with log.open("ab") as output:
        process = subprocess.Popen(  # noqa: S603 (our own interpreter, no shell)
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
        )
    deadline = time.monotonic() + _READY_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise _died(process.returncode, log)
        try:
            endpoint = attach(home)
        except Unavailable:
            time.sleep(_LOOK_SECONDS)
            continue
        # It outlives us on purpose; without this the interpreter would warn about a child left behind.
        process.returncode = 0
        return endpoint
    process.kill()
    process.wait()
    raise Unavailable(
        f"the simulator was not ready after {_READY_SECONDS:.0f} s\n{_tail(log)}", where=str(log)
    )


def _died(code: int, log: Path) -> InvalidInput | Unavailable:
    words = f"the simulator ended with code {code}\n{_tail(log)}"
    return InvalidInput(words, where=str(log)) if code == 2 else Unavailable(words, where=str(log))


def _tail(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-_LOG_LINES:])


def _folder(home: Path) -> Path:
    return home / "simulator"
