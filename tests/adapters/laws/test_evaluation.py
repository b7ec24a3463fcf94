"""Laws of subjects and outcomes: appended once, read back exactly, narrowed by what is asked for."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from glassdesk.adapters.database import Stores
from glassdesk.kernel.errors import IntegrityViolation
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.evaluation.model import Barriers, Cell, Ending, Outcome, Subject, Wanted
from glassdesk.workflow.market_data.model import BarSize
from glassdesk.workflow.runs.model import Run, RunState
from glassdesk.workflow.signals.model import Action
from tests.adapters.laws.makers import AAPL, MSFT, NOON, a_run, a_signal, store_run


def a_subject(run: Run, **changes: object) -> Subject:
    usual = Subject(
        run=run.run,
        strategy=run.strategy,
        strategy_version=1,
        conid=run.conid,
        symbol=run.symbol,
        slot=run.slot,
        action=Action.BUY,
        prompt="chart-analyst",
        prompt_version=2,
        prompt_sha256="0" * 64,
        language="en",
        engine="ollama",
        model="llama:8b",
        confidence=0.625,
        cost=Decimal("0.00012345"),
        rules=Action.HOLD,
        coin=True,
        size=BarSize.DAY,
        decided_bar=NOON,
        known_bar=NOON,
        known_close=Decimal("170.123456789"),
        barriers=Barriers(horizon=20, entry_high=Decimal(171), stop=Decimal(165), target=None),
    )
    return replace(usual, **changes)  # type: ignore[arg-type]


def an_outcome(run: Run, revision: int = 1) -> Outcome:
    return Outcome(
        run=run.run,
        revision=revision,
        ending=Ending.STOP,
        r=Decimal(0),
        fill=Decimal("170.1"),
        exit=Decimal("165.05"),
        bars=3,
        ambiguous=True,
        ended_on=date(2024, 3, 8),
        factor=Decimal("0.5"),
        pnl=Decimal("-12.34"),
        said_by="desk",
        at=NOON,
        reason="x",
    )


def stored(stores: Stores, t: Transaction, run: Run, **changes: object) -> Subject:
    store_run(stores, t, run)
    stores.signals.add(t, a_signal(run))
    assert stores.evaluation.unseen(t, "", 10) == [run.run]
    subject = a_subject(run, **changes)
    assert stores.evaluation.add_subject(t, subject)
    return subject


def test_a_subject_and_its_outcomes_are_appended_once_and_read_back_exactly(stores: Stores) -> None:
    run, store = a_run(), stores.evaluation
    with stores.transactions.begin() as t:
        subject = stored(stores, t, run)
        assert store.unseen(t, "", 10) == []
        assert not store.add_subject(t, subject)
        assert (store.subject(t, run.run), store.subject(t, "other")) == (subject, None)
        assert (store.open(t, "", 5), store.closed(t, "", 5)) == ([subject], [])
        assert store.add_outcome(t, an_outcome(run))
        assert not store.add_outcome(t, replace(an_outcome(run), r=Decimal(1)))
        assert store.add_outcome(t, replace(an_outcome(run, 2), said_by="owner"))
        assert store.outcomes(t, run.run)[0] == an_outcome(run)
        assert (store.open(t, "", 5), store.closed(t, "", 5)) == ([], [subject])
        assert store.closed(t, run.run, 5) == []


def test_a_run_that_its_conditions_kept_back_is_unseen_as_well_and_no_other_without_a_signal(
    stores: Stores,
) -> None:
    kept, tired, store = a_run(), a_run(conid=MSFT), stores.evaluation
    with stores.transactions.begin() as t:
        for run, reason in ((kept, "CONDITIONS: close below 1 is false"), (tired, "DATA: no bars")):
            store_run(stores, t, run)
            claimed = stores.runs.claim(t, run.run, "w", now=NOON, ttl=timedelta(minutes=1))
            assert claimed is not None
            stores.runs.set_state(t, claimed, RunState.NO_TRADE, reason, at=NOON)
        assert store.unseen(t, "", 10) == [kept.run]
        assert store.add_subject(t, a_subject(kept, engine="conditions", prompt="", model=""))
        assert store.unseen(t, "", 10) == []


def test_what_is_asked_for_narrows_subjects_and_their_outcomes_alike(stores: Stores) -> None:
    first, second = a_run(), a_run(conid=MSFT, slot=NOON + timedelta(days=1))
    store = stores.evaluation
    with stores.transactions.begin() as t:
        stored(stores, t, first)
        stored(stores, t, second, prompt="other", engine="rules", model="rules-1")
        for run in (first, second):
            store.add_outcome(t, an_outcome(run))
        for wanted, found in (
            (Wanted(), [second, first]),
            (Wanted(prompt="chart-analyst"), [first]),
            (Wanted(prompt="other", version=1), []),
            (Wanted(analyst="ollama:llama:8b"), [first]),
            (Wanted(analyst="rules"), [second]),
            (Wanted(since=second.slot.date()), [second]),
            (Wanted(until=first.slot.date()), [first]),
            (Wanted(run=first.run, strategy=first.strategy, language="en"), [first]),
        ):
            known = store.known(t, wanted)
            assert [one.run for one in known] == [run.run for run in found]
            assert {one.run for one in store.revisions(t, wanted)} == {run.run for run in found}
        assert store.known(t, Wanted(prompt="other"))[0].state is RunState.DUE
        assert store.known(t, Wanted())[1].conid == AAPL
        assert [(one.prompt, one.engine) for one in store.cells(t)] == [
            ("chart-analyst", "ollama"),
            ("other", "rules"),
        ]
        assert isinstance(store.cells(t)[0], Cell)


def test_an_outcome_is_never_changed_and_needs_its_subject(stores: Stores) -> None:
    with pytest.raises(IntegrityViolation), stores.transactions.begin() as t:
        stores.evaluation.add_outcome(t, an_outcome(a_run()))
