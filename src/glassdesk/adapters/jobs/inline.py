"""The door-bell of an embedded desk: a few threads of its own process."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable

from glassdesk.kernel.jobs import Bell

log = logging.getLogger(__name__)


class InlineJobs(Bell):
    """Executes rung runs on daemon threads, started as needed.

    A run that waits is not queued again; one rung while it executes is executed once more afterwards, since
    what it was rung for may have come too late. An exception is logged with its run: the sweeper rings again.
    """

    def __init__(self, execute: Callable[[str], None], *, threads: int = 16) -> None:
        self._execute = execute
        self._limit = threads
        self._changed = threading.Condition()
        self._waiting: deque[str] = deque()
        self._executing: set[str] = set()
        self._threads: list[threading.Thread] = []
        self._idle = 0
        self._closed = False

    def ring(self, run: str) -> None:
        with self._changed:
            if self._closed or run in self._waiting:
                return
            self._waiting.append(run)
            if self._idle < len(self._waiting) and len(self._threads) < self._limit:
                self._start()
            self._changed.notify()

    def _start(self) -> None:
        thread = threading.Thread(target=self._work, name=f"run-{len(self._threads) + 1}", daemon=True)
        self._threads.append(thread)
        thread.start()

    def _work(self) -> None:
        while (run := self._next()) is not None:
            try:
                self._execute(run)
            except Exception:
                log.exception("run %s ended with an exception; the sweeper will ring again", run)
            finally:
                self._done(run)

    def _next(self) -> str | None:
        with self._changed:
            self._idle += 1
            try:
                while True:
                    free = next((run for run in self._waiting if run not in self._executing), None)
                    if free is not None:
                        self._waiting.remove(free)
                        self._executing.add(free)
                        return free
                    if self._closed and not self._waiting:
                        return None
                    self._changed.wait()
            finally:
                self._idle -= 1

    def _done(self, run: str) -> None:
        with self._changed:
            self._executing.discard(run)
            self._changed.notify_all()

    def wait(self, timeout: float | None = None) -> bool:
        """True when nothing waits and nothing executes, within `timeout` seconds of machine time."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._waiting and not self._executing, timeout)

    def close(self, timeout: float | None = None) -> None:
        """Take no more, finish what was taken, end the threads. Those still at work after `timeout` seconds
        of machine time are left to die with the process: their claims end by themselves."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        self.wait(timeout)
        for thread in self._threads:
            thread.join(timeout)
