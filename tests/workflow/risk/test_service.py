"""The kill switch: raised by anyone, lowered with a reason, both in the audit."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from glassdesk.adapters.clocks.manual import ManualClock
from glassdesk.adapters.database import Stores, open_database
from glassdesk.kernel.errors import Conflict, InvalidInput
from glassdesk.workflow.lineage.audit import Audit
from glassdesk.workflow.risk import halt
from glassdesk.workflow.risk.model import Halt, HaltLevel
from glassdesk.workflow.risk.service import Risk


def a_risk() -> tuple[Stores, Risk]:
    stores, clock = open_database("memory:"), ManualClock(datetime(2024, 3, 5, tzinfo=UTC))
    return stores, Risk(stores.halt, stores.verdicts, Audit(stores.audit, clock), clock)


def test_a_halt_is_raised_audited_and_resumed_with_a_reason() -> None:
    stores, risk = a_risk()
    with stores.transactions.begin() as t:
        risk.set_halt(t, HaltLevel.REDUCE_ONLY, "storm", "owner")
        assert risk.halt(t).level is HaltLevel.REDUCE_ONLY
        with pytest.raises(Conflict):
            risk.set_halt(t, HaltLevel.PAUSE_ENTRIES, "less", "owner")
        with pytest.raises(InvalidInput):
            risk.resume(t, " ", "owner")
        risk.resume(t, "calm", "owner")
        assert risk.halt(t).level is HaltLevel.ACTIVE
        assert [entry.kind for entry in stores.audit.entries(t)] == ["halt", "resume"]


def test_the_higher_of_row_and_file_is_in_force() -> None:
    row = Halt(level=HaltLevel.PAUSE_ENTRIES, reason="", actor="", since=None)
    file = Halt(level=HaltLevel.HALT, reason="", actor="", since=None)
    assert halt.effective(row, file) is file
    assert halt.effective(file, row) is file
    assert halt.effective(row, None) is row


def test_T_50_each_level_contains_the_ones_before_it() -> None:
    levels = list(HaltLevel)
    for permits in (halt.may_run, halt.may_reserve_entry, halt.may_send_entry, halt.may_protect):
        allowed = [permits(level) for level in levels]
        assert allowed == sorted(allowed, reverse=True)
    assert [level.name for level in levels if halt.cancels_entries(level)] == [
        "HALT_CANCEL_ENTRIES",
        "FLATTEN",
    ]
