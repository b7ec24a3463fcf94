"""A process among the others of its desk: it says that it is here, and ends where it is another program."""

from __future__ import annotations

import hashlib
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from functools import cache, partial
from pathlib import Path
from urllib.parse import urlsplit

import glassdesk
from glassdesk.adapters.clocks import SystemClock
from glassdesk.adapters.database.schema import HEAD
from glassdesk.adapters.jobs import queue_problem
from glassdesk.composition.beside import Beside
from glassdesk.composition.ground import Ground
from glassdesk.desk import Desk
from glassdesk.kernel.clock import Stopwatch
from glassdesk.kernel.errors import GlassdeskError, VersionSkew
from glassdesk.workflow.processes.model import BEAT, Process, Program, Role
from glassdesk.workflow.processes.service import Processes

EXECUTES = (Role.UP, Role.WORKER)

Turned = Callable[[], float | None]
"""When the role's last turn ended, in seconds of the process's stopwatch; `None` before the first."""


@cache
def program() -> Program:
    """What this process runs. The code's hash covers every file of the package, so that two installations of
    one version number are told apart where somebody changed one."""
    root, told = Path(glassdesk.__file__).parent, hashlib.sha256()
    for path in sorted(root.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            told.update(f"{path.relative_to(root)}\0".encode() + path.read_bytes())
    return Program(version=glassdesk.__version__, code=told.hexdigest(), schema=HEAD)


class Attendance:
    """Writes this process's row at most every ten seconds, in a transaction of its own."""

    def __init__(
        self, desk: Desk, process: Process, *, turned: Turned, leave: Callable[[VersionSkew], None]
    ) -> None:
        self._desk = desk
        self._process = process
        self._turned = turned
        self._leave = leave
        self._beside = Beside("attendance", self.look, seconds=BEAT.total_seconds())

    def begin(self) -> None:
        """The first row. Raises `VersionSkew` where this program must not take part."""
        with self._desk.transactions.begin() as t:
            self._process = self._processes.begin(t, self._process)
        self._beside.start()

    def look(self) -> None:
        """One more row; a program that has become another than the rest leaves."""
        problem = self._processes.queue_problem() if self._process.queue == "redis" else ""
        try:
            with self._desk.transactions.begin() as t:
                self._process = self._processes.seen(
                    t,
                    self._process,
                    turned=_ago(self._desk.stopwatch, self._turned()),
                    queue_problem=problem,
                )
        except VersionSkew as skew:
            self._leave(skew)

    def end(self) -> None:
        """The last row; a database that has gone away stands in nobody's way."""
        self._beside.stop()
        with suppress(GlassdeskError), self._desk.transactions.begin() as t:
            self._processes.end(t, self._process)

    @property
    def _processes(self) -> Processes:
        return self._desk.processes


@contextmanager
def attending(
    ground: Ground,
    desk: Desk,
    role: Role,
    name: str,
    *,
    turned: Turned = lambda: None,
    leave: Callable[[VersionSkew], None] = lambda skew: None,
) -> Iterator[None]:
    """This process is one of the desk's inside the block. `leave` is called, from another thread, where
    it has to end. Raises `VersionSkew` where it must not begin."""
    attendance = Attendance(desk, process_of(ground, role, name), turned=turned, leave=leave)
    attendance.begin()
    try:
        yield
    finally:
        attendance.end()


def processes_of(ground: Ground) -> Processes:
    """The processes of this home's desk."""
    stores, settings = ground.stores, ground.settings
    return Processes(
        stores.processes,
        stores.leases,
        stores.runs,
        SystemClock(),
        settings.account,
        queue_problem=partial(queue_problem, settings.jobs_url),
    )


def process_of(ground: Ground, role: Role, name: str) -> Process:
    """This process as it begins."""
    own, now, executes = program(), SystemClock().now(), role in EXECUTES
    queued = role is Role.WORKER and urlsplit(ground.settings.jobs_url).scheme == "redis"
    return Process(
        process=name,
        role=role,
        host=socket.gethostname(),
        pid=os.getpid(),
        version=own.version,
        code=own.code,
        schema=own.schema,
        threads=ground.settings.workers if executes else 0,
        queue="" if not executes else "redis" if queued else "threads",
        queue_problem="",
        started_at=now,
        seen_at=now,
        turned_at=None,
        ended_at=None,
    )


def _ago(stopwatch: Stopwatch, turned: float | None) -> timedelta | None:
    return None if turned is None else timedelta(seconds=stopwatch.seconds() - turned)
