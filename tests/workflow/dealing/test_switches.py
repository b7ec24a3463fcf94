"""What the broker is known to do is what a probe of the last 30 days showed, and nothing else (`T-60`)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from glassdesk.kernel.ids import AccountKind
from glassdesk.workflow.dealing.findings import (
    LIFETIME,
    Confidence,
    Finding,
    Probe,
    ProbePlan,
    ProbeState,
    in_force,
)
from glassdesk.workflow.dealing.parts import Parts, ProbeParts
from glassdesk.workflow.dealing.turn import Dealer
from glassdesk.workflow.orders.switches import Switches
from tests.workflow.dealing.desk import TestDesk, a_desk
from tests.workflow.dealing.makers import AAPL, EVENING
from tests.workflow.dealing.scripted_broker import ACCOUNT

HOUR = timedelta(hours=1)


CODES = {"duplicate_coid": "P1", "duplicate_scope": "P1-ended", "child_coid": "B1", "children": "T1"}


def finding(switch: str, setting: str) -> Finding:
    return Finding(
        code=CODES[switch],
        question="?",
        done="",
        conclusion="",
        confidence=Confidence.SHOWN,
        switch=switch,
        setting=setting,
    )


def probe(name: str, ended_at: datetime, *findings: Finding, state: ProbeState = ProbeState.DONE) -> Probe:
    return Probe(
        probe=name,
        account=ACCOUNT,
        kind=AccountKind.PAPER,
        plan=ProbePlan(conid=AAPL, symbol="AAPL", exchange="XNYS"),
        actor="owner",
        state=state,
        began_at=ended_at - HOUR,
        fence=1,
        findings=findings,
        ended_at=ended_at if state.final else None,
    )


def test_T_60_unknown_is_the_safe_side() -> None:
    nothing = in_force([], EVENING)
    assert nothing == Switches()
    assert (nothing.may_send_again, nothing.sends_child_coid, nothing.may_remedy) == (False, False, False)


def test_T_60_the_newest_answer_counts_and_what_is_unknown_takes_none_back() -> None:
    first = probe("a", EVENING - 2 * HOUR, finding("duplicate_coid", "off"), finding("child_coid", "kept"))
    answers = (("duplicate_coid", "400"), ("duplicate_scope", "24h"), ("child_coid", "unknown"))
    second = probe("b", EVENING, *(finding(*one) for one in answers))
    found = in_force([second, first], EVENING)
    assert (found.duplicate_coid, found.child_coid, found.proven_at) == ("400", "kept", EVENING)
    assert found.may_send_again
    assert found.sends_child_coid
    assert found.may_remedy


def test_T_60_answers_end_after_thirty_days() -> None:
    only = probe("a", EVENING, finding("duplicate_coid", "200"), finding("duplicate_scope", "24h"))
    assert in_force([only], EVENING + LIFETIME).may_send_again
    assert in_force([only], EVENING + LIFETIME + timedelta(seconds=1)) == Switches()


def test_T_60_an_id_that_is_free_again_once_its_order_ended_does_not_allow_to_send_again() -> None:
    answers = (finding("duplicate_coid", "200"), finding("duplicate_scope", "working"))
    assert not in_force([probe("a", EVENING, *answers)], EVENING).may_send_again


def test_T_60_a_stopped_or_partial_probe_answers_its_questions_and_proves_nothing_else() -> None:
    stopped = probe("a", EVENING, finding("duplicate_coid", "200"), state=ProbeState.STOPPED)
    partial = probe("b", EVENING, finding("child_coid", "kept"))
    running = probe("c", EVENING, finding("children", "full"), state=ProbeState.RUNNING)
    found = in_force([stopped, partial, running], EVENING)
    assert (found.duplicate_coid, found.child_coid, found.children) == ("200", "kept", "unknown")
    assert not found.may_remedy


def paper(desk: TestDesk) -> Parts:
    """The same desk on an account whose switches only a probe can set."""
    probing = ProbeParts(
        broker=None,  # type: ignore[arg-type]  # nothing is asked in these stories
        store=desk.stores.probes,
        book=None,  # type: ignore[arg-type]  # as above
        purpose=None,  # type: ignore[arg-type]  # as above
        artifacts=None,  # type: ignore[arg-type]  # as above
    )
    return replace(desk.parts, simulated=None, probing=probing)


def test_T_60_the_dealer_sends_again_only_after_a_probe_and_no_longer_than_it_holds() -> None:
    desk = a_desk()
    parts = paper(desk)
    dealer = Dealer(parts)
    board = parts.board
    dealer.turn()
    assert board.switches == Switches()

    answers = (("duplicate_coid", "200"), ("duplicate_scope", "24h"), ("child_coid", "kept"))
    shown = probe("a", EVENING, *(finding(*one) for one in answers))
    desk.write(lambda t: desk.stores.probes.put(t, shown))
    desk.at(EVENING + HOUR)
    dealer.turn()
    assert board.switches.may_send_again
    assert board.switches.sends_child_coid

    desk.at(EVENING + LIFETIME + HOUR)
    dealer.turn()
    assert board.switches == Switches()
    told = [row.kind for row in desk.read(parts.audit.entries) if row.kind == "switches.set"]
    assert len(told) == 2


def test_T_60_on_a_simulated_account_the_simulator_says_what_it_does() -> None:
    desk = a_desk()
    desk.turn()
    assert desk.parts.may_send_again
    desk = a_desk(dedupe_proven=False)
    desk.turn()
    assert not desk.parts.may_send_again
