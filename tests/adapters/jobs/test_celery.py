"""The queue carries an id and nothing else, under rules that make every mishap a delay."""

from __future__ import annotations

import base64
import json
import logging
import os
import subprocess
import sys
import time

import pytest
import redis

from glassdesk.adapters.jobs import CeleryBell, celery_app
from glassdesk.adapters.jobs.celery_app import QUEUE, TASK
from tests.servers import valkey
from tests.servers.starting import HERE, free_port


def test_the_rules_of_the_queue_are_the_ones_written_down() -> None:
    conf = celery_app("redis://127.0.0.1:1/0").conf
    assert conf.task_acks_late is True
    assert conf.task_reject_on_worker_lost is True
    assert conf.worker_prefetch_multiplier == 1
    assert conf.task_ignore_result is True
    assert conf.result_backend is None
    assert (conf.task_time_limit, conf.task_soft_time_limit) == (330, 290)
    assert conf.broker_transport_options["visibility_timeout"] == 900
    assert conf.result_backend_transport_options["visibility_timeout"] == 900
    assert conf.visibility_timeout == 900
    assert conf.task_publish_retry is False
    assert conf.beat_schedule == {}
    assert conf.accept_content == ["json"]


def test_the_task_is_never_retried_by_celery() -> None:
    app = celery_app("redis://127.0.0.1:1/0", execute=print)
    assert app.tasks[TASK].max_retries == 0
    assert [name for name in app.tasks if not name.startswith("celery.")] == [TASK]


@pytest.mark.services
def test_a_message_carries_the_id_of_the_run_and_nothing_else() -> None:
    url = valkey.fresh_url()
    app = celery_app(url)
    CeleryBell(app).ring("run-1")
    client = redis.Redis.from_url(url)
    (raw,) = client.lrange(QUEUE, 0, -1)
    message = json.loads(raw)
    assert json.loads(base64.b64decode(message["body"])) == [
        ["run-1"],
        {},
        {"callbacks": None, "errbacks": None, "chain": None, "chord": None},
    ]
    assert message["headers"]["eta"] is None
    client.flushdb()
    client.close()
    app.close()


def test_an_absent_queue_is_logged_and_holds_nobody_up(caplog: pytest.LogCaptureFixture) -> None:
    app = celery_app(f"redis://{HERE}:{free_port()}/0")
    began = time.monotonic()
    with caplog.at_level(logging.WARNING):
        CeleryBell(app).ring("run-1")
    assert time.monotonic() - began < 5
    assert "run-1" in caplog.text
    app.close()


@pytest.mark.services
@pytest.mark.process
def test_a_run_whose_worker_is_killed_is_rung_for_again() -> None:
    """`kill -9` in the middle of a run: the message was not acknowledged, another process takes it."""
    url = valkey.fresh_url()
    program = (
        "import os, signal, sys, redis\n"
        "from glassdesk.adapters.jobs import celery_app\n"
        "def execute(run):\n"
        "    if redis.Redis.from_url(sys.argv[1]).rpush('begun', run) == 1:\n"
        "        os.kill(os.getpid(), signal.SIGKILL)\n"
        "app = celery_app(sys.argv[1], execute)\n"
        "app.worker_main(['worker', '--concurrency=1', '--without-gossip', '--without-mingle'])\n"
    )
    client, app = redis.Redis.from_url(url), celery_app(url)
    client.flushdb()
    CeleryBell(app).ring("run-1")
    environment = {**os.environ, "C_FORCE_ROOT": "1"}
    worker = subprocess.Popen(
        [sys.executable, "-c", program, url],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=environment,
    )
    until = time.monotonic() + 40
    while client.llen("begun") < 2 and time.monotonic() < until:
        time.sleep(0.05)
    begun = client.lrange("begun", 0, -1)
    worker.terminate()
    told, _ = worker.communicate(timeout=20)
    client.flushdb()
    client.close()
    app.close()
    assert begun == [b"run-1", b"run-1"], told.decode()[-3000:]


def test_an_embedded_desk_does_not_import_celery() -> None:
    program = "import sys, glassdesk.adapters.jobs; print('celery' in sys.modules)"
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "False"
