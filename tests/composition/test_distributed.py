"""A worker that is told to leave ends its runs between two steps."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from glassdesk.adapters.ibkr.calls import purpose
from glassdesk.composition.distributed import Leave
from glassdesk.composition.ground import Ground, open_ground
from glassdesk.kernel.errors import LeaseLost
from glassdesk.settings import load
from glassdesk.workflow.runs.model import Run, RunKind, RunState

LONG = timedelta(seconds=150)
RUN = "0d1bb40e-4b3c-5ad0-8df4-41ab3d9c2f51"


@pytest.fixture
def ground(tmp_path: Path) -> Iterator[Ground]:
    settings = load(tmp_path, database_url="memory:", clock_url="memory:", broker_url="memory:")
    with open_ground(settings) as opened:
        yield opened


def _claimed(ground: Ground) -> Run:
    now = ground.clock.now()
    run = Run(
        run=RUN,
        kind=RunKind.MANUAL,
        strategy="ibm-reversion",
        version=1,
        slot=now,
        conid=8314,
        symbol="IBM",
        account="DU1234567",
        state=RunState.DUE,
        reason="",
        created_at=now,
    )
    runs = ground.stores.runs
    with ground.stores.transactions.begin() as t:
        runs.add(t, run)
        claimed = runs.claim(t, RUN, "leaving", now=now, ttl=LONG)
    assert claimed is not None
    return claimed


def _taken_over(ground: Ground) -> Run | None:
    with ground.stores.transactions.begin() as t:
        return ground.stores.runs.claim(t, RUN, "staying", now=ground.clock.now(), ttl=LONG)


def test_until_then_steps_carry_their_purpose_and_the_claim_is_kept(ground: Ground) -> None:
    _claimed(ground)
    with Leave(ground, "leaving").purpose(f"run:{RUN}:bars"):
        assert purpose.get() == f"run:{RUN}:bars"
    assert _taken_over(ground) is None


def test_from_then_on_no_step_begins_and_another_worker_goes_on_at_once(ground: Ground) -> None:
    _claimed(ground)
    leave = Leave(ground, "leaving")
    leave.take()
    with pytest.raises(LeaseLost), leave.purpose(f"run:{RUN}:bars"):
        pytest.fail("a step began")
    taken = _taken_over(ground)
    assert taken is not None
    assert taken.lease_owner == "staying"


def test_a_claim_of_another_worker_is_not_touched(ground: Ground) -> None:
    _claimed(ground)
    leave = Leave(ground, "somebody else")
    leave.take()
    with pytest.raises(LeaseLost), leave.purpose(f"run:{RUN}:bars"):
        pytest.fail("a step began")
    assert _taken_over(ground) is None


def test_a_run_that_ended_meanwhile_is_left_alone(ground: Ground) -> None:
    claimed = _claimed(ground)
    now = ground.clock.now()
    with ground.stores.transactions.begin() as t:
        ground.stores.runs.set_state(t, claimed, RunState.NO_TRADE, "NO_SIGNAL", at=now)
    leave = Leave(ground, "leaving")
    leave.take()
    with pytest.raises(LeaseLost), leave.purpose(f"run:{RUN}:bars"):
        pytest.fail("a step began")
    with ground.stores.transactions.read() as t:
        after = ground.stores.runs.run(t, RUN)
    assert after is not None
    assert (after.state, after.lease_until) == (RunState.NO_TRADE, None)
