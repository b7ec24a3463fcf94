"""A probe that is refused, stopped, killed, looked at on the second day: the account is clean in the end."""

from __future__ import annotations

import json
from datetime import timedelta
from itertools import pairwise

import pytest

from glassdesk.composition.verifying import verify
from glassdesk.kernel.ids import AccountKind
from glassdesk.workflow.dealing.findings import ProbeState
from glassdesk.workflow.dealing.model import CommandKind
from glassdesk.workflow.orders.model import Order, OrderState
from glassdesk.workflow.risk.model import HaltLevel
from tests.faults.stage import AAPL, IBM, MINUTE, SECOND, Stage
from tests.workflow.dealing.probe.conftest import Paper
from tests.workflow.dealing.probe.probing import (
    ask,
    begin,
    ended,
    finding,
    is_clean,
    last,
    may_send,
    plan,
    probed,
    settings,
)

CHEAP = ("P1", "P1-ended", "B1")


def refusal(stage: Stage, **changes: object) -> str:
    """What the dealer says to a probe that may not begin; nothing was sent."""
    stage.run_until(lambda: may_send(stage))
    before = len(stage.truth())
    command = ask(stage, plan(**changes))
    stage.turn()
    [done] = [one for one in stage.read(stage.desk.dealing.recent) if one.command == command.command]
    assert len(stage.truth()) == before
    assert not stage.read(lambda t: stage.ground.stores.probes.of_account(t, command.argument))
    return done.result


def test_T_60_a_live_account_is_never_probed(paper: Paper) -> None:
    assert "a live account is never probed" in refusal(paper(kind=AccountKind.LIVE))


@pytest.mark.parametrize(
    ("at", "words"),
    [
        ("2012-10-01T11:00:00Z", "the market is closed (come back at 2012-10-01T13:35:00Z)"),
        ("2012-10-01T13:31:00Z", "has just opened (come back at 2012-10-01T13:35:00Z)"),
        ("2012-10-01T19:35:00Z", "closes within half an hour (come back at 2012-10-02T13:35:00Z)"),
    ],
)
def test_T_60_outside_its_hours_the_probe_says_when_to_come_back(paper: Paper, at: str, words: str) -> None:
    assert words in refusal(paper(at=at))


def test_T_60_nothing_is_probed_while_the_desk_is_halted(paper: Paper) -> None:
    stage = paper()
    stage.write(lambda t: stage.desk.risk.set_halt(t, HaltLevel.PAUSE_ENTRIES, reason="drill", actor="owner"))
    assert "the kill switch says PAUSE_ENTRIES" in refusal(stage)


def test_T_60_a_contract_that_somebody_uses_is_left_alone(paper: Paper) -> None:
    stage = paper()
    assert "the strategy morning trades it" in refusal(stage, conid=AAPL, symbol="AAPL")
    stage.ask_control("POST", "/person/order", {"conid": IBM, "side": "BUY", "quantity": 5})
    assert "the account holds it" in refusal(stage)


def test_T_60_one_probe_at_a_time(paper: Paper) -> None:
    stage = paper()
    begin(stage, plan(only=CHEAP))
    ask(stage, plan())
    stage.turn()
    assert "a probe is running since" in stage.read(stage.desk.dealing.recent)[0].result
    ended(stage)
    assert is_clean(stage)


def test_T_60_only_what_was_asked_for_is_answered(paper: Paper) -> None:
    stage = paper()
    probe = probed(stage, only=("B1",))
    assert [one.code for one in probe.findings] == ["B1"]
    assert len([one for one in stage.truth() if one.side == "BUY"]) == 1
    assert not stage.parts.board.switches.may_remedy


def test_T_60_a_person_stops_it_and_everything_is_cancelled(paper: Paper) -> None:
    stage = paper()
    begin(stage, plan())
    stage.run_until(lambda: any(one.live for one in stage.truth()))
    stage.command(CommandKind.PROBE_STOP)
    probe = ended(stage)
    assert (probe.state, probe.note) == (ProbeState.STOPPED, "stopped by owner")
    assert "stopped by owner" in finding(probe, "P1").conclusion
    assert is_clean(stage)
    assert "Probe stopped" in stage.titles()


