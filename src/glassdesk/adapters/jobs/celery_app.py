"""Celery, held to rules under which a lost, repeated or late message is harmless (`reliability.md` §2.16)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

TASK = "glassdesk.run"
QUEUE = "glassdesk"

_VISIBILITY = {"visibility_timeout": 900}
"""Seconds until an unacknowledged message comes back: longer than any task, the same in all three places."""

_QUICK = {"socket_connect_timeout": 2, "socket_timeout": 5}
"""A ring never holds up who rings."""

RULES: dict[str, Any] = {
    "task_default_queue": QUEUE,
    "task_acks_late": True,
    "task_reject_on_worker_lost": True,
    "worker_prefetch_multiplier": 1,
    "task_ignore_result": True,
    "task_store_errors_even_if_ignored": False,
    "result_backend": None,
    "task_time_limit": 330,
    "task_soft_time_limit": 290,
    "broker_transport_options": {**_VISIBILITY, **_QUICK},
    "result_backend_transport_options": _VISIBILITY,
    "visibility_timeout": _VISIBILITY["visibility_timeout"],
    "task_publish_retry": False,
    "broker_connection_timeout": 2,
    # a worker outlives its queue, and its sweeper goes on without it
    "broker_connection_retry_on_startup": True,
    "broker_connection_max_retries": None,
    "task_serializer": "json",
    "accept_content": ["json"],
    "enable_utc": True,
    "worker_hijack_root_logger": False,
    "worker_send_task_events": False,
}


def celery_app(url: str, execute: Callable[[str], None] | None = None) -> Any:
    """A Celery application on `redis://…`; with `execute` it can work, without it can only ring.

    Its one task takes a run's id and nothing else. Celery never retries it: retries belong to the journal.
    """
    # an embedded desk never needs Celery, and it takes a tenth of a second to import
    from celery import Celery

    app = Celery("glassdesk", broker=url, set_as_current=False)
    app.conf.update(RULES)
    if execute is not None:
        # threads of a pool look for their tasks in the process's default application
        app.set_default()

        # not shared: a task of Celery's would otherwise appear on every other application of the process
        @app.task(name=TASK, shared=False, max_retries=0, ignore_result=True)
        def run(identity: str) -> None:
            execute(identity)

    return app
