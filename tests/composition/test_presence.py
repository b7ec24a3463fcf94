"""Processes know of each other, and one of another program takes no part."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from glassdesk.adapters.clocks import ManualClock
from glassdesk.adapters.database import Stores, open_database
from glassdesk.composition.ground import Ground, open_ground
from glassdesk.composition.presence import Attendance, attending, process_of, program
from glassdesk.composition.reading import reading_desk
from glassdesk.desk import Desk
from glassdesk.kernel.errors import VersionSkew
from glassdesk.settings import load
from glassdesk.workflow.processes.model import Presence, Process, Role
from glassdesk.workflow.processes.service import Processes
from glassdesk.workflow.runs.model import RunKind
from tests.adapters.laws.makers import a_manual_run, a_run, store_run, write
from tests.adapters.laws.test_processes import DEALER, WORKER

BEGINS = datetime(2026, 11, 2, 14, 30, tzinfo=UTC)
ACCOUNT = "DU1234567"
TTL = timedelta(seconds=30)


@pytest.fixture
def stores() -> Iterator[Stores]:
    opened = open_database("memory:")
    yield opened
    opened.close()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(BEGINS)


@pytest.fixture
def processes(stores: Stores, clock: ManualClock) -> Processes:
    return Processes(stores.processes, stores.leases, stores.runs, clock, ACCOUNT, lambda: "")


def reigning(stores: Stores, processes: Processes, dealer: Process = DEALER) -> None:
    with stores.transactions.begin() as t:
        owner = f"{dealer.process}@http://second:4321"
        stores.leases.acquire(t, f"dealer:{ACCOUNT}", owner, now=BEGINS, ttl=TTL)
        processes.begin(t, dealer)


@pytest.mark.parametrize("role", [Role.WORKER, Role.DEALER])
@pytest.mark.parametrize("other", [{"version": "0.2.0"}, {"code": "another"}])
def test_a_worker_or_dealer_of_another_program_than_the_dealers_is_refused(
    stores: Stores, processes: Processes, role: Role, other: dict[str, str]
) -> None:
    reigning(stores, processes)
    mine = replace(WORKER, role=role, **other)  # type: ignore[arg-type]
    with (
        pytest.raises(VersionSkew, match=r"the dealer that reigns .*same on both") as refused,
        stores.transactions.begin() as t,
    ):
        processes.begin(t, mine)
    assert "\n" not in str(refused.value)
    with stores.transactions.read() as t:
        assert processes._store.process(t, mine.process) is None
    with stores.transactions.begin() as t:
        processes.begin(t, WORKER)
        processes.begin(t, replace(mine, process="web-9", role=Role.WEB))


def test_a_dealer_that_fell_silent_or_gave_up_its_lease_binds_nobody(
    stores: Stores, processes: Processes, clock: ManualClock
) -> None:
    reigning(stores, processes)
    newer = replace(WORKER, code="newer")
    clock.advance(timedelta(seconds=36))
    with stores.transactions.begin() as t:
        processes.begin(t, newer)


@pytest.mark.parametrize(
    ("own", "remedy"), [("9999", "glassdesk db upgrade"), ("0001", "upgrade this machine")]
)
def test_any_process_of_another_schema_is_refused_and_told_which_side_is_old(
    stores: Stores, processes: Processes, own: str, remedy: str
) -> None:
    for role in Role:
        with pytest.raises(VersionSkew, match=remedy), stores.transactions.begin() as t:
            processes.begin(t, replace(WORKER, role=role, schema=own))


def test_one_is_silent_after_three_rows_that_did_not_come_and_forgotten_after_two_days(
    stores: Stores, processes: Processes, clock: ManualClock
) -> None:
    def presence() -> list[tuple[str, Presence]]:
        with stores.transactions.read() as t:
            return [(one.row.process, one.presence) for one in processes.fleet(t).processes]

    with stores.transactions.begin() as t:
        mine = processes.begin(t, WORKER)
    clock.advance(timedelta(seconds=35))
    assert presence() == [(WORKER.process, Presence.HERE)]
    clock.advance(timedelta(seconds=1))
    assert presence() == [(WORKER.process, Presence.SILENT)]
    with stores.transactions.begin() as t:
        mine = processes.seen(t, mine, turned=timedelta(seconds=4), queue_problem="away")
        assert (mine.seen_at - (mine.turned_at or BEGINS)) == timedelta(seconds=4)
        processes.end(t, mine)
    assert presence() == [(WORKER.process, Presence.ENDED)]
    clock.advance(timedelta(days=3))
    with stores.transactions.begin() as t:
        processes.begin(t, DEALER)
    assert presence() == [(DEALER.process, Presence.HERE)]


def test_the_fleet_tells_who_reigns_who_is_at_what_and_what_waits(
    stores: Stores, processes: Processes
) -> None:
    reigning(stores, processes)
    claimed, waits, asked = a_run(), a_run(conid=8314), a_manual_run(conid=4815747)
    for run in (claimed, waits, asked):
        write(stores, lambda t, run=run: store_run(stores, t, run))  # type: ignore[misc]
    with stores.transactions.begin() as t:
        processes.begin(t, WORKER)
        stores.runs.claim(t, claimed.run, WORKER.process, now=claimed.slot, ttl=TTL)
        fleet = processes.fleet(t)
    dealer, worker = fleet.processes
    assert (dealer.reigns_until, worker.reigns_until) == (BEGINS + TTL, None)
    assert [run.run for run in worker.busy] == [claimed.run]
    assert [(one.kind, one.number, one.held) for one in fleet.waiting] == [
        (RunKind.MANUAL, 1, 0),
        (RunKind.SCHEDULED, 1, 0),
    ]
    assert fleet.of(Role.DEALER, Role.UP) == [dealer]


@pytest.fixture
def ground(tmp_path: Path) -> Iterator[Ground]:
    settings = load(tmp_path, database_url="memory:", clock_url="memory:", broker_url="memory:")
    with open_ground(settings) as opened:
        yield opened


@pytest.fixture
def desk(ground: Ground) -> Iterator[Desk]:
    with reading_desk(ground) as opened:
        yield opened


def test_a_process_is_here_inside_the_block_and_ended_after_it(ground: Ground, desk: Desk) -> None:
    def row() -> Process:
        with desk.transactions.read() as t:
            [found] = desk.processes.fleet(t).processes
        return found.row

    with attending(ground, desk, Role.WORKER, "worker-1"):
        assert (row().ended_at, row().threads, row().queue) == (None, ground.settings.workers, "threads")
        assert row().program == program()
    assert row().ended_at is not None


def test_a_program_that_is_no_longer_the_dealers_leaves_at_its_next_row(ground: Ground, desk: Desk) -> None:
    left: list[VersionSkew] = []
    mine = process_of(ground, Role.WORKER, "worker-1")
    attendance = Attendance(desk, mine, turned=lambda: None, leave=left.append)
    attendance.begin()
    attendance.look()
    assert left == []
    upgraded = replace(process_of(ground, Role.DEALER, "dealer-2"), version="0.2.0")
    with desk.transactions.begin() as t:
        name = f"dealer:{ground.settings.account}"
        ground.stores.leases.acquire(t, name, "dealer-2@x", now=ground.clock.now(), ttl=TTL)
        desk.processes.begin(t, upgraded)
    attendance.look()
    attendance.end()
    assert [skew.code for skew in left[:1]] == ["version_skew"]
    assert "0.2.0" in str(left[0])
    assert not [one.name for one in threading.enumerate() if one.name == "attendance"]
