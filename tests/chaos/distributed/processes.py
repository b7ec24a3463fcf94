"""The desk's processes: two dealers of which one reigns, workers that all tick, and a web process."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.journeys import stage

TOKEN = "of-every-gate"
DEPLOYMENT = "tests"
ROLES = {"first": "dealer", "second": "dealer", "one": "worker", "two": "worker", "web": "web"}
"""Names of the processes and what each is."""
ELSEWHERE = "second"
"""The dealer with a home of its own, as on another machine; its broker is the first one's."""


class Processes:
    """They are started and ended by name; a name may have several lives."""

    def __init__(self, folder: Path, settings: Mapping[str, Mapping[str, str]]) -> None:
        """`settings` of each role."""
        self._folder = folder
        self._settings = settings
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self.codes: dict[str, int] = {}
        """Of those that were told to end."""
        self._elsewhere().mkdir(parents=True)
        (self._elsewhere() / "simulator").symlink_to(self.home / "simulator")

    @property
    def home(self) -> Path:
        """Of all but one."""
        return self._folder / "home"

    def _elsewhere(self) -> Path:
        return self._folder / "elsewhere"

    def start(self, name: str) -> None:
        """One more life of it."""
        role = ROLES.get(name, "worker")
        home = self._elsewhere() if name == ELSEWHERE else self.home
        port = ["--port", "0"] if role == "web" else []
        environment = stage.environment(
            GLASSDESK_GATE_TOKEN=TOKEN, GLASSDESK_DEPLOYMENT=DEPLOYMENT, **self._settings[role]
        )
        with self._log(name).open("ab") as log:
            self._running[name] = subprocess.Popen(
                [str(stage.PROGRAM), role, "--home", str(home), *port],
                cwd=stage.ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def pid(self, name: str) -> int:
        """Of its present life."""
        return self._running[name].pid

    def named(self, pid: int) -> str:
        """Whose life has this id."""
        return next(name for name, process in self._running.items() if process.pid == pid)

    @property
    def alive(self) -> list[str]:
        """Names of those that run."""
        return [name for name, process in self._running.items() if process.poll() is None]

    def kill(self, name: str) -> None:
        """kill -9, and its children with it."""
        process = self._running.pop(name)
        for one in (*_children(process.pid), process.pid):
            with suppress(ProcessLookupError):
                os.kill(one, signal.SIGKILL)
        process.wait()

    def signal(self, name: str, number: signal.Signals) -> None:
        """SIGSTOP and SIGCONT."""
        os.kill(self.pid(name), number)

    def end(self, name: str) -> None:
        """Tell it to end, and wait."""
        process = self._running.pop(name)
        process.terminate()
        self.codes[name] = process.wait(timeout=180)

    def said(self, name: str) -> str:
        """All that its lives wrote."""
        return self._log(name).read_text(errors="replace") if self._log(name).exists() else ""

    def _log(self, name: str) -> Path:
        return self._folder / f"{name}.log"

    def end_all(self) -> None:
        """Workers and pages first: they read through the dealer's gate."""
        for name in sorted(self._running, key=lambda name: ROLES.get(name, "worker") == "dealer"):
            self.end(name)

    @contextmanager
    def cleared(self) -> Iterator[None]:
        """Whatever still runs at the end of the block is killed."""
        try:
            yield
        finally:
            for name in list(self._running):
                self.kill(name)


def _children(pid: int) -> list[int]:
    with suppress(OSError):
        return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return []
