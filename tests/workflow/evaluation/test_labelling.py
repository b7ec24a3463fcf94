"""The pass over a desk's signals: each is taken up once, ends when its bars are there, and leaves lineage."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from glassdesk.composition.verifying import verify
from glassdesk.kernel.errors import InvalidInput, NotFound
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.evaluation import labelling
from glassdesk.workflow.evaluation.labelling import Labelled
from glassdesk.workflow.evaluation.model import UNASKED, Ending, Outcome, Wanted
from glassdesk.workflow.evaluation.service import Word
from glassdesk.workflow.market_data.model import Bar, BarSize
from glassdesk.workflow.signals.model import Action
from tests.workflow.runs.harness import DOWN, SLOT, UP, Harness, harness


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Harness]:
    with harness(tmp_path) as opened:
        opened.strategy("rising", "UP")
        opened.strategy("falling", "DOWN")
        opened.execute(*opened.due())
        yield opened


def later(made: Harness, days: int) -> None:
    """So many days on, the desk has read the bars of both contracts, as any later run does."""
    made.clock.advance(timedelta(days=days))
    with made.desk.transactions.read() as t:
        contracts = [made.desk.contracts.contract(t, conid) for conid in (UP, DOWN)]
    for contract in contracts:
        made.desk.market_data.closed_bars(contract, BarSize.DAY, 120, as_of=made.clock.now(), exchange="XNYS")


def runs(made: Harness) -> dict[str, str]:
    with made.desk.transactions.read() as t:
        return {row.signal.symbol: row.signal.run for row in made.desk.signals.recent(t)}


def outcome_of(made: Harness, t: Transaction, run: str) -> Outcome | None:
    told = made.desk.scoreboard.told(t, run)
    assert told is not None
    return told.outcome


def test_every_signal_is_labelled_also_one_that_holds_and_only_when_its_horizon_is_over(
    made: Harness,
) -> None:
    assert made.desk.labelling.run() == Labelled(subjects=2, outcomes=0, open=2)
    later(made, 14)
    assert made.desk.labelling.run() == Labelled(open=2), "its stop was touched, its horizon is not over"
    later(made, 26)
    assert made.desk.labelling.run() == Labelled(outcomes=2)
    identity = runs(made)
    with made.desk.transactions.read() as t:
        subject = made.ground.stores.evaluation.subject(t, identity["UP"])
        up, down = (outcome_of(made, t, identity[name]) for name in ("UP", "DOWN"))
    assert subject is not None
    assert up is not None
    assert down is not None
    assert (subject.action, subject.rules) == (Action.BUY, Action.BUY)
    assert (subject.prompt, subject.prompt_version, subject.engine) == ("chart-analyst", 1, "rules")
    assert up.ending is Ending.TIME
    assert up.r is not None
    assert up.r > 1
    assert down.ending is Ending.STOP
    assert down.r == -1
    with made.desk.transactions.read() as t:
        held = made.ground.stores.evaluation.subject(t, identity["DOWN"])
    assert held is not None
    assert held.action is Action.HOLD
    assert held.barriers.stop is None


def test_what_conditions_kept_back_is_labelled_beside_what_its_twins_would_have_bought(
    tmp_path: Path,
) -> None:
    with harness(tmp_path) as made:
        made.strategy("patient", "UP", conditions="{buy: close below 1}")
        [run] = made.due()
        made.execute(run)
        assert made.desk.labelling.run() == Labelled(subjects=1, open=1)
        later(made, 40)
        assert made.desk.labelling.run().outcomes == 1
        assert made.desk.labelling.run(again=True) == Labelled()
        with made.desk.transactions.read() as t:
            held, outcome = made.ground.stores.evaluation.subject(t, run), outcome_of(made, t, run)
            graph, findings = verify(made.desk, t, f"outcome:{run}")
            [row] = made.desk.scoreboard.rows(t, Wanted())
    assert held is not None
    assert (held.action, held.engine, held.prompt, held.cost) == (Action.HOLD, UNASKED, "", Decimal(0))
    assert held.rules is Action.BUY, "without the conditions the strategy's rule would have bought"
    assert held.barriers.stop_distance
    assert outcome is not None
    assert (outcome.ending, outcome.r) == (Ending.TARGET, Decimal("1.5")), "what the patience has cost"
    assert findings == []
    assert {one.kind for one in graph.nodes} >= {"outcome", "conditions", "bars"}
    assert (row.prompt, row.analyst, row.figures.signals, row.figures.buys) == ("", "conditions", 1, 0)


def test_X_5_a_second_pass_writes_nothing_and_an_outcome_leads_to_its_bars(made: Harness) -> None:
    later(made, 40)
    first = made.desk.labelling.run()
    assert first.outcomes == 2
    assert made.desk.labelling.run(again=True) == Labelled()
    run = runs(made)["UP"]
    with made.desk.transactions.read() as t:
        graph, findings = verify(made.desk, t, f"outcome:{run}")
        assert findings == []
        [node] = [one for one in graph.nodes if one.kind == "outcome"]
        assert node.parents == (f"signal:{run}",)


def test_bars_restated_by_a_split_give_the_same_r_and_corrected_ones_a_new_revision(made: Harness) -> None:
    later(made, 40)
    made.desk.labelling.run()
    run = runs(made)["UP"]
    restate(made, lambda one: scaled_bar(one, Decimal("0.5")))
    assert made.desk.labelling.run(again=True).outcomes == 0
    restate(made, lambda one: scaled_bar(one, Decimal(2)))
    restate(made, lambda one: replace(one, low=Decimal(100)) if one.start > SLOT else one)
    assert made.desk.labelling.run(again=True).outcomes == 1
    with made.desk.transactions.read() as t:
        revisions = made.ground.stores.evaluation.outcomes(t, run)
        assert [one.ending for one in revisions] == [Ending.TIME, Ending.STOP]
        assert outcome_of(made, t, run) == revisions[-1]


def test_one_signal_that_cannot_be_read_holds_up_no_other(made: Harness) -> None:
    later(made, 40)
    restate(made, lambda one: replace(one, close=Decimal(0)) if one.session == date(2012, 10, 8) else one)
    assert made.desk.labelling.run() == Labelled(subjects=2, outcomes=1, open=1)


def scaled_bar(one: Bar, by: Decimal) -> Bar:
    return replace(one, open=one.open * by, high=one.high * by, low=one.low * by, close=one.close * by)


def restate(made: Harness, change) -> None:  # type: ignore[no-untyped-def]
    store, now = made.ground.stores.bars, made.clock.now()
    with made.desk.transactions.begin() as t:
        held = store.bars(t, UP, BarSize.DAY, until=now, limit=1000)
        store.keep(t, UP, BarSize.DAY, [change(one) for one in held])


def test_a_person_sets_cancels_and_takes_back_with_a_reason_on_record(made: Harness) -> None:
    later(made, 40)
    made.desk.labelling.run()
    run, board = runs(made)["UP"], made.desk.scoreboard
    with made.desk.transactions.begin() as t:
        board.say(t, run, Word(ending=Ending.SET, r=Decimal(0), reason="sold by hand"), "owner")
        said = outcome_of(made, t, run)
        assert said is not None
        assert (said.r, said.said_by) == (Decimal(0), "owner")
        board.say(t, run, Word(ending=Ending.CANCELLED, reason="a test"), "owner")
        cancelled = outcome_of(made, t, run)
        assert cancelled is not None
        assert cancelled.ending is Ending.CANCELLED
        board.say(t, run, Word(ending=Ending.TAKEN_BACK, reason="was right"), "owner")
        back = outcome_of(made, t, run)
        assert back is not None
        assert (back.ending, back.revision) == (Ending.TIME, 1)
        kinds = [row.kind for row in list(made.desk.audit.entries(t))[-3:]]
    assert set(kinds) == {"outcome.set", "outcome.cancelled", "outcome.taken_back"}


def test_a_word_without_a_reason_or_with_wrong_numbers_is_refused(made: Harness) -> None:
    made.desk.labelling.run()
    run, board = runs(made)["UP"], made.desk.scoreboard
    for word, where in (
        (Word(ending=Ending.SET, r=Decimal(1), reason=" "), "reason"),
        (Word(ending=Ending.SET, reason="why"), "r"),
        (Word(ending=Ending.CANCELLED, r=Decimal(1), reason="why"), "r"),
        (Word(ending=Ending.SET, r=Decimal("NaN"), reason="why"), "r"),
        (Word(ending=Ending.SET, r=Decimal(1), exit=Decimal(0), reason="why"), "exit"),
    ):
        with made.desk.transactions.begin() as t, pytest.raises(InvalidInput) as refused:
            board.say(t, run, word, "owner")
        assert refused.value.where == where
    with made.desk.transactions.begin() as t, pytest.raises(NotFound):
        board.say(t, "nobody", Word(ending=Ending.CANCELLED, reason="x"), "owner")


def test_bars_with_a_missing_session_end_nothing_and_those_nobody_reads_are_read(made: Harness) -> None:
    """A contract that left its strategies has an end too, and none from bars of weeks later."""
    made.desk.labelling.run()
    whole = made.broker.bars[UP, BarSize.DAY]
    made.broker.bars[UP, BarSize.DAY] = tuple(one for one in whole if one.session != date(2012, 10, 4))
    made.clock.advance(timedelta(days=40))
    assert made.desk.labelling.run() == Labelled(outcomes=1, open=1)
    made.broker.bars[UP, BarSize.DAY] = whole
    made.clock.advance(timedelta(days=20))
    assert made.desk.labelling.run() == Labelled(outcomes=1)
    reads = made.broker.reads
    made.clock.advance(timedelta(days=20))
    assert made.desk.labelling.run() == Labelled()
    assert made.broker.reads == reads


def test_the_pass_runs_at_the_first_turn_and_then_once_a_day(
    made: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(labelling, "A_TURN", 1)
    assert made.desk.labelling.turn() == made.clock.now(), "there may be more: a slot comes in between"
    due = made.desk.labelling.turn()
    assert (due.hour, due.date()) == (1, SLOT.date() + timedelta(days=1))
    later(made, 0)
    made.clock.advance(timedelta(hours=1))
    before = made.counting.commits
    assert made.desk.labelling.turn() == due
    assert made.counting.commits == before
