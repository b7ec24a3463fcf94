"""One run from its slot to its end: what it commits, what it reserves, and what stops it, each with its
reason."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import NoReturn

import pytest

from glassdesk.composition.verifying import verify
from glassdesk.kernel.errors import ReadFailed
from glassdesk.kernel.ids import intent_id
from glassdesk.workflow.market_data.model import Bar, BarSize
from glassdesk.workflow.market_data.ports import NoBars
from glassdesk.workflow.orders.model import IntentState, OrderState
from glassdesk.workflow.risk.model import HaltLevel
from glassdesk.workflow.runs.model import RunState
from glassdesk.workflow.runs.outputs import STEPS as ALL_STEPS
from glassdesk.workflow.runs.sweeper import MOST_LOSSES, Sweeper
from glassdesk.workflow.session.model import SessionState
from glassdesk.workflow.signals.model import Action, Question, RawAnswer
from glassdesk.workflow.signals.rules.analyst import RulesAnalyst
from tests.workflow.runs.harness import DOWN, SLOT, Harness, bought, harness, leaving

STEPS = tuple(name for name in ALL_STEPS if name != "conditions")
"""Of a strategy without conditions."""


@pytest.fixture
def h(tmp_path: Path) -> Iterator[Harness]:
    with harness(tmp_path / "home") as made:
        yield made


def test_a_buy_signal_ends_as_a_queued_bracket(h: Harness) -> None:
    h.strategy("rising", "UP", weekly="true")
    (run,) = h.due()
    h.execute(run)
    assert h.run(run).state is RunState.QUEUED
    with h.desk.transactions.read() as t:
        assert tuple(step.name for step in h.desk.runs.steps(t, run)) == STEPS
        intents = h.desk.orders.intents(t, run=run)
        orders = h.desk.orders.orders(t, run=run)
    assert {(intent.leg, state) for intent, state in intents} == {
        ("main", IntentState.QUEUED),
        ("stop", IntentState.QUEUED),
        ("target", IntentState.QUEUED),
    }
    assert {order.state for order in orders} == {OrderState.RESERVED}


def test_its_lineage_reaches_the_bars_and_verifies(h: Harness) -> None:
    h.strategy("rising", "UP", weekly="true")
    (run,) = h.due()
    h.execute(run)
    with h.desk.transactions.read() as t:
        graph, findings = verify(h.desk, t, f"order:{intent_id(run, 'stop')}")
    assert findings == []
    kinds = {node.kind for node in graph.nodes}
    assert kinds >= {
        "order",
        "intent",
        "verdicts",
        "signal",
        "answer",
        "question",
        "prompt",
        "charts",
        "bars",
    }
    assert kinds >= {"indicators", "preflight", "run", "slot", "strategy", "code"}


def test_a_strategy_and_a_run_under_way_outlive_a_new_program(h: Harness) -> None:
    """Its version is part of the hash of what it runs, not of what ran before it."""
    h.strategy("rising", "UP", weekly="true")
    newer = replace(h.parts, code_version="newer")
    (first,) = h.due()
    h.execute(first)
    (second,) = h.tick_at(SLOT + timedelta(days=1))
    h.execute(second, parts=newer)
    assert h.run(first).state is RunState.QUEUED
    assert h.run(second).state.final
    assert h.run(second).state is not RunState.FAILED
    with h.desk.transactions.read() as t:
        graph, findings = verify(h.desk, t, f"signal:{second}")
    assert findings == []
    assert {node.entity for node in graph.nodes if node.kind == "code"} == {"newer"}


def test_one_decision_costs_at_most_fourteen_commits_and_three_broker_reads(h: Harness) -> None:
    h.strategy("rising", "UP", weekly="true")
    (run,) = h.due()
    h.counting.commits = h.broker.reads = 0
    h.execute(run)
    assert h.run(run).state is RunState.QUEUED
    assert h.counting.commits <= 14
    assert h.broker.reads <= 3


class Seller:
    """An analyst that takes the contract for held and answers SELL."""

    engine = "seller"

    def ask(self, question: Question) -> RawAnswer:
        return RulesAnalyst().ask(replace(question, facts=replace(question.facts, holding=True)))


def test_a_sell_signal_without_shares_is_no_trade_and_never_a_short(h: Harness) -> None:
    h.strategy("falling", "DOWN")
    (run,) = h.due()
    h.execute(run, parts=replace(h.parts, analyst=Seller()))
    with h.desk.transactions.read() as t:
        signal = h.desk.signals.of_run(t, run)
        assert signal is not None
        assert signal.signal.action is Action.SELL
        assert h.desk.orders.intents(t, run=run) == []
    assert h.run(run).state is RunState.NO_TRADE
    assert h.run(run).reason.startswith("NO_POSITION")


def test_where_a_person_must_approve_the_intent_waits(h: Harness) -> None:
    h.strategy("asking", "UP", approval="all")
    (run,) = h.due()
    h.execute(run)
    assert h.run(run).state is RunState.AWAITING_APPROVAL
    with h.desk.transactions.begin() as t:
        h.desk.orders.approve(t, intent_id(run, "main"), "owner")
        assert {state for _, state in h.desk.orders.intents(t, run=run)} == {IntentState.QUEUED}


def test_bars_that_end_too_early_make_no_trade(h: Harness) -> None:
    h.strategy("rising", "UP")
    for key, bars in h.broker.bars.items():
        h.broker.bars[key] = tuple(bar for bar in bars if bar.session < SLOT.date() - timedelta(days=4))
    (run,) = h.due()
    h.execute(run)
    assert h.run(run).state is RunState.NO_TRADE
    assert h.run(run).reason.startswith(
        "DATA: the last bar is of 2012-09-26, the calendar expects 2012-09-28"
    )


def test_too_few_bars_make_no_trade(h: Harness) -> None:
    h.strategy("rising", "UP")
    for key, bars in h.broker.bars.items():
        h.broker.bars[key] = tuple(bar for bar in bars if bar.session.year == 2012 and bar.session.month >= 9)
    (run,) = h.due()
    h.execute(run)
    assert h.run(run).reason.startswith("TOO_FEW_BARS")


def test_a_halted_desk_decides_nothing(h: Harness) -> None:
    h.strategy("rising", "UP")
    with h.desk.transactions.begin() as t:
        h.desk.risk.set_halt(t, HaltLevel.HALT, "test", "owner")
    (run,) = h.due()
    h.execute(run)
    assert h.run(run).reason.startswith("HALTED")


def test_paused_entries_let_the_run_decide_and_reserve_nothing(h: Harness) -> None:
    h.strategy("rising", "UP")
    with h.desk.transactions.begin() as t:
        h.desk.risk.set_halt(t, HaltLevel.PAUSE_ENTRIES, "test", "owner")
    (run,) = h.due()
    h.execute(run)
    assert h.run(run).state is RunState.NO_TRADE
    assert h.run(run).reason.startswith("KILL_SWITCH")
    with h.desk.transactions.read() as t:
        assert h.desk.orders.orders(t, run=run) == []
        assert len(h.desk.risk.verdicts(t, run)) == len(h.desk.risk.rules())


def test_a_blocked_slot_runs_when_the_session_comes_inside_its_deadline(h: Harness) -> None:
    h.strategy("rising", "UP")
    h.session(SessionState.SIGNED_OUT)
    (run,) = h.due()
    h.execute(run)
    assert h.run(run).state is RunState.DUE
    assert told(h) == [f"run:{run}:blocked"]
    h.session(SessionState.READY)
    h.clock.advance(timedelta(minutes=90))
    Sweeper(h.parts).sweep()
    h.execute(run)
    assert h.run(run).state in (RunState.QUEUED, RunState.RESERVED)


def test_a_slot_blocked_beyond_its_deadline_fails_and_says_why(h: Harness) -> None:
    h.strategy("rising", "UP")
    h.session(SessionState.SIGNED_OUT)
    (run,) = h.due()
    h.execute(run)
    h.clock.advance(timedelta(minutes=121))
    h.execute(run)
    assert h.run(run).state is RunState.FAILED
    assert h.run(run).reason.startswith("BLOCKED_SESSION")
    assert told(h) == [f"run:{run}:failed", f"run:{run}:blocked"]


def told(h: Harness) -> list[str]:
    """Keys of what a person is told, each in the transaction of the change."""
    with h.desk.transactions.read() as t:
        return [one.key for one in h.desk.notifications.recent(t)]


def test_a_read_that_fails_is_tried_again_inside_the_deadline(h: Harness) -> None:
    h.strategy("rising", "UP")
    bars, h.broker.bars = h.broker.bars, Unreadable()
    (run,) = h.due()
    h.execute(run)
    assert h.run(run).state is RunState.DUE
    assert h.run(run).reason.startswith("READ_FAILED")
    h.broker.bars = bars
    h.execute(run)
    assert h.run(run).state is RunState.QUEUED


class Unreadable(dict[tuple[int, BarSize], tuple[Bar, ...]]):
    """Bars that the broker does not give out now."""

    def get(self, key: object, default: object = None) -> NoReturn:
        raise ReadFailed("500 from the broker")


class Unlisted(dict[tuple[int, BarSize], tuple[Bar, ...]]):
    """Bars of a contract that is not listed yet."""

    def get(self, key: object, default: object = None) -> NoReturn:
        raise NoBars("No data.")


def test_F_34_a_contract_without_bars_is_tried_ever_more_rarely_and_ends_with_no_trade(h: Harness) -> None:
    h.strategy("rising", "UP")
    h.broker.bars = Unlisted()
    (run,) = h.due()
    h.execute(run)
    h.bell.rung.clear()
    tries, sweeper = 0, Sweeper(h.parts)
    while h.run(run).state is RunState.DUE:
        due = sweeper.sweep()
        if h.bell.rung:
            h.bell.rung.clear()
            h.execute(run)
            tries += 1
        else:
            assert due is not None
            h.clock.advance(due - h.clock.now())
    assert 5 < tries < 20
    assert h.run(run).state is RunState.NO_TRADE
    assert (
        h.run(run).reason == "NO_BARS: the broker has no bars of UP: not listed yet, or its data is missing"
    )


class Dying:
    """An analyst whose process dies while it is asked, so often."""

    engine = "dying"

    def __init__(self, deaths: int) -> None:
        self._deaths = deaths

    def ask(self, question: Question) -> RawAnswer:
        if self._deaths:
            self._deaths -= 1
            raise KeyboardInterrupt
        return RawAnswer(text="", engine="dying", model="none", failure="it came back")


def test_a_run_whose_worker_died_is_resumed_by_another_where_it_stopped(h: Harness) -> None:
    h.strategy("rising", "UP")
    (run,) = h.due()
    dying = replace(h.parts, analyst=Dying(1))
    with pytest.raises(KeyboardInterrupt):
        h.execute(run, parts=dying)
    with h.desk.transactions.read() as t:
        before = h.desk.runs.steps(t, run)
    h.execute(run)
    assert h.run(run).state is RunState.RUNNING
    h.clock.advance(timedelta(minutes=3))
    h.execute(run)
    assert h.run(run).state is RunState.QUEUED
    with h.desk.transactions.read() as t:
        after = h.desk.runs.steps(t, run)
    assert [step.name for step in before] == list(STEPS[:5])
    assert list(after[:5]) == list(before)
    assert h.run(run).losses == 1


def test_a_run_that_kills_every_worker_is_quarantined(h: Harness) -> None:
    h.strategy("rising", "UP")
    (run,) = h.due()
    dying = replace(h.parts, analyst=Dying(100))
    for _ in range(MOST_LOSSES + 1):
        with pytest.raises(KeyboardInterrupt):
            h.execute(run, parts=dying)
        h.clock.advance(timedelta(minutes=3))
    Sweeper(h.parts).sweep()
    assert h.run(run).state is RunState.QUARANTINED


def test_the_sweeper_rings_again_for_a_run_nobody_took(h: Harness) -> None:
    h.strategy("rising", "UP")
    (run,) = h.due()
    h.bell.rung.clear()
    Sweeper(h.parts).sweep()
    assert list(h.bell.rung) == [run]


def test_entries_of_one_instant_are_selected_in_the_order_of_their_names(h: Harness) -> None:
    h.strategy("zebra", "UP")
    h.strategy("ant", "ALSO")
    by_name = {h.run(run).strategy: run for run in h.due()}
    h.execute(by_name["zebra"], by_name["ant"])
    with h.desk.transactions.read() as t:
        kept = [row.ref for row in h.desk.audit.entries(t) if row.kind == "intent.reserved"]
    assert kept == [f"intent:{intent_id(by_name[name], 'main')}" for name in ("ant", "zebra")]


def test_a_second_delivery_of_a_run_does_nothing(h: Harness) -> None:
    h.strategy("rising", "UP")
    (run,) = h.due()
    h.execute(run, run, run)
    with h.desk.transactions.read() as t:
        assert len(h.desk.orders.orders(t, run=run)) == 3
        assert h.desk.audit.verify(t) > 0


def test_a_second_entry_while_one_waits_is_no_second_decision(h: Harness) -> None:
    h.strategy("rising", "UP")
    (run,) = h.due()
    h.execute(run)
    (second,) = h.tick_at(SLOT + timedelta(days=1))
    h.execute(second)
    assert h.run(second).state is RunState.NO_TRADE
    assert h.run(second).reason.startswith("ONE_WORKING_DECISION")


def test_T_40_a_slot_of_what_is_held_goes_on_without_tick_sizes_and_any_other_waits(h: Harness) -> None:
    for name, symbol in (("rising", "UP"), ("also", "ALSO")):
        h.strategy(name, symbol)
    first = h.due()
    h.execute(*first)
    bought(h, "rising", SLOT + timedelta(hours=1))
    h.broker.no_rules = True
    runs = h.tick_at(SLOT + timedelta(days=1))
    h.execute(*runs)
    states = {h.run(run).strategy: h.run(run).state for run in runs}
    assert states["also"] is RunState.DUE
    assert states["rising"] is RunState.NO_TRADE


def test_a_sell_signal_while_an_exit_is_under_way_is_no_second_one(h: Harness) -> None:
    h.strategy("falling", "DOWN")
    leaving(h, "falling", DOWN)
    [run] = h.due()
    h.execute(run, parts=replace(h.parts, analyst=Seller()))
    ended = h.run(run)
    assert (ended.state, ended.reason.partition(":")[0]) == (RunState.NO_TRADE, "EXIT_AT_WORK")
    with h.desk.transactions.read() as t:
        assert len(h.desk.orders.intents(t)) == 1
