"""Processes at the command line: `doctor` names them, a role of another program does not begin."""

from __future__ import annotations

import socket
import threading
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from glassdesk.adapters.clocks import SystemClock
from glassdesk.adapters.database import open_database
from glassdesk.adapters.database.upgrade import STAMP
from glassdesk.cli import roles
from glassdesk.composition.presence import program
from glassdesk.workflow.processes.model import Process
from tests.adapters.laws.test_processes import DEALER, WORKER
from tests.cli.conftest import Typed

ACCOUNT = "DU1234567"


def there_is(home: Path, *processes: Process) -> None:
    """Rows of now; a dealer among them reigns."""
    stores, now = open_database(f"sqlite:///{home / 'glassdesk.sqlite'}"), SystemClock().now()
    with stores.transactions.begin() as t:
        for one in processes:
            stores.processes.put(t, replace(one, started_at=now, seen_at=now))
        owner = f"{DEALER.process}@http://127.0.0.1:1"
        stores.leases.acquire(t, f"dealer:{ACCOUNT}", owner, now=now, ttl=timedelta(seconds=30))
    stores.close()


def test_doctor_names_dealers_workers_and_what_waits(type_in: Typed, home: Path) -> None:
    before = {one["check"]: one for one in type_in("doctor", "--json").json}
    assert (before["dealers"]["state"], before["workers"]["detail"]) == ("look", "none runs")
    there_is(home, DEALER, WORKER)
    after = {one["check"]: one for one in type_in("doctor", "--json").json}
    assert (after["dealers"]["state"], after["workers"]["state"]) == ("ok", "ok")
    assert f"{DEALER.process} on second reigns until" in after["dealers"]["detail"]
    assert after["workers"]["detail"] == f"{WORKER.process} on second idle"
    assert after["queue"]["state"] == "ok"


def test_a_health_check_asks_for_one_role_of_this_machine(type_in: Typed, home: Path) -> None:
    assert type_in("doctor", "--role", "worker").code == 1
    there_is(home, WORKER, replace(DEALER, host=socket.gethostname()))
    assert type_in("doctor", "--role", "worker").code == 1, "that one is on another machine"
    told = type_in("doctor", "--role", "dealer")
    assert (told.code, DEALER.process in told.out) == (0, True)


def test_doctor_says_that_the_queue_does_not_answer_and_not_its_password(
    type_in: Typed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GLASSDESK_JOBS_URL", "redis://:hidden@127.0.0.1:1/0")
    told = type_in("doctor")
    assert told.code == 1
    assert "bad   queue        redis at 127.0.0.1:1 does not answer" in told.out
    assert "hidden" not in told.out


@pytest.mark.parametrize("found", ["9999", "0001"])
def test_a_role_whose_schema_is_not_the_databases_is_refused_with_exit_code_2(
    type_in: Typed, home: Path, monkeypatch: pytest.MonkeyPatch, found: str
) -> None:
    monkeypatch.setattr(roles, "_told_to_stop", threading.Event)
    stores = open_database(f"sqlite:///{home / 'glassdesk.sqlite'}")
    with stores.transactions.begin() as t:
        t.connection.execute(update(STAMP).values(version_num=found))  # type: ignore[attr-defined]
    stores.close()
    for role in ("worker", "dealer"):
        told = type_in(role)
        assert told.code == 2
        assert told.err.count("\n") == 1
        assert ("upgrade this machine" if found == "9999" else "glassdesk db upgrade") in told.err


def test_a_worker_of_another_program_than_the_dealers_is_refused_in_one_line_with_exit_code_2(
    type_in: Typed, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(roles, "_told_to_stop", threading.Event)
    own = program()
    there_is(home, replace(DEALER, version=own.version, code="0ther", schema=own.schema))
    told = type_in("worker")
    assert (told.code, told.err.count("\n")) == (2, 1)
    assert "runs glassdesk 0.1.0 (0ther)" in told.err
    assert "install the same on both machines" in told.err
