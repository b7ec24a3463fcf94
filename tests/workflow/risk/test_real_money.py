"""The gate before real money: opened with the account's id, closed with a reason, over by itself, told."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from glassdesk.adapters.clocks.manual import ManualClock
from glassdesk.adapters.database import Stores, open_database
from glassdesk.kernel.errors import Conflict, Denied, InvalidInput
from glassdesk.kernel.ids import AccountKind
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.lineage.audit import Audit
from glassdesk.workflow.notifications.dispatching import Channels
from glassdesk.workflow.notifications.service import Notifications
from glassdesk.workflow.risk.model import LiveState
from glassdesk.workflow.risk.real_money import SOON, RealMoney
from glassdesk.workflow.risk.rules_live import LIFETIME
from glassdesk.workflow.risk.unlocks import LiveAct, Shown

ACCOUNT = "U7654321"
NOON = datetime(2026, 3, 5, 17, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
SHOWN = Shown(
    bundle="b1",
    paper_account="DU1234567",
    probe="p1",
    probe_sha256="p1p1",
    probed_at=NOON,
    switches=(("children", "full"),),
    paper_days=20,
    closed_trades=30,
    trades_sha256="t1",
    audit_rows=100,
    audit_head="a1",
)


def a_gate(kind: AccountKind = AccountKind.LIVE) -> tuple[Stores, ManualClock, RealMoney]:
    stores, clock = open_database("memory:"), ManualClock(NOON)
    audit = Audit(stores.audit, clock)
    told = Notifications(stores.transactions, stores.outbox, Channels(), clock, audit)
    return (
        stores,
        clock,
        RealMoney(stores.live, stores.orders, audit, clock, told, account=ACCOUNT, kind=kind),
    )


def state_of(gate: RealMoney, t: Transaction) -> LiveState:
    found = gate.standing(t)
    assert found is not None
    return found.state


def titles(stores: Stores, t: Transaction) -> list[str]:
    return [one.title for one in stores.outbox.recent(t)]


def test_T_61_locked_until_somebody_unlocks_it_and_again_from_the_instant_at_which_that_ends() -> None:
    stores, clock, gate = a_gate()
    with stores.transactions.begin() as t:
        assert (state_of(gate, t), gate.evidence(t), list(gate.history(t))) == (LiveState.NEVER, None, [])
        move = gate.unlock(t, SHOWN, "owner", typed=ACCOUNT)
        assert (move.act, move.move, move.until) == (LiveAct.UNLOCK, 1, NOON + LIFETIME)
        clock.advance(LIFETIME - SECOND)
        assert state_of(gate, t) is LiveState.UNLOCKED
        clock.advance(SECOND)
        assert state_of(gate, t) is LiveState.EXPIRED
        assert [row.kind for row in stores.audit.entries(t)] == ["live.unlock"]
        assert titles(stores, t) == [f"{ACCOUNT} is unlocked for real money"]


def test_T_61_a_lock_ends_it_at_once_and_what_it_was_granted_on_stays_to_be_seen() -> None:
    stores, clock, gate = a_gate()
    with stores.transactions.begin() as t:
        gate.unlock(t, replace(SHOWN, bundle="b0"), "owner", typed=ACCOUNT)
        clock.advance(SECOND)
        gate.unlock(t, SHOWN, "owner", typed=ACCOUNT)
        clock.advance(SECOND)
        gate.lock(t, " storm ", "owner")
        assert state_of(gate, t) is LiveState.LOCKED
        assert gate.evidence(t) == SHOWN
        assert [(one.move, one.act, one.reason) for one in gate.history(t)] == [
            (3, LiveAct.LOCK, "storm"),
            (2, LiveAct.UNLOCK, "the conditions were met"),
            (1, LiveAct.UNLOCK, "the conditions were met"),
        ]
        assert gate.remind(t) is None
        with pytest.raises(Conflict, match="the account is locked"):
            gate.lock(t, "once more", "owner")


def test_T_61_an_unlock_asks_for_the_accounts_id_and_a_lock_for_a_reason() -> None:
    stores, _, gate = a_gate()
    with stores.transactions.begin() as t:
        with pytest.raises(InvalidInput, match="not the account of this desk"):
            gate.unlock(t, SHOWN, "owner", typed=ACCOUNT.lower())
        with pytest.raises(Conflict, match="the account is never"):
            gate.lock(t, "storm", "owner")
        gate.unlock(t, SHOWN, "owner", typed=ACCOUNT)
        with pytest.raises(InvalidInput, match="no reason given"):
            gate.lock(t, " ", "owner")
        assert state_of(gate, t) is LiveState.UNLOCKED


def test_T_61_its_end_is_told_three_days_before_and_when_it_is_over_each_once() -> None:
    stores, clock, gate = a_gate()
    with stores.transactions.begin() as t:
        assert gate.remind(t) is None
        gate.unlock(t, SHOWN, "owner", typed=ACCOUNT)
        clock.advance(LIFETIME - SOON - SECOND)
        assert gate.remind(t) == NOON + LIFETIME - SOON
        assert len(titles(stores, t)) == 1
        clock.advance(SECOND)
        assert {gate.remind(t), gate.remind(t)} == {NOON + LIFETIME}
        assert titles(stores, t)[0] == f"The unlock of {ACCOUNT} ends 2026-04-04T17:00:00Z"
        clock.advance(SOON)
        assert {gate.remind(t), gate.remind(t)} == {None}
        assert titles(stores, t)[0] == f"The unlock of {ACCOUNT} is over: no opening order goes out"
        assert len(titles(stores, t)) == 3


@pytest.mark.parametrize("kind", [AccountKind.PAPER, AccountKind.SIMULATED])
def test_another_account_than_a_live_one_has_no_gate(kind: AccountKind) -> None:
    stores, _, gate = a_gate(kind)
    with stores.transactions.begin() as t:
        assert (gate.standing(t), gate.remind(t)) == (None, None)
        with pytest.raises(Denied, match=f"is a {kind.value} account"):
            gate.unlock(t, SHOWN, "owner", typed=ACCOUNT)
        with pytest.raises(Denied, match=f"is a {kind.value} account"):
            gate.lock(t, "storm", "owner")
