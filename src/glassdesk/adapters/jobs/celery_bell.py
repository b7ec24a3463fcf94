"""The door-bell of a distributed desk: one message, one run's id."""

from __future__ import annotations

import logging
from typing import Any

from glassdesk.adapters.jobs.celery_app import QUEUE, TASK
from glassdesk.kernel.jobs import Bell

log = logging.getLogger(__name__)


class CeleryBell(Bell):
    """Rings through a Celery application. A queue that is away is logged, never raised."""

    def __init__(self, app: Any) -> None:
        self._app = app

    def ring(self, run: str) -> None:
        try:
            self._app.send_task(TASK, args=[run], queue=QUEUE, retry=False, ignore_result=True)
        except Exception as fault:  # noqa: BLE001 - whatever the transport raises, a lost ring only delays
            log.warning("the queue did not take run %s: %s", run, fault)

    def close(self) -> None:
        """Give the connections back."""
        self._app.close()
