"""The kill switch: raised by anyone, lowered with a reason, both in the audit."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from glassdesk.adapters.clocks.manual import ManualClock
from glassdesk.adapters.database import Stores, open_database
from glassdesk.kernel.errors import Conflict, InvalidInput
from glassdesk.workflow.lineage.audit import Audit
from glassdesk.workflow.risk import halt, sizing
from glassdesk.workflow.risk.model import Halt, HaltLevel, LevelChange, Limits
from glassdesk.workflow.risk.rules import RULES, assess
from glassdesk.workflow.risk.service import Risk
from tests.workflow.dealing.desk import a_desk
from tests.workflow.risk.makers import a_buy, an_exposure, gates

MIDNIGHT = datetime(2024, 3, 5, tzinfo=UTC)


def a_risk(clock: ManualClock | None = None) -> tuple[Stores, Risk]:
    stores, clock = open_database("memory:"), clock or ManualClock(MIDNIGHT)
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


def test_T_50_every_change_of_the_level_is_told_newest_first_with_who_and_why() -> None:
    clock = ManualClock(MIDNIGHT)
    stores, risk = a_risk(clock)
    with stores.transactions.begin() as t:
        risk.set_halt(t, HaltLevel.REDUCE_ONLY, "storm", "owner")
    clock.advance(timedelta(hours=1))
    with stores.transactions.begin() as t:
        risk.resume(t, "calm", "another")
    later = MIDNIGHT + timedelta(hours=1)
    calm = LevelChange(at=later, actor="another", before="REDUCE_ONLY", after="ACTIVE", reason="calm")
    storm = LevelChange(at=MIDNIGHT, actor="owner", before="ACTIVE", after="REDUCE_ONLY", reason="storm")
    with stores.transactions.read() as t:
        assert risk.history(t) == (calm, storm)
        assert risk.history(t, limit=1) == (calm,)


def test_the_service_sizes_and_judges_by_the_rules_and_shows_their_table() -> None:
    _, risk = a_risk()
    sized = risk.size(a_buy(quantity=Decimal(0)), an_exposure(), Limits())
    assert sized == sizing.size(a_buy(), an_exposure(), Limits())
    assert (sized.quantity, sized.binding) == (Decimal(58), "MAX_ORDER_VALUE")
    judged = risk.assess(a_buy(), an_exposure(), gates(), Limits())
    assert judged == assess(a_buy(), an_exposure(), gates(), Limits())
    assert {verdict.rule for verdict in judged.verdicts} <= {rule.name for rule in risk.rules()}
    assert risk.rules() == RULES


def test_what_stands_against_a_run_is_the_last_word_of_each_rule_at_that_moment() -> None:
    desk = a_desk()
    stores, risk, run = desk.stores, desk.parts.risk, desk.reserve_entry().intents[0].run
    bad = risk.assess(a_buy(), an_exposure(), gates(no_entry=True), Limits())
    good = risk.assess(a_buy(), an_exposure(), gates(), Limits())
    with stores.transactions.begin() as t:
        risk.keep(t, run, "reserve", bad)
        risk.keep(t, run, "send", good)
        assert risk.denials(t, run, "reserve") == bad.denials != ()
        assert risk.denials(t, run, "send") == ()
        assert [moment for moment, _ in risk.verdicts(t, run)].count("send") == len(good.verdicts)
        newest = risk.recent_denials(t, days=1)
        assert [(one.run, one.verdict) for one in newest] == [(run, word) for word in bad.denials]
        risk.keep(t, run, "reserve", good)
        assert risk.denials(t, run, "reserve") == ()
    desk.at(desk.clock.now() + timedelta(days=2))
    assert desk.read(lambda t: risk.recent_denials(t, days=1)) == []
