"""A good history changed in one place, so that one invariant must see it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from glassdesk.workflow.lineage.model import AuditEntry
from glassdesk.workflow.orders.model import OrderState, Role, Side
from glassdesk.workflow.positions.model import Break
from glassdesk.workflow.risk.model import Halt, HaltLevel
from glassdesk.workflow.runs.model import RunState, StepRow
from glassdesk.workflow.session.model import SessionState
from tests.chaos.history.books import Books
from tests.chaos.history.journal import Commit, Journal, Looked, Move, Sent
from tests.chaos.history.truth import TrueOrder, TruePosition, TrueQuestion, TrueRequest, TrueStatus, Truth

History = tuple[Books, Truth, Journal]
LONG = timedelta(days=1)
STRANGE = "gd1s" + "x" * 20


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
