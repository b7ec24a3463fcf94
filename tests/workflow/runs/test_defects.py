"""What the predecessor of this desk did wrong on the way to an order: one test each, named after it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from glassdesk.composition.verifying import verify
from glassdesk.kernel.ids import intent_id
from glassdesk.workflow.risk.table import RULES
from glassdesk.workflow.runs.model import RunState
from glassdesk.workflow.runs.sweeper import Sweeper
from glassdesk.workflow.session.model import SessionState
from glassdesk.workflow.signals.model import Question, RawAnswer
from tests.workflow.runs.harness import Harness, harness


@pytest.fixture(scope="module")
def h(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Harness]:
    with harness(Path(tmp_path_factory.mktemp("home"))) as made:
        yield made


class Failing:
    """A provider without a key."""

    engine = "stand-in"

    def ask(self, question: Question) -> RawAnswer:
        del question
        return RawAnswer(text="", engine=self.engine, model="m-1", failure="HTTP 401")


def test_X_8_every_contract_and_every_attempt_of_a_slot_stands_in_the_lineage(h: Harness) -> None:
    """There, one row per execution and step: a loop over contracts, or a second attempt, found no place."""
    for name, symbol in (("rising", "UP"), ("falling", "DOWN")):
        h.strategy(name, symbol)
    h.session(SessionState.SIGNED_OUT)
    runs = h.due()
    h.execute(*runs)
    assert {h.run(run).state for run in runs} == {RunState.DUE}, "blocked: a first attempt that ended early"
    h.session(SessionState.READY)
    h.clock.advance(timedelta(minutes=5))
    Sweeper(h.parts).sweep()
    h.execute(*runs)
    with h.desk.transactions.read() as t:
        graphs = {run: verify(h.desk, t, f"signal:{run}") for run in runs}
        said = [row.kind for run in runs for row in h.desk.audit.entries(t) if row.ref == f"run:{run}"]
    assert len(graphs) == 2
    for run, (graph, findings) in graphs.items():
        assert findings == []
        own = [node.kind for node in graph.nodes if node.entity == run]
        assert len(own) == len(set(own)) >= 7, "each step once, whichever attempt made it"
    assert said.count("run.failed") == 0


def test_X_1_a_failing_provider_ends_in_no_order(h: Harness) -> None:
    h.strategy("asking", "ALSO")
    [run] = [one for one in h.tick_at(h.clock.now() + timedelta(days=1)) if h.run(one).strategy == "asking"]
    h.execute(run, parts=replace(h.parts, analyst=Failing()))
    with h.desk.transactions.read() as t:
        assert h.desk.orders.intents(t, run=run) == []
    assert h.run(run).reason == "NO_SIGNAL: no answer: HTTP 401"


def test_X_15_a_buy_is_a_bracket_and_no_order_is_without_every_rules_word(h: Harness) -> None:
    """There, limits stood in the settings and were asked of no order; stop and target were never sent."""
    with h.desk.transactions.read() as t:
        intents = h.desk.orders.intents(t)
        runs = {intent.run for intent, _ in intents}
        spoken = {run: {verdict.rule for _, verdict in h.desk.risk.verdicts(t, run)} for run in runs}
        graph = h.desk.lineage.graph(t, f"order:{intent_id(min(runs), 'main')}")
    assert [intent.leg for intent, _ in intents] == ["main", "stop", "target"]
    assert list(spoken.values()) == [{rule.name for rule in RULES}]
    assert "verdicts" in {node.kind for node in graph.nodes}
