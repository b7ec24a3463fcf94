"""Every rule speaks of an exit as it begins, and what it says is kept with its numbers (I-20, T-40)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from glassdesk.kernel.canonical import decode_text
from glassdesk.workflow.dealing.turn import Dealer
from glassdesk.workflow.orders.model import Role
from glassdesk.workflow.risk.model import HaltLevel, Judged
from glassdesk.workflow.risk.rules import RULES, assess
from tests.workflow.dealing.test_exits import LATER, holding_ten


def test_I_20_an_exits_verdicts_are_kept_with_the_numbers_they_were_made_of() -> None:
    desk, entry = holding_ten()
    desk.write(lambda t: desk.parts.risk.set_halt(t, HaltLevel.HALT, "storm", "owner"))
    run = desk.reserve_exit(desk.legs(entry)[Role.TARGET]).intents[0].run
    desk.run_until(LATER + timedelta(minutes=5))
    said = [v for at, v in desk.read(lambda t: desk.parts.risk.verdicts(t, run)) if at == "send"]
    assert [v.rule for v in said if v.denies and not v.passed] == ["KILL_SWITCH"]
    assert len(said) == len(RULES), "the same denial is written once, however long it stands"
    assert desk.broker.modified == []
    desk.write(lambda t: desk.parts.risk.resume(t, "calm", "owner"))
    desk.run_until(LATER + timedelta(minutes=6, seconds=5))
    assert desk.broker.modified
    nodes = [
        n for n in desk.read(lambda t: desk.parts.lineage.nodes_of_run(t, run)) if n.kind == "send_verdicts"
    ]
    denied, allowed = sorted((decode_text(Judged, n.content) for n in nodes), key=lambda j: -j.gates.halt)
    assert (denied.gates.halt, allowed.gates.halt) == (HaltLevel.HALT, HaltLevel.ACTIVE)
    assert allowed.proposal.quantity == 10
    for one in (denied, allowed):
        assert one.limits is not None
        assert one.verdicts == assess(one.proposal, one.exposure, one.gates, one.limits).verdicts


class AheadClock:
    """A broker whose answers say that its clock is so far ahead, or say nothing of it."""

    def __init__(self, ahead: timedelta | None) -> None:
        self._ahead = ahead

    def skew(self) -> timedelta | None:
        return self._ahead


@pytest.mark.parametrize("ahead", [timedelta(seconds=9), None])
def test_T_40_a_clock_that_is_wrong_or_silent_warns_of_an_exit_and_holds_it_not(
    ahead: timedelta | None,
) -> None:
    desk, entry = holding_ten()
    desk.parts = replace(desk.parts, broker=replace(desk.parts.broker, clock=AheadClock(ahead)))
    desk.dealers.append(Dealer(desk.parts))
    run = desk.reserve_exit(desk.legs(entry)[Role.TARGET]).intents[0].run
    desk.run_until(LATER + timedelta(minutes=5))
    [said] = [v for _, v in desk.read(lambda t: desk.parts.risk.verdicts(t, run)) if v.rule == "CLOCK_SKEW"]
    assert not said.passed
    assert not said.denies
    assert desk.broker.modified
