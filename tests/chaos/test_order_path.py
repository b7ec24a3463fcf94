"""The order path under fire, in its short form; `make chaos` plays more."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import event

from glassdesk.adapters.database import Stores
from glassdesk.workflow.order_tracking.model import Execution
from glassdesk.workflow.orders.model import OutcomeKind, SendRow, Side
from tests.chaos.__main__ import first_of, main
from tests.chaos.history.timeline import attended, seconds_within
from tests.chaos.orders.campaign import campaign, shortfalls
from tests.chaos.orders.environments import ENVIRONMENTS
from tests.chaos.orders.memo import Database
from tests.chaos.orders.playing import books_of, play
from tests.chaos.page import BEGIN, END, replaced
from tests.chaos.shrink import replay_command, shrunk
from tests.chaos.tally import figures

pytestmark = pytest.mark.slow

SHORT = 100
NOON = datetime(2024, 3, 5, 17, 0, tzinfo=UTC)


def test_a_hundred_seeds_break_no_invariant() -> None:
    tally = campaign(("E0", "E1", "E2"), 0, SHORT, 1)
    assert not tally.violations, [f"{one.name} {one.invariant} {one.witness}" for one in tally.violations]
    assert not shortfalls(tally)
    assert tally.adoptions == tally.late_arrivals > 0


def test_each_days_campaign_plays_seeds_of_its_own() -> None:
    one, next_ = first_of(date(2026, 12, 31)), first_of(date(2027, 1, 1))
    assert next_ - one >= 10_000
    assert one > SHORT


def test_a_seed_is_one_history() -> None:
    one, other = play("E1", 100)[1], play("E1", 100)[1]
    assert one.hashes == other.hashes
    assert one.hashes


def test_what_arrives_while_the_list_stands_still_was_not_to_be_seen() -> None:
    # An order came in late after a reading that was counted; the looks before the verdict were at a list that
    # had been frozen by then.
    assert not play("E2", 300023)[1].violations


def test_E3_a_desk_that_is_told_of_a_refusal_the_broker_does_not_make_sends_twice_and_it_is_seen() -> None:
    """The right reason: both requests were of unknown fate, the absence between them was proven by the reads,
    and both arrived late. The harness would be blind if this were nothing to it."""
    ended, tally = play("E3", 48)
    books = books_of(ended)
    assert "I-01" in {one.invariant for one in tally.violations}
    twice = {
        one.coid for one in ended.truth.orders if one.ours and len(ended.truth.by_coid(one.coid or "")) > 1
    }
    entry = next(one for one in books.orders if one.coid in twice and one.parent is None)
    first, last = [one for one in books.sends[entry.order] if one.verb == "place" and is_unknown(one)]
    absent = [f for f in books.facts[entry.order] if f.kind == "negative" and f.observed_at < last.started_at]
    assert len(absent) >= 4
    arrived = [one.received_at for one in ended.truth.by_coid(entry.coid)]
    assert first.started_at < absent[0].observed_at < last.started_at < min(arrived)
    assert all(one.late for one in ended.truth.by_coid(entry.coid))


def test_E3_the_same_schedule_breaks_nothing_where_the_broker_does_what_the_desk_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(ENVIRONMENTS, "E3", replace(ENVIRONMENTS["E3"], dedupe=True))
    assert not play("E3", 48)[1].violations


def is_unknown(send: SendRow) -> bool:
    return send.outcome is not None and send.outcome.kind is OutcomeKind.UNKNOWN


def test_a_failing_seed_is_shrunk_to_the_faults_it_needs() -> None:
    def fails(off: object) -> bool:
        assert isinstance(off, list)
        return not {"late", "crash"} & set(off)

    assert shrunk(["crash", "late", "pause", "slow"], fails) == ["crash", "late"]
    assert replay_command("E1", 7, ["slow"]) == (
        "python -m tests.chaos replay --env E1 --seed 7 --without slow --trace"
    )


def test_a_campaign_that_shows_too_little_fails() -> None:
    tally = play("E1", 3)[1]
    tally.crashes = tally.orders = 0
    assert len(shortfalls(tally)) == 2
    tally.seeds["E3"] = 1000
    assert any("sees nothing" in line for line in shortfalls(tally))
    assert any("evaluated" in line for line in shortfalls(tally))


def test_what_cannot_be_understood_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as refused:
        main(["run", "--env", "E9"])
    assert refused.value.code == 2
    assert "'E9' is none of" in capsys.readouterr().err


# ---------------------------------------------------------------- the stores in memory


def an_execution(quantity: int) -> Execution:
    return Execution(
        execution="0000e0d5.00000001",
        revision=1,
        order_ref=None,
        broker_order_id="7",
        account="DU1234567",
        conid=265598,
        symbol="S265598",
        side=Side.BUY,
        quantity=Decimal(quantity),
        price=Decimal(100),
        commission=Decimal(1),
        executed_at=NOON,
    )


def nothing(_: Stores) -> None:
    """An empty database."""


def test_what_a_store_answered_is_forgotten_when_its_table_changes() -> None:
    stores = Database(nothing).stores
    for count in (0, 1):
        with stores.transactions.read() as t:
            assert len(stores.tracking.external_executions(t)) == count
        with stores.transactions.begin() as t:
            stores.tracking.add_execution(t, an_execution(5), order=None, seen_at=NOON)


def test_plain_statements_go_straight_to_the_driver() -> None:
    database, by_sqlalchemy = Database(nothing), []
    event.listen(database.driver.engine, "after_cursor_execute", lambda *told: by_sqlalchemy.append(told[2]))
    with database.stores.transactions.begin() as t:
        assert database.stores.tracking.add_execution(t, an_execution(5), order=None, seen_at=NOON)
    with database.stores.transactions.read() as t:
        assert len(database.stores.tracking.external_executions(t)) == 1
    assert by_sqlalchemy == []


def test_what_was_rolled_back_is_not_remembered() -> None:
    stores = Database(nothing).stores

    def fail() -> None:
        with stores.transactions.begin() as t:
            assert stores.tracking.add_execution(t, an_execution(5), order=None, seen_at=NOON)
            assert len(stores.tracking.external_executions(t)) == 1
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with stores.transactions.read() as t:
        assert not stores.tracking.external_executions(t)


def test_the_same_execution_again_changes_nothing_and_a_new_world_begins_without_it() -> None:
    database = Database(nothing)
    stores = database.stores
    with stores.transactions.begin() as t:
        assert stores.tracking.add_execution(t, an_execution(5), order=None, seen_at=NOON)
        for later in range(3):
            seen_at = NOON + timedelta(seconds=later)
            assert not stores.tracking.add_execution(t, an_execution(5), order=None, seen_at=seen_at)
    database.reset()
    with stores.transactions.read() as t:
        assert not stores.tracking.external_executions(t)


def test_a_unit_of_work_inside_another_is_refused() -> None:
    stores = Database(nothing).stores

    def nest() -> None:
        with stores.transactions.read(), stores.transactions.begin():
            pass

    with pytest.raises(RuntimeError, match="wait for itself"):
        nest()


# ---------------------------------------------------------------- the page


def test_the_page_takes_its_figures_from_the_report() -> None:
    beside = {"first_seed": 3, "kill": {"points": 50, "violations": []}}
    report = json.loads(json.dumps(figures(play("E1", 3)[1]) | beside))
    page = replaced(f"before\n{BEGIN}\nold\n{END}\nafter", report)
    assert page.startswith(f"before\n{BEGIN}\n")
    assert page.endswith(f"{END}\nafter")
    assert "old" not in page
    assert "0 of 1, so below 3.0e+00 for each (95 %)" in page
    assert "| the first seed of each | 3 |" in page
    assert f"| orders at the broker | {report['orders']} (" in page
    assert "| kill | points 50 |" in page
    assert "proved" not in page


def test_the_checkers_know_who_attended() -> None:
    """What may last a minute is counted in attended time: without it nothing could last too long."""
    ended, _ = play("E1", 3)
    spans = attended(ended.journal)
    whole = (ended.truth.now - ended.began).total_seconds()
    assert seconds_within(spans, ended.began, ended.truth.now) > whole / 2
    assert {"orders.place", "reads.trades", "reads.positions"} <= {call.name for call in ended.journal.calls}
