"""Invariants of an entry's life: approved as it goes out, in time, and over when its time is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise

from glassdesk.workflow.dealing.model import BY_PERSON
from glassdesk.workflow.orders.model import (
    Approval,
    Intent,
    IntentKind,
    IntentState,
    Order,
    OrderState,
    OutcomeKind,
    Role,
    SendRow,
    Side,
    Ticket,
)
from tests.chaos.history.books import Books
from tests.chaos.history.journal import Call, IntentMove, Journal, Sent
from tests.chaos.history.timeline import END, Span, free, levels_of, seconds_within, without
from tests.chaos.history.truth import TrueOrder, Truth
from tests.chaos.history.verdict import Case, Verdict

VERBS = ("place", "modify", "cancel")
ENDS_WITHIN = 120.0
"""Attended seconds for which an entry may work on once its time is over, while no cancel is under way: that
some are lost is the way's doing, that none is asked for is the desk's. A pass whose calls all run into their
limits lasts a minute, and the dealer may die in it."""
UNDER_WAY = timedelta(seconds=30)
"""For so long after it was sent a cancel may still be on its way; then another is due."""


def approved_as_sent(case: Case, journal: Journal) -> None:
    """What waited for a person goes out after a yes only, and as it was when it waited; the entry may be
    cheaper (`T-21`)."""
    wanted = {row.intent: row for commit in journal.commits for row in commit.of(Intent)}
    waited = {
        row.intent
        for commit in journal.commits
        for row in commit.of(IntentMove)
        if row.state is IntentState.AWAITING_APPROVAL
    }
    yes = {row.intent: c.step for c in reversed(journal.commits) for row in c.of(Approval)}
    for commit, move in journal.moves():
        order = move.after
        if order.state is not OrderState.SENDING or order.intent not in waited:
            continue
        intent = wanted[order.intent]
        main = intent.parent or intent.intent
        case.expect(yes.get(main, commit.step) < commit.step, order.order, "went out, and nobody approved it")
        case.expect(
            _as_reserved(order.ticket, intent), order.order, "went out as", order.ticket, "approved", intent
        )


def _as_reserved(ticket: Ticket, intent: Intent) -> bool:
    went = (ticket.conid, ticket.side, ticket.order_type, ticket.tif, ticket.quantity)
    said = (intent.conid, intent.side, intent.order_type, intent.tif, intent.quantity)
    if went != said or ticket.price is None or intent.price is None:
        return went == said and ticket.price == intent.price
    return ticket.price == intent.price or (intent.parent is None and ticket.price < intent.price)


def stops_outlive_levels(case: Case, books: Books, truth: Truth, journal: Journal) -> None:
    """A level cancels entries and no stop (`T-50`): the desk ends a stop where nothing is left to protect,
    another protects it, an exit sells it, or a person said so."""
    levels = levels_of(journal, truth.now)
    leaving = [(i.conid, i.reserved_at) for i, _ in books.intents if i.kind is IntentKind.REDUCE]
    for commit, sent in journal.sends():
        order = books.order(sent.order)
        in_force = any(begin <= commit.at < end for begin, end in levels)
        if sent.verb != "cancel" or order is None or order.role is not Role.STOP or not in_force:
            continue
        # What was noted later, when an exit ended it again, says nothing of this cancel.
        notes = [row.note for c, row in journal.life(order.order) if c.step <= commit.step]
        by_person = (notes[-1] if notes else order.note).startswith(BY_PERSON)
        sold = any(conid == order.conid and at <= commit.at for conid, at in leaving)
        held, others = truth.held(order.conid, commit.step), _other_stops(order, commit.step, truth)
        case.expect(by_person or sold or others >= held, "stop", order.order, "cancelled at a level")


def _other_stops(order: Order, step: int, truth: Truth) -> Decimal:
    stops = [one for one in truth.orders if one.conid == order.conid and one.kind == "STP"]
    living = [one.at_step(step) for one in stops if one.broker_order_id != order.broker_order_id]
    return sum((one.remaining for one in living if one is not None and one.working), Decimal(0))


def _repeats(later: SendRow, one: SendRow) -> bool:
    return later.payload_sha256 == one.payload_sha256


def changes_wait(case: Case, books: Books, truth: Truth, journal: Journal) -> None:
    """The ladder is frozen while nobody knows whether its last change arrived (`T-41`): until the order has
    changed at the broker since the same change was first asked for, or a minute has passed. A sell that
    promises more than is held shrinks at once (`T-35`)."""
    steps = {(sent.order, sent.number): commit.step for commit, sent in journal.sends()}
    exits = {
        (i.target_order or i.intent): i.reserved_at for i, _ in books.intents if i.kind is IntentKind.REDUCE
    }
    for order, since in exits.items():
        row = books.order(order)
        states = [s.at for one in truth.orders if row is not None and _is(one, row) for s in one.states]
        first: dict[int, SendRow] = {}
        for one, later in pairwise(books.sends.get(order, ())):
            first[later.number] = first.get(one.number, one) if _repeats(later, one) else later
            unknown = one.outcome is None or one.outcome.kind is OutcomeKind.UNKNOWN
            if (one.verb, later.verb) != ("modify", "modify") or not unknown or one.started_at < since:
                continue
            asked = first.get(one.number, one).started_at
            seen = any(asked < at <= later.started_at for at in states)
            waited = later.started_at - one.started_at >= timedelta(minutes=1)
            same = _repeats(later, one)
            step = steps.get((order, later.number))
            fewer = row is not None and step is not None and _promises_more(truth, row, step)
            case.expect(seen or waited or same or fewer, order, "was changed again at", later.started_at)


def _promises_more(truth: Truth, row: Order, step: int) -> bool:
    """The order offers more at the broker than is held."""
    states = [state for one in truth.orders if _is(one, row) if (state := one.at_step(step)) is not None]
    held = truth.held(row.conid, step)
    return any(state.working and state.quantity - state.filled > held for state in states)


def _is(one: TrueOrder, row: Order) -> bool:
    return one.coid == row.coid if one.coid is not None else one.broker_order_id == row.broker_order_id


def begun_in_time(books: Books, truth: Truth, journal: Journal) -> Verdict:
    """§2.5 S: no call that writes at the broker is begun after the `not_after` of its send row."""
    case = Case("NOT-AFTER")
    for sent, call in _calls(journal):
        case.expect(
            call.at <= sent.not_after, sent.verb, sent.order, "began at", call.at, "not", sent.not_after
        )
    return case.verdict()


def _calls(journal: Journal) -> Iterator[tuple[Sent, Call]]:
    """Each call with the row its instance had written before it."""
    last: dict[str, Sent] = {}
    events: list[tuple[int, str, Sent | Call]] = [
        (commit.step, commit.instance, sent) for commit, sent in journal.sends()
    ]
    events += [(c.step, c.instance, c) for c in journal.calls if c.name.rpartition(".")[2] in VERBS]
    for _, instance, event in sorted(events, key=lambda one: one[0]):
        if isinstance(event, Sent):
            last[instance] = event
        elif (sent := last.pop(instance, None)) is not None:
            yield sent, event


def over_in_time(books: Books, truth: Truth, journal: Journal) -> Verdict:
    """`T-21`, `T-50` S: an entry works no longer than its time, and not on at a level that ends entries."""
    case, spans, levels = Case("T-21"), free(journal, truth), levels_of(journal, truth.now)
    for one in truth.orders:
        order = books.by_coid(one.coid) if one.ours and one.side is Side.BUY else None
        intent = books.intent(order.intent) if order is not None else None
        if order is None or intent is None or intent.terms is None or order.of_probe:
            continue
        lived = (one.visible_at, _ended(one, truth.now))
        ttl = intent.terms.ttl_seconds
        late = [] if ttl is None else [(one.received_at + timedelta(seconds=ttl), truth.now)]
        for begin, end in (*late, *levels):
            most = _overlap(lived, (begin, end))
            lasted = seconds_within(_unasked(spans, books, order), *most) if most else 0.0
            case.expect(
                lasted <= ENDS_WITHIN, one.broker_order_id, "worked on since", begin, f"for {lasted:.0f} s"
            )
        case.evaluations += len(one.states)
    return case.verdict()


def _unasked(spans: list[Span], books: Books, order: Order) -> list[Span]:
    """When somebody attended and no cancel of this order was under way."""
    sends = books.sends.get(order.order, ())
    return without(spans, ((s.started_at, s.started_at + UNDER_WAY) for s in sends if s.verb == "cancel"))


def _ended(one: TrueOrder, now: datetime) -> datetime:
    return next((state.at for state in one.states if not state.working), now)


def _overlap(one: Span, other: Span) -> Span | None:
    begin, end = max(one[0], other[0]), min(one[1], other[1])
    return (begin, end) if begin < end else None


def ends_with_its_child(books: Books, truth: Truth, journal: Journal) -> Verdict:
    """`T-23` S: once a child of a bracket has filled, the rest of its entry is over soon."""
    case, spans = Case("T-23"), free(journal, truth)
    entries = {one.broker_order_id: one for one in truth.orders if one.ours and one.parent is None}
    for child in _children(truth.orders):
        entry = entries.get(child.parent or "")
        sold = next((state.at for state in child.states if state.filled > 0), END)
        order = books.by_coid(entry.coid) if entry is not None else None
        if entry is None or order is None:
            continue
        over, loose = _ended(entry, truth.now), _unasked(spans, books, order)
        lasted = seconds_within(loose, max(sold, entry.visible_at), over) if sold < over else 0.0
        case.expect(lasted <= ENDS_WITHIN, entry.broker_order_id, "worked on", f"{lasted:.0f} s after", sold)
        case.evaluations += len(child.states) + len(entry.states)
    return case.verdict()


def _children(orders: Iterable[TrueOrder]) -> Iterator[TrueOrder]:
    return (one for one in orders if one.ours and one.parent is not None)
