"""Laws of the store of processes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from glassdesk.adapters.database import Stores
from glassdesk.adapters.database.schema import HEAD
from glassdesk.workflow.processes.model import Process, Role
from tests.adapters.laws.makers import HOUR, NOON

WORKER = Process(
    process="worker-7-ab12",
    role=Role.WORKER,
    host="second",
    pid=7,
    version="0.1.0",
    code="c0de",
    schema=HEAD,
    threads=16,
    queue="redis",
    queue_problem="",
    started_at=NOON,
    seen_at=NOON,
    turned_at=None,
    ended_at=None,
)
DEALER = replace(WORKER, process="dealer-8-cd34", role=Role.DEALER, threads=0, queue="", pid=8)


def test_a_process_is_kept_as_it_last_said_itself_until_it_is_forgotten(stores: Stores) -> None:
    later = replace(WORKER, seen_at=NOON + HOUR, turned_at=NOON, queue_problem="away", ended_at=NOON + HOUR)
    with stores.transactions.begin() as t:
        for row in (WORKER, DEALER, later):
            stores.processes.put(t, row)
        assert stores.processes.process(t, WORKER.process) == later
        assert stores.processes.process(t, "nobody") is None
        assert list(stores.processes.all(t)) == [DEALER, later]
    with stores.transactions.begin() as t:
        assert stores.processes.drop(t, before=NOON + timedelta(minutes=1)) == 1
        assert list(stores.processes.all(t)) == [later]


def test_the_schema_is_the_databases_and_time_is_its_servers_where_there_is_one(stores: Stores) -> None:
    with stores.transactions.read() as t:
        assert stores.processes.schema(t) == HEAD
        told = stores.processes.now(t, NOON)
    assert (told == NOON) == (t.dialect == "sqlite")  # type: ignore[attr-defined]
    assert told.tzinfo is not None
