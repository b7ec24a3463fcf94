"""Every checker passes a good history and fires on a bad one: the good one, changed in the one place."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from glassdesk.workflow.lineage.model import AuditEntry
from glassdesk.workflow.orders.model import OrderState, Role, Side
from glassdesk.workflow.positions.model import Break
from glassdesk.workflow.risk.model import Halt, HaltLevel
from glassdesk.workflow.runs.model import RunState, StepRow
from glassdesk.workflow.session.model import SessionState
from ibkr_simulator import certificate
from tests.chaos.desk.scenarios import SCENARIOS
from tests.chaos.desk.sweep import run
from tests.chaos.history.at_broker import adoptions, late_arrivals
from tests.chaos.history.books import Books
from tests.chaos.history.invariants import ELSEWHERE, INVARIANTS, checked, violations
from tests.chaos.history.journal import Commit, Journal, Looked, Move, Sent
from tests.chaos.history.truth import TrueOrder, TruePosition, TrueQuestion, TrueRequest, TrueStatus, Truth

History = tuple[Books, Truth, Journal]
Bad = Callable[[Books, Truth, Journal], History]
LONG = timedelta(days=1)
STRANGE = "gd1s" + "x" * 20


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> History:
    """A bracket whose entry is filled and whose children rest."""
    logging.disable(logging.CRITICAL)
    scenario = next(one for one in SCENARIOS if one.name == "entry_filled")
    folder = tmp_path_factory.mktemp("good")
    for name in ("pem", "home"):
        (folder / name).mkdir()
    _, played = run(scenario, 0, certificate.ensure(folder / "pem"), folder / "home")
    logging.disable(logging.NOTSET)
    return played.books, played.truth, played.journal


# ---------------------------------------------------------------- one change each


def with_commits(journal: Journal, commits: list[Commit]) -> Journal:
    return replace(journal, commits=sorted(commits, key=lambda one: one.step))


def rows(journal: Journal, change: Callable[[Any], Any]) -> Journal:
    """Every written row changed, or left out where the change answers `None`."""
    commits = [
        replace(one, rows=tuple(new for row in one.rows if (new := change(row)) is not None))
        for one in journal.commits
    ]
    return with_commits(journal, commits)


def added(journal: Journal, *new: Any, step: int | None = None) -> Journal:
    last = journal.commits[-1]
    commit = Commit(step=step or last.step + 1, at=last.at, instance="dealer-a.1", rows=new)
    return with_commits(journal, [*journal.commits, commit])


def entry(truth: Truth) -> TrueOrder:
    return next(one for one in truth.orders if one.side is Side.BUY)


def changed(truth: Truth, old: TrueOrder, new: TrueOrder) -> Truth:
    return replace(truth, orders=tuple(new if one is old else one for one in truth.orders))


def row_of(books: Books, role: Role) -> Any:
    return next(order for order in books.orders if order.role is role)


def moved(books: Books, role: Role, before: OrderState, after: OrderState, **words: Any) -> Move:
    order = row_of(books, role)
    return Move(before=replace(order, state=before), after=replace(order, state=after, **words))


def rows_with(books: Books, role: Role, **words: Any) -> Books:
    order = row_of(books, role)
    return replace(
        books, orders=tuple(replace(one, **words) if one is order else one for one in books.orders)
    )


def twice(books: Books, truth: Truth, journal: Journal) -> History:
    return books, replace(truth, orders=(*truth.orders, replace(entry(truth), broker_order_id="77"))), journal


def second_intent(books: Books, truth: Truth, journal: Journal) -> History:
    intent, state = books.intents[0]
    return replace(books, intents=(*books.intents, (replace(intent, intent="other"), state))), truth, journal


def orphan(books: Books, truth: Truth, journal: Journal) -> History:
    stop = next(one for one in truth.orders if one.kind == "STP")
    strange = replace(stop, broker_order_id="78", coid=STRANGE)
    return books, replace(truth, orders=(*truth.orders, strange)), journal


def sent_after(books: Books, truth: Truth, journal: Journal) -> History:
    return books, truth, rows(journal, lambda row: None if isinstance(row, Sent) else row)


def lie(books: Books, truth: Truth, journal: Journal) -> History:
    move = moved(books, Role.STOP, OrderState.WORKING, OrderState.REJECTED)
    return books, truth, added(journal, move)


def fill_lost(books: Books, truth: Truth, journal: Journal) -> History:
    return replace(books, fills=()), truth, journal


def called_over(books: Books, truth: Truth, journal: Journal) -> History:
    return rows_with(books, Role.STOP, state=OrderState.CANCELLED), truth, journal


def guessed(books: Books, truth: Truth, journal: Journal) -> History:
    move = moved(books, Role.ENTRY, OrderState.UNKNOWN, OrderState.ABANDONED)
    return books, truth, added(journal, move)


def run_left(books: Books, truth: Truth, journal: Journal) -> History:
    lost = replace(books.runs[0], state=RunState.RUNNING, lease_until=books.now - LONG)
    return replace(books, runs=(lost,)), truth, journal


def old_fence(books: Books, truth: Truth, journal: Journal) -> History:
    move = replace(moved(books, Role.STOP, OrderState.WORKING, OrderState.WORKING), fence=0)
    return books, truth, added(journal, move)


def step_twice(books: Books, truth: Truth, journal: Journal) -> History:
    step = StepRow(
        run="r",
        number=1,
        name="bars",
        output="{}",
        output_sha256="0" * 64,
        node="bars:r",
        committed_at=books.now,
        machine_ms=0,
    )
    return replace(books, steps={"r": (step, step)}), truth, journal


def no_signal(books: Books, truth: Truth, journal: Journal) -> History:
    return replace(books, signals={}), truth, journal


def late_send(books: Books, truth: Truth, journal: Journal) -> History:
    def later(row: Any) -> Any:
        return replace(row, started_at=row.started_at + LONG) if isinstance(row, Sent) else row

    return books, truth, rows(journal, later)


def unjudged(books: Books, truth: Truth, journal: Journal) -> History:
    return replace(books, verdicts={}), truth, journal


def shares_gone(books: Books, truth: Truth, journal: Journal) -> History:
    return (
        books,
        replace(truth, positions=tuple(replace(p, quantity=Decimal(0)) for p in truth.positions)),
        journal,
    )


def signed_out(books: Books, truth: Truth, journal: Journal) -> History:
    def out(row: Any) -> Any:
        if not isinstance(row, Looked):
            return row
        return replace(row, status=replace(row.status, state=SessionState.SIGNED_OUT))

    return books, truth, rows(journal, out)


def elsewhere(books: Books, truth: Truth, journal: Journal) -> History:
    other = TrueRequest(step=1, at=truth.now, method="GET", path="/portfolio/DU999/summary")
    return books, replace(truth, requests=(*truth.requests, other)), journal


def other_contract(books: Books, truth: Truth, journal: Journal) -> History:
    return books, changed(truth, entry(truth), replace(entry(truth), conid=1)), journal


def halted(books: Books, truth: Truth, journal: Journal) -> History:
    halt = Halt(level=HaltLevel.REDUCE_ONLY, reason="x", actor="owner", since=None)
    return books, truth, added(journal, halt, step=1)


def said_yes(books: Books, truth: Truth, journal: Journal) -> History:
    yes = TrueQuestion(step=1, at=truth.now, message_ids=("o451",), conid=1, confirmed=True, kinds=("STP",))
    return books, replace(truth, questions=(yes,)), journal


def overfilled(books: Books, truth: Truth, journal: Journal) -> History:
    move = moved(books, Role.STOP, OrderState.WORKING, OrderState.PARTIAL, filled=Decimal(99))
    return books, truth, added(journal, move)


def no_lineage(books: Books, truth: Truth, journal: Journal) -> History:
    return replace(books, lineage={}), truth, journal


def silent_break(books: Books, truth: Truth, journal: Journal) -> History:
    found = Break(
        account=books.account,
        conid=1,
        symbol="X",
        broker_quantity=Decimal(1),
        derived_quantity=Decimal(0),
        opened_at=books.now,
    )
    return replace(books, breaks=(found,)), truth, journal


def cash_gone(books: Books, truth: Truth, journal: Journal) -> History:
    return books, replace(truth, cash=(truth.cash or Decimal(0)) - 5), journal


def facts_gone(books: Books, truth: Truth, journal: Journal) -> History:
    return replace(books, facts={}), truth, journal


def secret_told(books: Books, truth: Truth, journal: Journal) -> History:
    return replace(books, canaries=("hunter2",), texts=(("log", "password hunter2"),)), truth, journal


def audit_changed(books: Books, truth: Truth, journal: Journal) -> History:
    first, *rest = books.audit
    return replace(books, audit=(replace(first, body='"other"'), *rest)), truth, journal


def change_unwritten(books: Books, truth: Truth, journal: Journal) -> History:
    return books, truth, rows(journal, lambda row: None if isinstance(row, AuditEntry) else row)


def undelivered(books: Books, truth: Truth, journal: Journal) -> History:
    waiting = tuple(replace(one, sent_at=None) for one in books.notifications)
    return replace(books, notifications=waiting), truth, journal


def other_payload(books: Books, truth: Truth, journal: Journal) -> History:
    old = entry(truth)
    first, *rest = old.states
    new = replace(old, states=(replace(first, quantity=first.quantity + 1), *rest))
    return books, changed(truth, old, new), journal


def short(books: Books, truth: Truth, journal: Journal) -> History:
    row = TruePosition(
        step=truth.positions[-1].step + 1,
        at=truth.now,
        account=truth.account,
        conid=truth.positions[-1].conid,
        quantity=Decimal(-1),
    )
    return books, replace(truth, positions=(*truth.positions, row)), journal


def two_decisions(books: Books, truth: Truth, journal: Journal) -> History:
    one = replace(entry(truth), broker_order_id="79", coid=STRANGE)
    return books, replace(truth, orders=(*truth.orders, one)), journal


def interrupted(books: Books, truth: Truth, journal: Journal) -> History:
    asked = TrueQuestion(
        step=1,
        at=truth.now,
        message_ids=("o10331",),
        conid=1,
        confirmed=True,
        kinds=("STP",),
        between=("GET /iserver/account/orders",),
    )
    return books, replace(truth, questions=(asked,)), journal


def hurried(books: Books, truth: Truth, journal: Journal) -> History:
    one = TrueRequest(step=1, at=truth.now, method="GET", path="/iserver/account/orders", by="a")
    return books, replace(truth, requests=(one, one)), journal


def never_ends(books: Books, truth: Truth, journal: Journal) -> History:
    return rows_with(books, Role.STOP, state=OrderState.UNKNOWN), truth, journal


def unlawful(books: Books, truth: Truth, journal: Journal) -> History:
    return books, truth, added(journal, moved(books, Role.ENTRY, OrderState.FILLED, OrderState.WORKING))


def dwells(books: Books, truth: Truth, journal: Journal) -> History:
    began = next(commit for commit, sent in journal.sends())
    move = moved(books, Role.STOP, OrderState.WORKING, OrderState.UNKNOWN)
    kept = [one for one in journal.commits if one.step <= began.step]
    new = Commit(step=began.step + 1, at=began.at, instance="dealer-a.1", rows=(move,))
    return books, truth, with_commits(journal, [*kept, new])


def miscounted(books: Books, truth: Truth, journal: Journal) -> History:
    return rows_with(books, Role.STOP, filled=Decimal(1)), truth, journal


def bare(books: Books, truth: Truth, journal: Journal) -> History:
    stop = next(one for one in truth.orders if one.kind == "STP")
    over = replace(stop, states=tuple(replace(s, status=TrueStatus.CANCELLED) for s in stop.states))
    return books, changed(truth, stop, over), journal


BAD: Mapping[str, Bad] = {
    "I-01": twice,
    "I-02": second_intent,
    "I-03": orphan,
    "I-04": sent_after,
    "I-05": lie,
    "I-06": fill_lost,
    "I-07": fill_lost,
    "I-08": called_over,
    "I-09": guessed,
    "I-12": run_left,
    "I-13": old_fence,
    "I-14": step_twice,
    "I-17": no_signal,
    "I-18": no_signal,
    "I-19": late_send,
    "I-20": unjudged,
    "I-21": shares_gone,
    "I-22": signed_out,
    "I-23": lambda books, truth, journal: (replace(books, is_open=lambda _: False), truth, journal),
    "I-24": elsewhere,
    "I-25": other_contract,
    "I-26": halted,
    "I-27": said_yes,
    "I-28": overfilled,
    "I-29": orphan,
    "I-30": lambda books, truth, journal: (replace(books, problems=("row 7 missing",)), truth, journal),
    "I-32": no_lineage,
    "I-33": silent_break,
    "I-34": cash_gone,
    "I-35": facts_gone,
    "I-36": secret_told,
    "I-37": audit_changed,
    "I-38": change_unwritten,
    "I-40": undelivered,
    "I-41": other_payload,
    "I-42": short,
    "I-43": two_decisions,
    "I-45": interrupted,
    "I-46": hurried,
    "I-50": never_ends,
    "I-51": unlawful,
    "I-52": dwells,
    "I-53": shares_gone,
    "FOLD": miscounted,
    "T-33": bare,
}


@pytest.mark.slow
def test_a_good_history_has_no_witness(good: History) -> None:
    assert violations(checked(*good)) == []


@pytest.mark.slow
@pytest.mark.parametrize("name", INVARIANTS)
def test_a_bad_history_has_a_witness(name: str, good: History) -> None:
    assert INVARIANTS[name](*BAD[name](*good)).witnesses, f"{name} sees nothing"


@pytest.mark.slow
def test_an_order_called_over_and_seen_alive_is_a_late_arrival_and_an_adoption(good: History) -> None:
    books, truth, journal = good
    stop = next(one for one in truth.orders if one.kind == "STP")
    first, last = journal.commits[0], journal.commits[-1]
    over = moved(books, Role.STOP, OrderState.UNKNOWN, OrderState.ABANDONED)
    back = moved(books, Role.STOP, OrderState.ABANDONED, OrderState.WORKING)
    told = replace(journal, commits=[replace(first, rows=(over,)), replace(last, rows=(back,))])
    late = changed(truth, stop, replace(stop, visible_at=first.at + timedelta(seconds=1)))
    assert (adoptions(told), late_arrivals(books, late, told)) == (1, 1)
    assert (adoptions(journal), late_arrivals(books, truth, journal)) == (0, 0)


def test_every_invariant_has_a_checker_or_a_reason() -> None:
    numbered = {f"I-{number:02}" for number in range(1, 54)}
    assert numbered == ({name for name in INVARIANTS if name.startswith("I-")} | set(ELSEWHERE))
    assert BAD.keys() == INVARIANTS.keys()