def test_T_60_the_red_button_stops_it_and_its_shares_are_sold(paper: Paper) -> None:
    stage = paper(partial_fills="3")
    begin(stage, plan(only=("T1",), trade=True))
    stage.run_until(lambda: stage.held(IBM) > 0)
    level = HaltLevel.HALT_CANCEL_ENTRIES
    stage.write(lambda t: stage.desk.risk.set_halt(t, level, reason="drill", actor="owner"))
    probe = ended(stage)
    assert (probe.state, probe.note) == (ProbeState.STOPPED, "the kill switch says HALT_CANCEL_ENTRIES")
    assert is_clean(stage)


def test_T_60_frozen_it_sends_not_even_a_cancel(paper: Paper) -> None:
    stage = paper()
    begin(stage, plan())
    stage.run_until(lambda: any(one.live for one in stage.truth()))
    stage.write(lambda t: stage.desk.risk.set_halt(t, HaltLevel.FREEZE, reason="drill", actor="owner"))
    stage.turn()
    asked = stage.asked(method="DELETE")
    stage.run(2 * MINUTE)
    assert stage.asked(method="DELETE") == asked
    stage.write(lambda t: stage.desk.risk.resume(t, "over", "owner"))
    assert ended(stage).state is ProbeState.STOPPED
    assert is_clean(stage)


@pytest.mark.parametrize("after", [1, 3, 6, 8, 11])
def test_T_60_after_a_death_the_next_dealer_cleans_up(paper: Paper, after: int) -> None:
    """The process dies once so many orders were accepted; with dropped client ids children are known by
    their parent alone, with duplicates accepted one row has two orders."""
    stage = paper(duplicate_coid="off", child_coid="dropped", partial_fills="3")
    begin(stage, plan(trade=True))
    stage.run_until(lambda: len(stage.truth()) >= after)
    stage.restart()
    probe = ended(stage)
    assert probe.state is ProbeState.INTERRUPTED
    assert is_clean(stage)
    assert "Probe interrupted" in stage.titles()


def test_T_60_a_death_between_send_and_answer_leaves_no_order(paper: Paper) -> None:
    stage = paper()
    begin(stage, plan(only=("P1",)))
    place = type(stage.broker.probe.orders(child_coid=False)).place

    class Died(BaseException):
        """The process is gone."""

    def dies(self: object, tickets: object) -> object:
        place(self, tickets)  # type: ignore[arg-type]
        raise Died

    orders = type(stage.broker.probe.orders(child_coid=False))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(orders, "place", dies)
        with pytest.raises(Died):
            stage.run(10 * MINUTE)
    assert [one.live for one in stage.truth()] == [True]
    stage.restart()
    assert ended(stage).state is ProbeState.INTERRUPTED
    assert is_clean(stage)


def test_T_60_a_session_that_ends_holds_the_probe_up(paper: Paper) -> None:
    stage = paper()
    begin(stage, plan(only=CHEAP))
    stage.run_until(lambda: any(one.live for one in stage.truth()))
    stage.ask_control("POST", "/person/sign-out", {})
    stage.run(2 * MINUTE)
    assert last(stage).state is ProbeState.RUNNING
    stage.sign_in()
    assert settings(ended(stage))["child_coid"] == "kept"
    assert is_clean(stage)


def next_morning(stage: Stage) -> None:
    stage.travel(stage.now.replace(hour=14, minute=0, second=0) + timedelta(days=1))


