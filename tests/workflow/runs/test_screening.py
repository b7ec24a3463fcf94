"""A run of a strategy with conditions: what is recorded, when no analyst is asked, and what decides."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest

from glassdesk.adapters.bundles import load_strategy
from glassdesk.composition.verifying import verify
from glassdesk.kernel.canonical import canonical_text
from glassdesk.kernel.ids import intent_id
from glassdesk.workflow.runs.model import RunState
from glassdesk.workflow.runs.outputs import STEPS
from glassdesk.workflow.runs.recompute import Recomputer
from glassdesk.workflow.signals.conditions.model import Screening, Truth
from glassdesk.workflow.signals.model import Action, Question, RawAnswer
from glassdesk.workflow.signals.rules.analyst import RulesAnalyst
from tests.workflow.runs.harness import ACCOUNT, FILE, SLOT, SYMBOLS, Harness, bought, harness


@dataclass(kw_only=True)
class Asked:
    """An analyst that is no rules analyst, counts its questions and buys."""

    engine: str = "counting"
    questions: int = 0

    def ask(self, question: Question) -> RawAnswer:
        self.questions += 1
        bulls = replace(question, policy=replace(question.policy, rule="three_of_four"))
        return replace(RulesAnalyst().ask(bulls), engine=self.engine)


@pytest.fixture
def h(tmp_path: Path) -> Iterator[Harness]:
    with harness(tmp_path / "home") as made:
        yield made


def stating(h: Harness, conditions: str, *, rule: str = "three_of_four", name: str = "stated") -> None:
    usual = {"history": 120, "weekly": "true", "monthly": "false", "decide_on": "closed"}
    text = FILE.format(name=name, symbol="UP", approval="off", cron="0 9 * * 1-5", **usual)
    text = text.replace("rule: three_of_four", f"rule: {rule}") + f"conditions: {conditions}\n"
    strategy = load_strategy(text, file=name, account=ACCOUNT, resolve=SYMBOLS.__getitem__)
    with h.desk.transactions.begin() as t:
        h.desk.strategies.create(t, strategy, author="owner")
        h.desk.strategies.enable(t, name, "owner")


def screening(h: Harness, run: str) -> Screening:
    with h.desk.transactions.read() as t:
        found = h.desk.runs.story(t, run).conditions
    assert found is not None
    return found


def steps(h: Harness, run: str) -> list[str]:
    with h.desk.transactions.read() as t:
        return [step.name for step in h.desk.runs.steps(t, run)]


def test_where_the_conditions_are_not_true_no_model_is_asked(h: Harness) -> None:
    """One slot after another: as many questions as slots on which they are true, here none."""
    stating(h, "{buy: {at_least: 2, of: [rsi_14 below 30, close below sma_20, close above 1]}}")
    analyst = Asked()
    runs = []
    for day in range(2):
        (run,) = h.tick_at(SLOT + timedelta(days=day))
        h.execute(run, parts=replace(h.parts, analyst=analyst))
        runs.append(run)
    assert analyst.questions == 0
    for run in runs:
        assert h.run(run).state is RunState.NO_TRADE
        assert h.run(run).reason.startswith("CONDITIONS: rsi_14 ")
        assert h.run(run).reason.endswith("; 1 of 3 needed 2")
        assert steps(h, run) == ["preflight", "bars", "indicators", "conditions"]


def test_where_they_are_true_it_is_asked_once_and_the_screening_is_in_the_lineage(h: Harness) -> None:
    stating(h, "{buy: [close above sma_20, weekly close above weekly sma_20 1 bar ago]}")
    analyst = Asked()
    (run,) = h.due()
    h.execute(run, parts=replace(h.parts, analyst=analyst))
    assert analyst.questions == 1
    assert h.run(run).state is RunState.QUEUED
    assert tuple(steps(h, run)) == STEPS
    with h.desk.transactions.read() as t:
        graph, findings = verify(h.desk, t, f"order:{intent_id(run, 'stop')}")
    assert findings == []
    assert "conditions" in {node.kind for node in graph.nodes}
    seen = screening(h, run)
    assert seen.buy is not None
    assert [part.truth for part in seen.buy.of] == [Truth.TRUE, Truth.TRUE]
    assert all(one.value is not None for part in seen.buy.of for one in part.values)


def test_a_screening_is_computed_again_from_what_is_stored(h: Harness) -> None:
    """A changed sentence gives another text than the one computed again."""
    stating(h, "{buy: close above sma_20}")
    (run,) = h.due()
    h.execute(run)
    with h.desk.transactions.read() as t:
        graph = h.desk.lineage.graph(t, f"conditions:{run}")
    nodes = {node.node: node for node in graph.nodes}
    node, seen = nodes[f"conditions:{run}"], screening(h, run)
    assert seen.buy is not None
    forged = replace(seen, buy=replace(seen.buy, said="close 1 is above sma_20 0"))
    desk = h.desk
    again = Recomputer(desk.indicators, desk.charts, desk.signals, desk.risk, h.ground.artifacts)
    for content in (node.content, canonical_text(forged)):
        assert again.table()["conditions"](replace(node, content=content), nodes) == node.content


def test_what_cannot_be_told_is_no_buy_whatever_the_analyst_says(h: Harness) -> None:
    """The history is checked when a strategy is kept, so the values are taken away here."""
    stating(h, "{buy: close above sma_20}")
    (run,) = h.due()
    original = h.parts.indicators
    blind = Blind(original)
    analyst = Asked()
    h.execute(run, parts=replace(h.parts, analyst=analyst, indicators=blind))  # type: ignore[arg-type]
    assert analyst.questions == 0
    assert h.run(run).reason == "CONDITIONS: unknown: no value for sma_20"


class Blind:
    """Indicators whose newest SMA has no value."""

    def __init__(self, inner: object) -> None:
        self._inner = inner

    def __getattr__(self, name: str) -> object:
        return getattr(self._inner, name)

    def compute(self, *given: object) -> object:
        values = self._inner.compute(*given)  # type: ignore[attr-defined]
        lines = tuple(
            replace(line, values=(*line.values[:-1], None)) if line.name == "sma_20" else line
            for line in values.lines
        )
        return replace(values, lines=lines)


def test_as_the_whole_rules_analyst_they_buy_hold_and_sell(h: Harness) -> None:
    stating(h, "{buy: close above sma_20, sell: close above 1}", rule="conditions", name="all")
    (run,) = h.due()
    h.execute(run)
    assert h.run(run).state is RunState.QUEUED
    bought(h, "all", SLOT + timedelta(minutes=35))
    (later,) = h.tick_at(SLOT + timedelta(days=1))
    h.execute(later)
    with h.desk.transactions.read() as t:
        signals = [h.desk.signals.of_run(t, one) for one in (run, later)]
    assert [row.signal.action for row in signals if row] == [Action.BUY, Action.SELL]
    assert [row.signal.rationale for row in signals if row][1].startswith("conditions: close ")


def test_as_the_whole_rules_analyst_they_hold_with_a_signal(h: Harness) -> None:
    stating(h, "{buy: close below sma_20}", rule="conditions")
    (run,) = h.due()
    h.execute(run)
    assert h.run(run).reason.startswith("NO_SIGNAL: ")
    with h.desk.transactions.read() as t:
        row = h.desk.signals.of_run(t, run)
    assert row is not None
    assert row.signal.action is Action.HOLD


@pytest.mark.parametrize(("sell", "questions"), [("close above 1", 1), ("close below 1", 0), ("", 1)])
def test_of_what_is_held_the_sell_side_decides_whether_it_is_asked(
    h: Harness, sell: str, questions: int
) -> None:
    stating(h, "{buy: close above sma_20" + (f", sell: {sell}" if sell else "") + "}")
    (run,) = h.due()
    h.execute(run)
    bought(h, "stated", SLOT + timedelta(minutes=35))
    (later,) = h.tick_at(SLOT + timedelta(days=1))
    analyst = Asked()
    h.execute(later, parts=replace(h.parts, analyst=analyst))
    assert analyst.questions == questions
    assert screening(h, later).holding
    assert h.run(later).reason.startswith("CONDITIONS: close ") is (questions == 0)


def test_a_resumed_run_is_kept_back_by_what_it_committed(h: Harness) -> None:
    stating(h, "{buy: close below sma_20}")
    (run,) = h.due()
    h.execute(run)
    before = screening(h, run)
    h.execute(run)
    assert screening(h, run) == before
    assert len(steps(h, run)) == 4
