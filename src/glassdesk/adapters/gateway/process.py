"""The gateway as a child of the desk: started, watched, started again after growing pauses, stopped."""

from __future__ import annotations

import json
import os
import signal
import ssl
import subprocess
import threading
import time
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

from glassdesk.adapters.gateway.certificate import fetch
from glassdesk.adapters.gateway.folder import GatewayFolder
from glassdesk.workflow.session.gateway_words import OTHER_PORT
from glassdesk.workflow.session.model import GatewayProcess

PAUSES = (2.0, 4.0, 8.0, 16.0, 32.0, 60.0)
"""Machine seconds before the next start, after the first end, the second, …; the last one stays."""
READY_SECONDS = 60.0
STABLE_SECONDS = 60.0
"""A gateway that lived so long counts as good: the next pause is the shortest again."""
END_SECONDS = 10.0
LARGEST_LOG = 5_000_000
_LOOK_SECONDS = 0.5
_FREE, _GATEWAY, _OTHER = "free", "gateway", "other"


class Supervisor:
    """Watches over one gateway. One that listens already is used: it is neither doubled nor stopped."""

    def __init__(
        self, folder: GatewayFolder, home: Path, *, host: str = "localhost", pauses: Sequence[float] = PAUSES
    ) -> None:
        self._folder = folder
        self._host = host
        self._pauses = pauses
        self._place = home / "gateway"
        self.log = self._place / "gateway.log"
        self.state_file = self._place / "process.json"
        self._told = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="gateway", daemon=True)
        self._state = GatewayProcess(state="starting", log=str(self.log))

    def start(self) -> None:
        """Begin, in the background."""
        self._place.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._say("starting")
        self._thread.start()

    def stop(self) -> None:
        """End the child, if it is ours, and wait for it."""
        self._told.set()
        self._thread.join(END_SECONDS * 2)
        self._say("stopped", pid=None, problem="", remedy="")

    def _watch(self) -> None:
        failures = 0
        while not self._told.is_set():
            found = self._port()
            if found == _GATEWAY:
                failures = 0
                self._use()
                continue
            if found == _OTHER:
                problem = f"another program has {self._host}:{self._folder.port}"
                self._say("waiting", pid=None, problem=problem, remedy=OTHER_PORT)
            else:
                lived = self._run()
                failures = 0 if lived >= STABLE_SECONDS else failures
            if not self._told.is_set() and self._port() != _GATEWAY:
                self._told.wait(self._pauses[min(failures, len(self._pauses) - 1)])
                failures += 1

    def _use(self) -> None:
        """A gateway listens that we did not start: leave it alone while it does."""
        self._say("used", pid=None, problem="", remedy="")
        while self._port() == _GATEWAY and not self._told.wait(_LOOK_SECONDS * 4):
            pass

    def _run(self) -> float:
        """One life of the child; answers how many machine seconds it lasted."""
        began = time.monotonic()
        self._make_room()
        try:
            child = self._begin()
        except OSError as failure:
            self._say("waiting", pid=None, problem=f"it cannot be started: {failure}", remedy=self._see_log())
            return 0.0
        self._say("starting", pid=child.pid, starts=self._state.starts + 1, problem="", remedy="")
        try:
            self._accompany(child, began)
        finally:
            _end(child)
        lived = time.monotonic() - began
        if not self._told.is_set():
            problem = f"it ended with code {child.returncode} after {lived:.0f} s: {self._last_line()}"
            self._say("waiting", pid=None, problem=problem, remedy=self._see_log())
        return lived

    def _begin(self) -> subprocess.Popen[bytes]:
        # Keys of the desk are none of the gateway's business.
        environment = {k: v for k, v in os.environ.items() if not k.startswith("GLASSDESK_")}
        descriptor = os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(descriptor, "ab") as output:
            return subprocess.Popen(  # noqa: S603 (the folder that its owner named, no shell)
                self._folder.command,
                cwd=self._folder.path,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                # A group of its own: its script starts Java as a child, and both have to end.
                start_new_session=True,
            )

    def _accompany(self, child: subprocess.Popen[bytes], began: float) -> None:
        listens = False
        while child.poll() is None and not self._told.wait(_LOOK_SECONDS):
            if listens:
                continue
            listens = self._port() == _GATEWAY
            if listens:
                self._say("running", problem="", remedy="")
            elif time.monotonic() - began > READY_SECONDS and not self._state.problem:
                problem = f"it does not listen after {READY_SECONDS:.0f} s"
                self._say("starting", problem=problem, remedy=self._see_log())

    def _port(self) -> str:
        try:
            fetch(self._host, self._folder.port)
        except ConnectionRefusedError:
            return _FREE
        except (ssl.SSLError, OSError, ValueError):
            return _OTHER
        return _GATEWAY

    def _see_log(self) -> str:
        return f"its output is in {self.log}"

    def _last_line(self) -> str:
        lines = self.log.read_text(errors="replace").split("\n") if self.log.exists() else []
        return next((line.strip()[:200] for line in reversed(lines) if line.strip()), "it said nothing")

    def _make_room(self) -> None:
        if self.log.exists() and self.log.stat().st_size > LARGEST_LOG:
            self.log.replace(self.log.with_suffix(".log.1"))

    def _say(self, state: str, **changed: object) -> None:
        self._state = replace(self._state, state=state, **changed)  # type: ignore[arg-type]
        draft = self.state_file.with_suffix(f".{os.getpid()}")
        draft.write_text(json.dumps(asdict(self._state) | {"desk": os.getpid()}))
        draft.replace(self.state_file)


def _end(child: subprocess.Popen[bytes]) -> None:
    """Ask the child and what it started to end, then insist."""
    for wanted in (signal.SIGTERM, signal.SIGKILL):
        deadline = time.monotonic() + END_SECONDS
        alive = _signalled(child.pid, wanted)
        while alive and time.monotonic() < deadline:
            child.poll()
            time.sleep(0.02)
            alive = _signalled(child.pid, 0)
    child.wait()


def _signalled(group: int, wanted: int) -> bool:
    """False once nobody of the group is left."""
    try:
        os.killpg(group, wanted)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def read_state(file: Path) -> GatewayProcess | None:
    """What the desk that watches says of its gateway; `None` where no desk watches."""
    try:
        stated = json.loads(file.read_text())
        os.kill(int(stated.pop("desk")), 0)
        return GatewayProcess(**stated)
    except (OSError, ValueError, KeyError, TypeError):
        return None
