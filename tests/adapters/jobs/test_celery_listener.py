"""The listening end of the queue, in a process of its own as it runs in a worker."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
import redis

from glassdesk.adapters.jobs import CeleryBell, celery_app
from glassdesk.adapters.jobs.celery_app import QUEUE
from tests.servers import valkey
from tests.servers.starting import HERE, free_port

PROGRAM = """
import sys, threading, time
from glassdesk.adapters.jobs import CeleryListener, celery_app
begun, go = threading.Event(), threading.Event()
def execute(run):
    print("began", run, flush=True)
    begun.set()
    go.wait(20)
    print("ended", run, flush=True)
listener = CeleryListener(celery_app(sys.argv[1], execute), threads=1)
listener.start()
begun.wait(float(sys.argv[2]))
threading.Timer(1.5, go.set).start()
started = time.monotonic()
listener.close(20)
print("closed", time.monotonic() - started < 15, flush=True)
"""


def _listened(url: str, patience: float) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, url, str(patience)],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "PYTHONWARNINGS": "error::ResourceWarning"},
        check=True,
    )
    return done.stdout.splitlines()


@pytest.mark.services
@pytest.mark.process
def test_a_closing_listener_finishes_the_run_at_hand_and_leaves_the_others_to_the_queue() -> None:
    url = valkey.fresh_url()
    client, app = redis.Redis.from_url(url), celery_app(url)
    client.flushdb()
    for run in ("run-1", "run-2", "run-3"):
        CeleryBell(app).ring(run)
    said = _listened(url, 20)
    left = client.llen(QUEUE)
    client.flushdb()
    client.close()
    app.close()
    assert said == ["began run-1", "ended run-1", "closed True"]
    assert left == 2


@pytest.mark.process
def test_a_listener_without_its_queue_can_still_be_closed() -> None:
    assert _listened(f"redis://{HERE}:{free_port()}/0", 1) == ["closed True"]
