"""A wire to the database that breaks around a COMMIT: before it is forwarded, after it was obeyed and before
the answer, or with the answer long on its way."""

from __future__ import annotations

import os
import socket
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from tests.servers.starting import HERE

COMMIT = b"COMMIT"
_CHUNK = 65536
Target = tuple[str, int] | str
"""Host and port, or the path of a Unix socket."""


class Break(StrEnum):
    """What happens at the commit."""

    BEFORE = "before"
    """The connection ends, and the server never hears of the commit."""
    AFTER = "after"
    """The server obeys, and the connection ends before the desk hears of it."""
    DELAY = "delay"
    """The answer takes two seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """At which commit of the story the wire breaks, and how."""

    commit: int
    kind: Break


class Wire:
    """Carries connections to one server; counts the commits that pass."""

    def __init__(self, port: int, target: Target, cut: Cut | None, counted: Path) -> None:
        self._listener = socket.create_server((HERE, port))
        self._target = target
        self._cut = cut
        self._counted = counted
        self._lock = threading.Lock()
        self._commits = 0
        self._lag = 0.0

    def arm(self, kind: Break) -> None:
        """Break at the next commit that comes."""
        with self._lock:
            self._cut = Cut(commit=self._commits + 1, kind=kind)

    @property
    def broke(self) -> bool:
        """The commit at which it was to break has come."""
        with self._lock:
            return self._cut is not None and self._commits >= self._cut.commit

    def slow(self, seconds: float) -> None:
        """From now on whatever goes up takes so long; 0 ends it."""
        self._lag = seconds

    def close(self) -> None:
        """This process does not listen."""
        self._listener.close()

    def run(self) -> None:
        """For ever: each connection has two threads."""
        while True:
            client, _ = self._listener.accept()
            try:
                server = _reached(self._target)
            except OSError:
                # Whoever calls a server that is away hears so at once.
                client.close()
                continue
            threading.Thread(target=self._up, args=(client, server), daemon=True).start()
            threading.Thread(target=_down, args=(server, client), daemon=True).start()

    def _up(self, client: socket.socket, server: socket.socket) -> None:
        with suppress(OSError):
            while chunk := client.recv(_CHUNK):
                time.sleep(self._lag)
                cut = self._due(chunk)
                if cut is Break.BEFORE:
                    break
                if cut is Break.AFTER:
                    # What comes back has nobody to go to any more.
                    client.shutdown(socket.SHUT_RDWR)
                server.sendall(chunk)
                if cut is Break.AFTER:
                    time.sleep(0.2)
                    break
        _closed(client, server)

    def _due(self, chunk: bytes) -> Break | None:
        if COMMIT not in chunk:
            return None
        with self._lock:
            self._commits += 1
            self._counted.write_text(str(self._commits))
            cut = self._cut if self._cut is not None and self._cut.commit == self._commits else None
        if cut is not None and cut.kind is Break.DELAY:
            time.sleep(2)
            return None
        return cut.kind if cut is not None else None


def _reached(target: Target) -> socket.socket:
    if isinstance(target, tuple):
        return socket.create_connection(target)
    side = socket.socket(socket.AF_UNIX)
    side.connect(target)
    return side


def _down(server: socket.socket, client: socket.socket) -> None:
    with suppress(OSError):
        while chunk := server.recv(_CHUNK):
            client.sendall(chunk)
    _closed(client, server)


def _closed(*sides: socket.socket) -> None:
    for side in sides:
        with suppress(OSError):
            side.shutdown(socket.SHUT_RDWR)
        side.close()


def fork_wire(port: int, target: Target, cut: Cut | None, home: Path) -> int:
    """A wire in a process of its own that listens already; answers its id."""
    wire = Wire(port, target, cut, home / "commits")
    child = os.fork()
    if child:
        wire.close()
        return child
    try:
        wire.run()
    finally:
        os._exit(1)
