"""One point: the dealer of a scene is killed at a system call, once or again while it recovers, and started
again until the story is over."""

from __future__ import annotations

import os
import select
import shutil
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from glassdesk.adapters.simulation import ControlPlane, Endpoint
from glassdesk.adapters.simulation.endpoint import read_endpoint
from glassdesk.kernel.errors import Unavailable
from ibkr_simulator.instants import SECOND
from tests.chaos.kill.gateway import fork_gateway
from tests.chaos.kill.program import fork_dealer
from tests.chaos.kill.scenes import Prepared

CALLS = "pwrite64,write,sendto,sendmsg,fsync,fdatasync,ftruncate,rename,renameat2,unlink"
"""Everything by which a process changes what outlives it."""
PATIENCE = 60.0
_LOOK = 0.002


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """Where the dealer is killed: at which call of one of its threads in the first life, the second, …"""

    kills: tuple[int, ...]
    outage: timedelta
    """Market time between a death and the next life."""


@dataclass(slots=True, kw_only=True)
class Played:
    """What a point left behind."""

    home: Path
    endpoint: Endpoint
    killed: int = 0
    """How many of the kills struck."""
    complaints: list[str] = field(default_factory=list)
    """Why a life ended that nobody killed."""


@contextmanager
def played(prepared: Prepared, home: Path, point: Point, **settings: str) -> Iterator[Played]:
    """Play it; the broker still answers inside the block."""
    _copied(prepared, home)
    reading, writing = os.pipe()
    limit = prepared.world.now + int(prepared.scene.span.total_seconds()) * SECOND
    gateway = fork_gateway(prepared.world, home, limit, writing)
    try:
        result = Played(home=home, endpoint=_announced(home))
        _lives(result, point, reading, settings)
        yield result
    finally:
        ended(gateway)
        os.close(reading)
        os.close(writing)


def _copied(prepared: Prepared, home: Path) -> None:
    home.mkdir(parents=True)
    shutil.copy(prepared.folder / "glassdesk.sqlite", home)
    (home / "simulator").mkdir()
    for file in ("cert.pem", "key.pem"):
        shutil.copy(prepared.folder / "simulator" / file, home / "simulator")


def _announced(home: Path) -> Endpoint:
    until = time.monotonic() + PATIENCE
    while True:
        with suppress(Unavailable):
            return read_endpoint(home / "simulator" / "endpoint.json")
        assert time.monotonic() < until, (home / "gateway.log").read_text()
        time.sleep(_LOOK)


def _lives(result: Played, point: Point, reading: int, settings: dict[str, str]) -> None:
    for number in (*point.kills, None):
        dealer, go = fork_dealer(result.home, "dealer.log", **settings)
        tracer = traced(dealer, number) if number is not None else None
        try:
            os.write(go, b"!")
            over, status = _waited(dealer, reading)
        finally:
            os.close(go)
            ended(dealer)
            _reap(tracer)
        if over:
            return
        if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
            result.killed += 1
            _pass(result.endpoint, point.outage)
        else:
            result.complaints.append(f"the dealer ended by itself ({status})")
            return


def _waited(dealer: int, reading: int) -> tuple[bool, int]:
    """Whether the story is over, and otherwise how the dealer ended."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if select.select([reading], [], [], _LOOK)[0]:
            return True, 0
        pid, status = os.waitpid(dealer, os.WNOHANG)
        if pid:
            return False, status
    raise AssertionError(f"the story was not over after {PATIENCE} s")


def traced(process: int, number: int, *, out: Path | None = None) -> subprocess.Popen[str]:
    """strace on a process and all its threads; kills it at the `number`-th call of one of them, where 0 only
    writes the calls to `out`."""
    inject = ["-e", f"inject={CALLS}:signal=SIGKILL:when={number}"] if number else []
    words = ["strace", "-f", "-o", str(out or "/dev/null"), "-e", f"trace={CALLS}", *inject]
    tracer = subprocess.Popen([*words, "-p", str(process)], stderr=subprocess.PIPE, text=True)
    assert tracer.stderr is not None
    told = tracer.stderr.readline()
    assert "attached" in told, told
    return tracer


def calls_of(prepared: Prepared, home: Path, **settings: str) -> int:
    """How many such calls the busiest thread makes when nobody kills it."""
    _copied(prepared, home)
    reading, writing = os.pipe()
    limit = prepared.world.now + int(prepared.scene.span.total_seconds()) * SECOND
    gateway = fork_gateway(prepared.world, home, limit, writing)
    try:
        _announced(home)
        dealer, go = fork_dealer(home, "dealer.log", **settings)
        tracer = traced(dealer, 0, out=home / "calls")
        os.write(go, b"!")
        over, _ = _waited(dealer, reading)
        os.close(go)
        ended(dealer)
        _reap(tracer)
        assert over, (home / "dealer.log").read_text()
    finally:
        ended(gateway)
        os.close(reading)
        os.close(writing)
    threads = Counter(line.split(maxsplit=1)[0] for line in (home / "calls").read_text().splitlines())
    return max(threads.values())


def _pass(endpoint: Endpoint, outage: timedelta) -> None:
    control = ControlPlane(endpoint)
    try:
        until = time.monotonic() + PATIENCE
        while control.clock()["participants"]:
            assert time.monotonic() < until, "a dead dealer keeps its seat"
            time.sleep(_LOOK)
        if outage:
            control.advance_to(control.now() + outage)
    finally:
        control.close()


def ended(process: int) -> None:
    """Kill it if it still lives, and let nothing of it stay."""
    with suppress(ProcessLookupError, ChildProcessError):
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)


def _reap(tracer: subprocess.Popen[str] | None) -> None:
    if tracer is not None:
        tracer.wait(timeout=PATIENCE)
        assert tracer.stderr is not None
        tracer.stderr.close()
