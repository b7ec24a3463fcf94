"""A good history changed in one place: what was decided, approved, and when an entry was over."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from typing import Any

from glassdesk.workflow.orders.model import Approval, Intent, IntentKind, IntentState, OrderState, Role
from glassdesk.workflow.risk.model import Halt, HaltLevel
from tests.chaos.history.bad import (
    LONG,
    STRANGE,
    History,
    added,
    changed,
    entry,
    moved,
    row_of,
    rows,
    step_twice,
    with_commits,
)
from tests.chaos.history.books import Books
from tests.chaos.history.journal import Commit, IntentMove, Journal, Move, Sent
from tests.chaos.history.truth import TrueStatus, Truth


def run_twice(books: Books, truth: Truth, journal: Journal) -> History:
    return replace(books, runs=(*books.runs, replace(books.runs[0], run="another"))), truth, journal


def held_up(books: Books, truth: Truth, journal: Journal) -> History:
    def waits(call: Any) -> Any:
        return replace(call, at=call.at + timedelta(seconds=6)) if call.name == "orders.place" else call

    return books, truth, replace(journal, calls=[waits(call) for call in journal.calls])


def child_sold(books: Books, truth: Truth, journal: Journal) -> History:
    """The stop has filled, and the entry goes on."""
    stop = next(one for one in truth.orders if one.kind == "STP")
    sold = replace(stop, states=tuple(replace(s, filled=Decimal(1)) for s in stop.states))
    return works_on(books, changed(truth, stop, sold), journal)


def works_on(books: Books, truth: Truth, journal: Journal) -> History:
    """The entry is never over at the broker."""
    old = entry(truth)
    new = replace(old, states=tuple(replace(s, status=TrueStatus.WORKING) for s in old.states))
    return books, changed(truth, old, new), journal


def past_its_time(books: Books, truth: Truth, journal: Journal) -> History:
    """Its life was a minute, and it works on."""

    def short_lived(intent: Any) -> Any:
        terms = intent.terms
        return intent if terms is None else replace(intent, terms=replace(terms, ttl_seconds=60))

    intents = tuple((short_lived(intent), state) for intent, state in books.intents)
    return works_on(replace(books, intents=intents), truth, journal)


def past_the_halt(books: Books, truth: Truth, journal: Journal) -> History:
    """The red button was pressed, and it works on."""
    halt = Halt(level=HaltLevel.HALT_CANCEL_ENTRIES, reason="x", actor="owner", since=None)
    commit = Commit(step=0, at=entry(truth).visible_at, instance="person", rows=(halt,))
    return works_on(books, truth, with_commits(journal, [commit, *journal.commits]))


def awaited(journal: Journal, *approved: Approval, **words: Any) -> Journal:
    """The entry waited for a person; `words` is what its row says otherwise when it is sent."""

    def waits(row: Any) -> Any:
        if isinstance(row, IntentMove) and row.state is IntentState.QUEUED:
            return replace(row, state=IntentState.AWAITING_APPROVAL)
        if isinstance(row, Move) and row.after.role is Role.ENTRY and words:
            return replace(row, after=replace(row.after, ticket=replace(row.after.ticket, **words)))
        return row

    changed_rows = rows(journal, waits)
    main = next(row.intent for c in journal.commits for row in c.of(Intent) if row.parent is None)
    reserved = next(c for c in changed_rows.commits if c.of(IntentMove))
    yes = tuple(replace(one, intent=main) for one in approved)
    kept = [replace(c, rows=(*c.rows, *yes)) if c is reserved else c for c in changed_rows.commits]
    return with_commits(changed_rows, kept)


YES = Approval(
    intent="", payload_sha256="0" * 64, actor="owner", approved_at=datetime(2012, 10, 1, tzinfo=UTC)
)


def unread(books: Books, truth: Truth, journal: Journal) -> History:
    """Positions were not read before anything was sent."""
    return books, truth, replace(journal, calls=[c for c in journal.calls if c.name != "positions.positions"])


def made_twice(books: Books, truth: Truth, journal: Journal) -> History:
    """A step was committed twice, and one row is there."""
    twice_there, _, _ = step_twice(books, truth, journal)
    step = replace(twice_there.steps["r"][0], output_sha256=sha256(b"{}").hexdigest())
    return replace(books, steps={"r": (step,)}), truth, added(journal, step, step)


def other_signal(books: Books, truth: Truth, journal: Journal) -> History:
    """What was signalled is not what is stored."""
    row = next(iter(books.signals.values()))
    said = replace(row, signal=replace(row.signal, reason="another"))
    return books, truth, added(journal, said)


def other_price(books: Books, truth: Truth, journal: Journal) -> History:
    """A stop rests at another price than its row says."""
    stop = next(one for one in truth.orders if one.kind == "STP")
    states_ = tuple(replace(s, price=(s.price or Decimal(0)) - 1) for s in stop.states)
    return books, changed(truth, stop, replace(stop, states=(*stop.states, states_[-1]))), journal


def fewer_filled(books: Books, truth: Truth, journal: Journal) -> History:
    """Called over before its fills were read."""
    move = moved(books, Role.ENTRY, OrderState.WORKING, OrderState.CANCELLED, filled=Decimal(0))
    return books, truth, added(journal, move)


def second_sell(books: Books, truth: Truth, journal: Journal) -> History:
    """A sell of its own was taken while the stop promised the same shares."""
    stop = next(one for one in truth.orders if one.kind == "STP")
    state = replace(stop.last, step=truth.positions[-1].step + 1, at=truth.now)
    new = replace(stop, broker_order_id="80", coid=STRANGE, parent=None, oca=None, states=(state,))
    return books, replace(truth, orders=(*truth.orders, new)), journal


def stop_taken(books: Books, truth: Truth, journal: Journal) -> History:
    """The red button was pressed, and the desk cancelled a stop."""
    halt = Halt(level=HaltLevel.HALT_CANCEL_ENTRIES, reason="x", actor="owner", since=None)
    now = journal.commits[-1].at
    sent = Sent(
        order=row_of(books, Role.STOP).order,
        number=2,
        verb="cancel",
        payload_sha256="",
        fence=1,
        epoch=1,
        started_at=now,
        not_after=now,
    )
    pressed = Commit(step=journal.commits[-1].step, at=now - LONG, instance="person", rows=(halt,))
    return books, truth, added(with_commits(journal, [*journal.commits, pressed]), sent)


def climbed_blind(books: Books, truth: Truth, journal: Journal) -> History:
    """An exit was changed twice within a second, and nobody knew of the first."""
    intent, state = books.intents[0]
    target = row_of(books, Role.TARGET)
    leaving = replace(intent, intent="exit", kind=IntentKind.REDUCE, target_order=target.order)
    sent = books.sends[row_of(books, Role.ENTRY).order][0]
    began = truth.now - timedelta(seconds=5)
    first = replace(sent, verb="modify", outcome=None, started_at=began)
    later = replace(first, number=2, payload_sha256="another", started_at=began + timedelta(seconds=1))
    changes = {**books.sends, target.order: (first, later)}
    return replace(books, intents=(*books.intents, (leaving, state)), sends=changes), truth, journal


def left_unjudged(books: Books, truth: Truth, journal: Journal) -> History:
    """An exit began, and no rule was asked."""
    intent, state = books.intents[0]
    leaving = replace(intent, intent="exit", run="another", kind=IntentKind.REDUCE)
    began = IntentMove(intent="exit", state=IntentState.SENT)
    return replace(books, intents=(*books.intents, (leaving, state))), truth, added(journal, began)


def nothing_arrived(books: Books, truth: Truth, journal: Journal) -> History:
    """Written down as sent, and no channel took it."""
    return books, truth, replace(journal, deliveries=[])


def asked_in_vain(books: Books, truth: Truth, journal: Journal) -> History:
    """Past its time, and asked to end every twenty seconds: each cancel was lost on the way."""
    books, truth, journal = past_its_time(books, truth, journal)
    row = row_of(books, Role.ENTRY)
    sent = books.sends[row.order][0]
    every = range(0, int((truth.now - sent.started_at).total_seconds()), 20)
    asks = tuple(
        replace(sent, verb="cancel", number=n + 2, started_at=sent.started_at + timedelta(seconds=after))
        for n, after in enumerate(every)
    )
    return replace(books, sends={**books.sends, row.order: (sent, *asks)}), truth, journal


def frozen(books: Books, truth: Truth, journal: Journal) -> History:
    """Past its time, and nothing may be sent."""
    halt = Halt(level=HaltLevel.FREEZE, reason="x", actor="owner", since=None)
    commit = Commit(step=0, at=entry(truth).visible_at, instance="person", rows=(halt,))
    return past_its_time(books, truth, with_commits(journal, [commit, *journal.commits]))


def end_forgotten(books: Books, truth: Truth, journal: Journal) -> History:
    """The stop was to end an hour ago and works on, and nobody was told."""
    stop = row_of(books, Role.STOP)
    last = books.sends[next(order for order, sends in books.sends.items() if sends)][-1]
    asked = replace(last, verb="cancel", started_at=books.now - timedelta(hours=1))
    rest = tuple(one for one in books.orders if one is not stop)
    waits = replace(stop, state=OrderState.CANCEL_REQUESTED)
    changed_books = replace(books, orders=(*rest, waits), sends={**books.sends, stop.order: (asked,)})
    old = next(one for one in truth.orders if one.kind == "STP")
    alive = replace(old, states=tuple(replace(s, status=TrueStatus.WORKING) for s in old.states))
    return changed_books, changed(truth, old, alive), journal