@pytest.mark.parametrize("setting", ["listed", "listed_new_id", "hidden"])
def test_T_60_the_second_day_names_how_a_gtc_order_is_shown(paper: Paper, setting: str) -> None:
    stage = paper(gtc_visible_next_day=setting)
    first = probed(stage, only=("P7",), overnight=True)
    assert first.state is ProbeState.DONE
    assert len(first.kept) == 1
    [resting] = [one for one in stage.truth() if one.live]
    assert (resting.tif, resting.side, resting.quantity) == ("GTC", "BUY", 1)
    assert "the order was placed today" in refusal(stage, second_day=True)

    next_morning(stage)
    stage.run(30 * SECOND)
    assert resting.live, "an order left with consent stays"
    begin(stage, plan(second_day=True))
    second = ended(stage)
    assert settings(second) == {"gtc_visible_next_day": setting}
    assert stage.parts.board.switches.gtc_visible_next_day == setting
    assert is_clean(stage)


def test_T_60_clean_up_cancels_what_was_left_with_consent(paper: Paper) -> None:
    stage = paper()
    probed(stage, only=("P7",), overnight=True)
    assert any(one.live for one in stage.truth())
    stage.command(CommandKind.PROBE_CLEAN_UP)
    stage.turn()
    assert last(stage).state is ProbeState.CLEANING
    assert ended(stage).findings == ()
    assert is_clean(stage)
    stage.command(CommandKind.PROBE_CLEAN_UP)
    stage.turn()
    assert stage.read(stage.desk.dealing.recent)[0].result == "nothing of a probe is left"


def test_T_60_the_dealer_works_on_while_it_probes(paper: Paper) -> None:
    stage = paper()
    begin(stage, plan())
    stage.run_until(lambda: any(one.live for one in stage.truth()))
    entry = stage.reserve_entry()
    stage.run_until(lambda: stage.entry_state(entry) is OrderState.FILLED)
    assert not last(stage).state.final
    ended(stage)
    assert stage.held(AAPL) == 10
    assert not stage.held(IBM)


def test_T_60_time_that_jumps_to_what_is_due_waits_for_every_step(paper: Paper) -> None:
    stage = paper(events=True)
    probe = probed(stage, trade=True)
    assert probe.state is ProbeState.DONE
    assert probe.ended_at is not None
    assert probe.ended_at - probe.began_at < 10 * MINUTE
    assert is_clean(stage)


def test_T_60_no_limit_is_passed(paper: Paper) -> None:
    stage = paper(pacing="full")
    probed(stage, trade=True)
    assert {row["status"] for row in stage.requests()} <= {200, 400}
    reads = [row["at"] for row in stage.requests("/iserver/account/orders", "GET")]
    assert min(later - earlier for earlier, later in pairwise(reads)) >= 5_000_000


def kinds_above(stage: Stage, order: Order) -> set[str]:
    with stage.ground.stores.transactions.read() as t:
        graph, findings = verify(stage.desk, t, f"order:{order.order}")
    assert findings == []
    return {node.kind for node in graph.nodes}


def test_T_60_every_order_of_the_probe_leads_back_to_the_act_of_a_person(paper: Paper) -> None:
    stage = paper(partial_fills="3")
    probe = probed(stage, trade=True)
    orders = stage.read(lambda t: stage.ground.stores.orders.orders(t, run=probe.probe))
    assert {order.coid for order in orders} >= {one.coid for one in stage.truth() if one.coid}
    for order in orders:
        assert {"act", "intent", "order"} <= kinds_above(stage, order)
    told = [row.kind for row in stage.audit("probe.")]
    assert told == ["probe.began", "probe.done"]
    assert stage.read(stage.desk.audit.verify) > 0


def test_T_60_the_report_shows_bodies_without_account_names_or_session(paper: Paper) -> None:
    stage = paper()
    probe = probed(stage, trade=True)
    told = stage.ground.artifacts.get(probe.report).decode()
    page = stage.ground.artifacts.get(probe.text).decode()
    assert json.loads(told)["account"] == "DU•••67"
    for text in (told, page):
        assert "1234567" not in text
        assert "is already registered" in text
        assert '"submitter":"paper"' not in text.replace("\\", "")
    assert "| P1 | Is a client order id refused the second time? |" in page
    assert "Children carry an id of their own: yes." in page
    where = "the order list: yes; a single status: no; the stream: it is down"
    assert finding(probe, "P2").conclusion == where
