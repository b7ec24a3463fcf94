"""Laws of slots, runs and leases: one row for each instant, one worker for each run, fences that grow."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime

import pytest

from glassdesk.adapters.database import Stores
from glassdesk.kernel.errors import Conflict, IntegrityViolation, LeaseLost
from glassdesk.kernel.leases import Lease
from glassdesk.workflow.runs.model import Run, RunState, StepRow
from glassdesk.workflow.schedules.model import Pause, SlotState
from tests.adapters.laws.makers import (
    AAPL,
    HOUR,
    MINUTE,
    MSFT,
    NOON,
    a_node,
    a_run,
    a_slot,
    a_strategy,
    store_run,
)


def claim(stores: Stores, run: Run, owner: str = "one", *, at: datetime = NOON) -> Run | None:
    with stores.transactions.begin() as t:
        return stores.runs.claim(t, run.run, owner, now=at, ttl=MINUTE)


def stored(stores: Stores, *runs: Run) -> Sequence[Run]:
    with stores.transactions.begin() as t:
        return [store_run(stores, t, run) for run in runs]


def a_step(run: Run, number: int, name: str) -> StepRow:
    return StepRow(
        run=run.run,
        number=number,
        name=name,
        output="{}",
        output_sha256="0" * 64,
        node=f"{name}:{run.run}",
        committed_at=NOON,
        machine_ms=7,
    )


def test_an_instant_has_one_row(stores: Stores) -> None:
    with stores.transactions.begin() as t:
        stores.strategies.add_version(t, a_strategy())
        assert stores.slots.add(t, a_slot())
        assert not stores.slots.add(t, replace(a_slot(), reason="again"))
        assert stores.slots.slots(t) == [a_slot()]


def test_a_slot_needs_its_strategy_version(stores: Stores) -> None:
    with pytest.raises(IntegrityViolation), stores.transactions.begin() as t:
        stores.slots.add(t, a_slot())


def test_slots_come_newest_first_and_can_be_narrowed(stores: Stores) -> None:
    with stores.transactions.begin() as t:
        for name in ("a", "b"):
            stores.strategies.add_version(t, a_strategy(name))
        for name, instant in (("a", NOON), ("b", NOON), ("a", NOON + HOUR)):
            stores.slots.add(t, a_slot(name, instant))
        listed = [(slot.strategy, slot.instant) for slot in stores.slots.slots(t)]
        assert listed == [("a", NOON + HOUR), ("a", NOON), ("b", NOON)]
        assert len(stores.slots.slots(t, strategy="a")) == 2
        assert len(stores.slots.slots(t, since=NOON + MINUTE)) == 1
        assert len(stores.slots.slots(t, limit=1)) == 1


def test_a_watermark_never_moves_back(stores: Stores) -> None:
    with stores.transactions.begin() as t:
        assert stores.slots.watermark(t, "morning") is None
        for instant in (NOON, NOON + HOUR, NOON - HOUR):
            stores.slots.set_watermark(t, "morning", instant)
        assert stores.slots.watermark(t, "morning") == NOON + HOUR


def test_pausing_and_resuming_may_be_repeated_and_the_first_pause_stays(stores: Stores) -> None:
    first = Pause(strategy="a", actor="desk", reason="BREAKER: three", at=NOON)
    with stores.transactions.begin() as t:
        for again in (first, replace(first, actor="owner", reason="")):
            stores.slots.pause(t, again)
            assert stores.slots.paused(t) == {"a": first}
        assert stores.slots.resumed_at(t, "a") is None
        for at in (NOON, NOON + HOUR):
            stores.slots.resume(t, "a", at)
            assert stores.slots.paused(t) == {}
        assert stores.slots.resumed_at(t, "a") == NOON + HOUR


def test_the_agenda_tells_who_is_due_soonest_first(stores: Stores) -> None:
    with stores.transactions.begin() as t:
        assert stores.slots.next_due(t) is None
        for name, due in (("c", NOON), ("b", NOON + HOUR), ("a", NOON), ("d", None), ("b", NOON - HOUR)):
            stores.slots.plan(t, name, due)
        assert stores.slots.due(t, NOON - MINUTE) == ["b"]
        assert stores.slots.due(t, NOON) == ["b", "a", "c"]
        assert stores.slots.planned(t) == [(NOON - HOUR, "b"), (NOON, "a"), (NOON, "c")]
        assert stores.slots.planned(t, after=(NOON - HOUR, "b"), limit=1) == [(NOON, "a")]
        assert stores.slots.planned(t, after=(NOON, "a")) == [(NOON, "c")]
        stores.slots.plan(t, "b", None)
        assert stores.slots.next_due(t) == NOON


def test_a_tick_is_remembered_and_never_moves_back(stores: Stores) -> None:
    with stores.transactions.begin() as t:
        assert stores.slots.ticked_at(t) is None
        for at in (NOON, NOON + HOUR, NOON - HOUR):
            stores.slots.tick(t, at)
        assert stores.slots.ticked_at(t) == NOON + HOUR


def test_outcomes_are_slots_with_their_runs(stores: Stores) -> None:
    first, second, other = stored(stores, a_run(), a_run(conid=MSFT), a_run(slot=NOON + HOUR))
    with stores.transactions.begin() as t:
        stores.slots.add(t, replace(a_slot(instant=NOON + 2 * HOUR), state=SlotState.HOLIDAY))
        found = stores.slots.outcomes(t, strategy="morning", limit=10)
        assert [one.runs for one in found] == [(), (other,), (first, second)]
        assert [one.slot.instant for one in found] == [NOON + 2 * HOUR, NOON + HOUR, NOON]
        assert len(stores.slots.outcomes(t, since=NOON + HOUR, limit=10)) == 2
        assert stores.slots.outcomes(t, strategy="nobody", limit=10) == []
        assert [one.instant for one in stores.slots.slots(t, until=NOON + HOUR)] == [NOON]


def test_failures_are_told_from_an_instant_on(stores: Stores) -> None:
    early, late, fine = stored(stores, a_run(), a_run(conid=MSFT), a_run(slot=NOON + HOUR))
    with stores.transactions.begin() as t:
        stores.runs.set_state(t, early, RunState.FAILED, "INTEGRITY: broken", at=NOON)
        stores.runs.set_state(t, late, RunState.QUARANTINED, "QUARANTINED: five", at=NOON + HOUR)
        stores.runs.set_state(t, fine, RunState.NO_TRADE, "NO_SIGNAL: none", at=NOON + HOUR)
        assert [run.conid for run in stores.runs.failed_since(t, NOON)] == [AAPL, MSFT]
        assert [run.conid for run in stores.runs.failed_since(t, NOON + MINUTE)] == [MSFT]


def test_a_run_is_added_once(stores: Stores) -> None:
    (run,) = stored(stores, a_run())
    with stores.transactions.begin() as t:
        assert not stores.runs.add(t, replace(run, symbol="OTHER"))
        assert stores.runs.run(t, run.run) == run


def test_of_many_workers_one_claims(stores: Stores) -> None:
    (run,) = stored(stores, a_run())
    with ThreadPoolExecutor(8) as pool:
        claims = list(pool.map(lambda number: claim(stores, run, f"worker-{number}"), range(8)))
    winners = [won for won in claims if won is not None]
    assert [(won.state, won.fence, won.losses, won.claimed_at) for won in winners] == [
        (RunState.RUNNING, 1, 0, NOON)
    ]


def test_a_claim_that_ended_is_taken_over_with_the_next_fence(stores: Stores) -> None:
    (run,) = stored(stores, a_run())
    first = claim(stores, run)
    assert first is not None
    assert claim(stores, run, "two", at=NOON + MINUTE / 2) is None
    second = claim(stores, run, "two", at=NOON + MINUTE)
    assert second is not None
    assert (second.fence, second.losses, second.claimed_at) == (2, 1, NOON)
    for stale in (
        lambda t: stores.runs.renew(t, first, until=NOON + HOUR),
        lambda t: stores.runs.set_state(t, first, RunState.FAILED, "late", at=NOON),
        lambda t: stores.runs.put_step(t, first, a_step(run, 0, "bars")),
    ):
        with pytest.raises(LeaseLost), stores.transactions.begin() as t:
            stale(t)


def test_an_earlier_claim_of_the_same_owner_is_stale_too(stores: Stores) -> None:
    """A thread that slept through its lease wakes beside one that took the run over under its name."""
    (run,) = stored(stores, a_run())
    first = claim(stores, run)
    assert first is not None
    assert claim(stores, run, at=NOON + MINUTE) is not None
    with pytest.raises(LeaseLost), stores.transactions.begin() as t:
        stores.runs.set_state(t, first, RunState.FAILED, "late", at=NOON)


def test_a_renewed_claim_is_not_taken_over(stores: Stores) -> None:
    (run,) = stored(stores, a_run())
    first = claim(stores, run)
    assert first is not None
    with stores.transactions.begin() as t:
        renewed = stores.runs.renew(t, first, until=NOON + HOUR)
    assert claim(stores, run, "two", at=NOON + 30 * MINUTE) is None
    with stores.transactions.read() as t:
        assert stores.runs.run(t, run.run) == renewed


def test_a_decided_run_frees_its_worker_and_goes_on_from_there(stores: Stores) -> None:
    (run,) = stored(stores, a_run())
    claimed = claim(stores, run)
    assert claimed is not None
    with stores.transactions.begin() as t:
        decided = stores.runs.set_state(t, claimed, RunState.DECIDED, "BUY", at=NOON + MINUTE)
    assert (decided.lease_owner, decided.ended_at) == (None, None)
    assert claim(stores, run, "two", at=NOON + HOUR) is None
    with stores.transactions.begin() as t:
        ended = stores.runs.set_state(t, decided, RunState.RESERVED, "reserved", at=NOON + HOUR)
    assert (ended.ended_at, ended.reason) == (NOON + HOUR, "reserved")
    with pytest.raises(LeaseLost), stores.transactions.begin() as t:
        stores.runs.set_state(t, decided, RunState.NO_TRADE, "NOT_SELECTED", at=NOON + HOUR)


def test_a_step_is_committed_once_and_read_back(stores: Stores) -> None:
    (run,) = stored(stores, a_run())
    claimed = claim(stores, run)
    assert claimed is not None
    for number, name in enumerate(("preflight", "bars")):
        with stores.transactions.begin() as t:
            stores.lineage.add_node(t, a_node(name, run.run))
            stores.runs.put_step(t, claimed, a_step(run, number, name))
    with pytest.raises(Conflict, match="bars"), stores.transactions.begin() as t:
        stores.runs.put_step(t, claimed, a_step(run, 1, "bars"))
    with stores.transactions.read() as t:
        assert [step.name for step in stores.runs.steps(t, run.run)] == ["preflight", "bars"]
        assert stores.runs.step(t, run.run, "bars") == a_step(run, 1, "bars")
        assert stores.runs.step(t, run.run, "signal") is None


def test_a_step_without_its_node_is_refused(stores: Stores) -> None:
    (run,) = stored(stores, a_run())
    claimed = claim(stores, run)
    assert claimed is not None
    with pytest.raises(IntegrityViolation, match="not stored"), stores.transactions.begin() as t:
        stores.runs.put_step(t, claimed, a_step(run, 0, "bars"))


def test_runs_are_listed_by_slot_and_narrowed(stores: Stores) -> None:
    first, second, third = stored(stores, a_run(), a_run(conid=MSFT), a_run(slot=NOON + HOUR))
    claim(stores, third)
    with stores.transactions.read() as t:
        assert [run.run for run in stores.runs.runs(t)] == [third.run, first.run, second.run]
        assert stores.runs.batch(t, "morning", NOON) == [first, second]
        assert [run.run for run in stores.runs.unfinished(t)] == [first.run, second.run, third.run]
        assert [run.run for run in stores.runs.runs(t, states=[RunState.RUNNING])] == [third.run]
        assert stores.runs.runs(t, conid=MSFT, before=NOON + HOUR, strategy="morning") == [second]
        assert stores.runs.by_prefix(t, first.run[:8]) == [first]
        assert stores.runs.by_prefix(t, first.run[:7]) == []


def test_the_next_run_is_the_nearest_of_its_strategy_and_contract(stores: Stores) -> None:
    slots = [NOON + HOUR * number for number in range(4)]
    rows = stored(
        stores, *(a_run(slot=slot) for slot in reversed(slots)), a_run(conid=MSFT, slot=NOON + HOUR)
    )
    *_, second, first, elsewhere = rows
    with stores.transactions.read() as t:
        assert stores.runs.next_run(t, first) == second
        assert stores.runs.next_run(t, rows[0]) is None
        assert stores.runs.next_run(t, elsewhere) is None


def acquire(stores: Stores, owner: str, at: datetime) -> Lease | None:
    with stores.transactions.begin() as t:
        return stores.leases.acquire(t, "dealer", owner, now=at, ttl=MINUTE)


def test_a_lease_is_held_by_one_and_renewed_by_its_holder(stores: Stores) -> None:
    assert acquire(stores, "one", NOON) == Lease(name="dealer", owner="one", fence=1, until=NOON + MINUTE)
    assert acquire(stores, "two", NOON) is None
    assert acquire(stores, "one", NOON + MINUTE / 2) == Lease(
        name="dealer", owner="one", fence=1, until=NOON + MINUTE * 1.5
    )


def test_an_expired_lease_passes_on_with_a_higher_fence(stores: Stores) -> None:
    old = acquire(stores, "one", NOON)
    new = acquire(stores, "two", NOON + MINUTE)
    assert old is not None
    assert new is not None
    assert (new.owner, new.fence) == ("two", 2)
    with stores.transactions.begin() as t:
        assert not stores.leases.holds(t, old)
        assert stores.leases.holds(t, new)
        stores.leases.release(t, old)
        assert stores.leases.holder(t, "dealer") == new


def test_a_released_lease_is_free_and_its_fence_still_grows(stores: Stores) -> None:
    old = acquire(stores, "one", NOON)
    assert old is not None
    with stores.transactions.begin() as t:
        stores.leases.release(t, old)
        assert stores.leases.holder(t, "dealer") is None
    again = acquire(stores, "one", NOON)
    assert again is not None
    assert again.fence == 2


def test_voiding_ends_every_lease_and_every_claim(stores: Stores) -> None:
    (run,) = stored(stores, a_run(conid=AAPL))
    lease, claimed = acquire(stores, "dead", NOON), claim(stores, run, "dead")
    assert lease is not None
    assert claimed is not None
    with stores.transactions.begin() as t:
        assert stores.leases.void_all(t, now=NOON) == 2
        assert stores.leases.void_all(t, now=NOON) == 0
        assert not stores.leases.holds(t, lease)
    with pytest.raises(LeaseLost), stores.transactions.begin() as t:
        stores.runs.renew(t, claimed, until=NOON + HOUR)
    taken = claim(stores, run, "alive", at=NOON)
    assert taken is not None
    assert taken.fence > claimed.fence
