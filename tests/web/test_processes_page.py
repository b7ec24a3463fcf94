"""The page of processes: who reigns, who is silent, what waits."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from tests.adapters.laws.test_processes import DEALER, WORKER
from tests.web.broker import ACCOUNT
from tests.web.visitor import Visitor


def test_the_page_names_processes_their_state_and_their_queue(owner: Visitor) -> None:
    world = owner.world
    assert "No process has said that it is here" in owner.get("/processes").text
    with world.desk.transactions.begin() as t:
        world.desk.processes.begin(t, DEALER)
        world.ground.stores.leases.acquire(
            t, f"dealer:{ACCOUNT}", f"{DEALER.process}@x", now=world.clock.now(), ttl=timedelta(seconds=30)
        )
        mine = world.desk.processes.begin(t, WORKER)
        world.ground.stores.processes.put(
            t,
            replace(mine, seen_at=mine.seen_at - timedelta(minutes=2), queue_problem="<b>redis</b> is away"),
        )
    page = owner.get("/processes").text
    assert DEALER.process in page
    assert '<span class="chip ok">reigns</span> <small>until' in page
    assert '<span class="chip bad">silent</span>' in page
    assert "&lt;b&gt;redis&lt;/b&gt; is away" in page
    assert 'data-live="process run"' in page
    told = owner.get("/api/v1/processes").json()
    assert [one["presence"] for one in told["processes"]] == ["here", "silent"]
    assert told["processes"][0]["reigns_until"] == "2012-10-01T12:00:30Z"
