"""One point: a process of a scene is killed at a system call, once or again while it recovers, and started
again until the story is over."""

from __future__ import annotations

import os
import select
import shutil
import signal
import subprocess
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from glassdesk.adapters.simulation import ControlPlane, Endpoint
from glassdesk.adapters.simulation.endpoint import read_endpoint
from glassdesk.kernel.errors import Unavailable
from ibkr_simulator.instants import SECOND
from tests.chaos.kill.databases import target_of, through
from tests.chaos.kill.gateway import fork_gateway
from tests.chaos.kill.program import fork_role
from tests.chaos.kill.proxy import Cut, fork_wire
from tests.chaos.kill.scenes import Prepared
from tests.servers.starting import free_port

CALLS = "pwrite64,write,sendto,sendmsg,fsync,fdatasync,ftruncate,rename,renameat2,unlink"
"""Everything by which a process changes what outlives it."""
NAMES = frozenset(CALLS.split(","))
PATIENCE = 60.0
_LOOK = 0.002


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """Where a process is killed: at which call of one of its threads in the first life, the second, …"""

    kills: tuple[str, ...]
    """As `sendto:4`: strace counts the calls of each name by themselves."""
    outage: timedelta
    """Market time between a death and the next life."""
    cut: Cut | None = None
    """Where the wire to the database breaks."""
    victim: str = "dealer"
    """The role that dies."""


@dataclass(slots=True, kw_only=True)
class Played:
    """What a point left behind."""

    home: Path
    endpoint: Endpoint
    database: str
    """URL of the desk's rows, reached directly."""
    killed: int = 0
    """How many of the kills struck."""
    broke: bool = False
    """The story came to the commit at which the wire breaks."""
    complaints: list[str] = field(default_factory=list)
    """Why a life ended that nobody killed."""


@contextmanager
def played(prepared: Prepared, home: Path, point: Point, **settings: str) -> Iterator[Played]:
    """Play it; the broker still answers inside the block."""
    with _opened(prepared, home, point.cut) as (result, reading, database), ExitStack() as running:
        reached = {**settings, "database_url": database}
        for role in prepared.scene.roles:
            if role != point.victim:
                running.callback(ended, _begun(role, home, reached))
        _lives(result, point, reading, reached, alone=len(prepared.scene.roles) == 1)
        result.broke = point.cut is not None and commits_of(home) >= point.cut.commit
        yield result


def _begun(role: str, home: Path, settings: Mapping[str, str]) -> int:
    """A process that nobody kills before the story is over."""
    process, go = fork_role(role, home, settings)
    os.write(go, b"!")
    os.close(go)
    return process


def commits_of(home: Path) -> int:
    """Transactions that passed the wire to the database."""
    counted = home / "commits"
    return int(counted.read_text() or 0) if counted.exists() else 0


@contextmanager
def _opened(prepared: Prepared, home: Path, cut: Cut | None) -> Iterator[tuple[Played, int, str]]:
    """Copies of the broker and of the rows: what is played, the pipe that tells when it is over, and the URL
    by which the desk reaches its rows."""
    with ExitStack() as opened:
        (home / "simulator").mkdir(parents=True)
        for file in ("cert.pem", "key.pem"):
            shutil.copy(prepared.folder / "simulator" / file, home / "simulator")
        database = prepared.databases.copied(prepared.database, home)
        opened.callback(prepared.databases.dropped, database)
        reading, writing = os.pipe()
        opened.callback(os.close, reading)
        opened.callback(os.close, writing)
        limit = prepared.world.now + int(prepared.scene.span.total_seconds()) * SECOND
        opened.callback(ended, fork_gateway(prepared.world, home, limit, prepared.scene.roles, writing))
        reached = database
        if database.startswith("postgresql"):
            port = free_port()
            opened.callback(ended, fork_wire(port, target_of(database), cut, home))
            reached = through(database, port)
        yield Played(home=home, endpoint=_announced(home), database=database), reading, reached


def _announced(home: Path) -> Endpoint:
    until = time.monotonic() + PATIENCE
    while True:
        with suppress(Unavailable):
            return read_endpoint(home / "simulator" / "endpoint.json")
        assert time.monotonic() < until, (home / "gateway.log").read_text()
        time.sleep(_LOOK)


def _lives(result: Played, point: Point, reading: int, settings: Mapping[str, str], *, alone: bool) -> None:
    for at in (*point.kills, None):
        process, go = fork_role(point.victim, result.home, settings)
        tracer = traced(process, at) if at is not None else None
        try:
            os.write(go, b"!")
            over, status = _waited(process, reading)
        finally:
            os.close(go)
            ended(process)
            _reap(tracer)
        if over:
            return
        if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
            result.killed += 1
            if alone:
                _pass(result.endpoint, point.outage)
        else:
            result.complaints.append(f"the {point.victim} ended by itself ({status})")
            return


def _waited(process: int, reading: int) -> tuple[bool, int]:
    """Whether the story is over, and otherwise how the process ended."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if select.select([reading], [], [], _LOOK)[0]:
            return True, 0
        pid, status = os.waitpid(process, os.WNOHANG)
        if pid:
            return False, status
    raise AssertionError(f"the story was not over after {PATIENCE} s")


def traced(process: int, at: str, *, out: Path | None = None) -> subprocess.Popen[str]:
    """strace on a process and all its threads; kills it when one of them comes to the call `at`;
    without one only writes the calls to `out`."""
    name, _, number = at.partition(":")
    inject = ["-e", f"inject={name}:signal=SIGKILL:when={number}"] if at else []
    words = ["strace", "-f", "-o", str(out or "/dev/null"), "-e", f"trace={CALLS}", *inject]
    tracer = subprocess.Popen([*words, "-p", str(process)], stderr=subprocess.PIPE, text=True)
    assert tracer.stderr is not None
    told = tracer.stderr.readline()
    assert "attached" in told, told
    return tracer


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """How long a scene is when nothing breaks."""

    calls: dict[str, tuple[str, ...]]
    """State-changing calls of each role's busiest thread in their order, as `pwrite64:17`."""
    commits: int
    """Transactions that passed the wire to the database; 0 without one."""


def range_of(prepared: Prepared, home: Path, **settings: str) -> Range:
    """Play it once without a death, and count."""
    with _opened(prepared, home, None) as (_, reading, database), ExitStack() as running:
        last, tracers = 0, []
        for role in prepared.scene.roles:
            last, go = fork_role(role, home, {**settings, "database_url": database})
            running.callback(ended, last)
            tracers.append(traced(last, "", out=home / f"{role}.calls"))
            os.write(go, b"!")
            os.close(go)
        over, _ = _waited(last, reading)
        assert over, "".join((home / f"{role}.log").read_text() for role in prepared.scene.roles)
    for tracer in tracers:
        _reap(tracer)
    calls = {role: _busiest(home / f"{role}.calls") for role in prepared.scene.roles}
    return Range(calls=calls, commits=commits_of(home))


def _busiest(calls: Path) -> tuple[str, ...]:
    threads: dict[str, list[str]] = defaultdict(list)
    for line in calls.read_text().splitlines():
        thread, call = line.split(maxsplit=1)
        if (name := call.partition("(")[0]) in NAMES:
            threads[thread].append(name)
    busiest: list[str] = max(threads.values(), key=len)
    return numbered(busiest)


def numbered(names: Iterable[str]) -> tuple[str, ...]:
    """Each name with how often it has come."""
    seen: Counter[str] = Counter()
    found = []
    for name in names:
        seen[name] += 1
        found.append(f"{name}:{seen[name]}")
    return tuple(found)


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
