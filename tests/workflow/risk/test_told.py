"""The kill switch is told in the transaction that moves it (`T-76`)."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from glassdesk.adapters.clocks.manual import ManualClock
from glassdesk.adapters.database import Stores, open_database
from glassdesk.workflow.lineage.audit import Audit
from glassdesk.workflow.notifications.dispatching import Channels
from glassdesk.workflow.notifications.model import Severity
from glassdesk.workflow.notifications.service import Notifications
from glassdesk.workflow.risk.model import HaltLevel
from glassdesk.workflow.risk.service import Risk


class RolledBackError(Exception):
    """Something after the switch failed."""


def a_risk() -> tuple[Stores, Risk]:
    stores, clock = open_database("memory:"), ManualClock(datetime(2024, 3, 5, tzinfo=UTC))
    audit = Audit(stores.audit, clock)
    told = Notifications(stores.transactions, stores.outbox, Channels(), clock, audit)
    return stores, Risk(stores.halt, stores.verdicts, audit, clock, told)


def test_the_kill_switch_is_told_with_reason_and_who() -> None:
    stores, risk = a_risk()
    with stores.transactions.begin() as t:
        risk.set_halt(t, HaltLevel.PAUSE_ENTRIES, "lunch", "owner")
        risk.set_halt(t, HaltLevel.REDUCE_ONLY, "drawdown", "dealer")
        risk.resume(t, "calm", "owner")
        told = {(one.severity, one.title, one.body) for one in stores.outbox.recent(t)}
    assert told == {
        (Severity.WARNING, "Trading is stopped: PAUSE_ENTRIES", "lunch (by owner)"),
        (Severity.ALARM, "Trading is stopped: REDUCE_ONLY", "drawdown (by dealer)"),
        (Severity.INFO, "Trading goes on", "calm (by owner)"),
    }


def test_a_switch_that_was_rolled_back_is_told_to_nobody() -> None:
    stores, risk = a_risk()

    def fail() -> None:
        with stores.transactions.begin() as t:
            risk.set_halt(t, HaltLevel.HALT, "storm", "owner")
            raise RolledBackError

    with pytest.raises(RolledBackError):
        fail()
    with stores.transactions.read() as t:
        assert list(stores.outbox.recent(t)) == []
