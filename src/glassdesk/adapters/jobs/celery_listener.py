"""The listening end of the queue: Celery inside a worker's process, its tasks on a pool of threads."""

from __future__ import annotations

import threading
from typing import Any


class CeleryListener:
    """Executes rung runs until `close`. The application was made with what executes them."""

    def __init__(self, app: Any, *, threads: int = 16) -> None:
        # threads, because a run waits for broker, model and database and computes for a tenth of a second;
        # gossip, mingle and heartbeats are for workers that look after each other: ours meet in the database
        self._worker = app.WorkController(
            pool="threads",
            concurrency=threads,
            without_gossip=True,
            without_mingle=True,
            without_heartbeat=True,
        )
        self._thread = threading.Thread(target=self._worker.start, name="queue", daemon=True)

    def start(self) -> None:
        """Listen in the background; an absent queue is asked for again and again."""
        self._thread.start()

    def close(self, timeout: float | None = None) -> None:
        """Take no more and finish what runs, within `timeout` seconds of machine time. What was taken and not
        begun goes back to the queue."""
        # what Celery's own signal handler would set: its loop looks at it once a second
        self._worker.state.should_stop = 0
        if self._thread.is_alive():
            self._thread.join(timeout)
