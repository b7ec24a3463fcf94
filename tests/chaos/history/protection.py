"""Invariants of what rests at the broker: one decision, stops that fit (I-53), nothing sold twice."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from glassdesk.workflow.orders.model import OutcomeKind, Side
from tests.chaos.history.books import Books
from tests.chaos.history.journal import Answered, Journal
from tests.chaos.history.timeline import attended, free, seconds_within
from tests.chaos.history.truth import TrueOrder, Truth
from tests.chaos.history.verdict import Case, Verdict

ZERO = Decimal(0)
SHRUNK_WITHIN = 60.0
"""Seconds after an entry's end within which its children fit (`T-23`)."""
PASS = 15.0
"""What a pass of the dealer, the transport and the broker's own delay of a cancel may add."""
AGAIN = 60.0 + PASS
"""A change that nobody heard of is made again after a minute in which no list shows it (`T-41`)."""
MOST_VAIN = 10
"""So many changes that were not taken may make it later; who asks for ever does not."""
OUTSIDE_WITHIN = 25.0
"""15 s until a change from outside is read, 10 s until its cause is removed (`T-35`, `T-36`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """The broker after one event."""

    step: int
    at: datetime


def one_decision(books: Books, truth: Truth, journal: Journal) -> Verdict:
    """I-43 as amended by `T-20` S: at most one entry works for an (account, conid)."""
    case = Case("I-43")
    entries = [one for one in truth.orders if one.ours and one.side is Side.BUY]
    for moment in _moments(truth, positions=False):
        by_conid: dict[int, int] = {}
        for one in entries:
            state = one.at_step(moment.step)
            if state is not None and state.working:
                by_conid[one.conid] = by_conid.get(one.conid, 0) + 1
        for conid, count in by_conid.items():
            case.expect(count == 1, conid, "has", count, "working entries at", moment.at)
    return case.verdict()


def stops_fit(books: Books, truth: Truth, journal: Journal) -> Verdict:
    """I-53 S: Σ live stop quantity ≤ position + unfilled rest of the entry of the same bracket, but for the
    times that `T-23` and `T-35` allow, counted while a dealer attends."""
    return _fits("I-53", books, truth, journal, _stops).verdict()


def sells_fit(books: Books, truth: Truth, journal: Journal) -> Verdict:
    """I-21 as amended by `T-36` S: Σ over groups (the largest) + single sells ≤ shares held + that rest. A
    sell of its own that the broker takes fits at once."""
    case = _fits("I-21", books, truth, journal, _sells)
    for one in truth.orders:
        alone = one.ours and one.side is Side.SELL and one.parent is None and not one.late
        if alone and one.states[0].working:
            sells, most = _sells(one.conid, one.states[0].step, truth), _covered_lately(one, truth)
            case.expect(sells <= most, one.broker_order_id, "was taken: promised", sells, "of", most)
    return case.verdict()


def _covered_lately(one: TrueOrder, truth: Truth) -> Decimal:
    """The most that was there since what it was decided on was read."""
    taken = one.states[0]
    since = taken.at - timedelta(seconds=OUTSIDE_WITHIN + PASS)
    moments = [m for m in _moments(truth, positions=True) if m.step <= taken.step]
    before = [m for m in moments if m.at < since][-1:]
    lately = [*before, *(m for m in moments if m.at >= since)]
    return max(_covered(one.conid, moment.step, truth) for moment in lately)


Promise = Callable[[int, int, Truth], Decimal]


def _fits(name: str, books: Books, truth: Truth, journal: Journal, promised: Promise) -> Case:
    # Shares that left are seen in the positions only.
    case, spans = Case(name), free(journal, truth, "positions")
    moments = _moments(truth, positions=True)
    for conid in sorted({one.conid for one in truth.orders if one.ours}):
        since: datetime | None = None
        failed = _failed(books, journal, conid)
        for number, moment in enumerate(moments):
            sells, most = promised(conid, moment.step, truth), _covered(conid, moment.step, truth)
            if sells <= most:
                since = None
                case.evaluations += sells > 0
                continue
            since = since or moment.at
            until = moments[number + 1].at if number + 1 < len(moments) else truth.now
            lasted = seconds_within(spans, since, until)
            vain = min(sum(since <= at <= until for at in failed), MOST_VAIN)
            allowed = _allowed(truth, since) + AGAIN * vain
            case.expect(
                lasted <= allowed, conid, "promised", sells, "of", most, "since", since, f"for {lasted:.0f} s"
            )
    return case


def _failed(books: Books, journal: Journal, conid: int) -> list[datetime]:
    """When a change or cancel of ours on that contract went out and was not taken, or nobody heard."""
    mine = {order.order for order in books.orders if order.ticket.conid == conid}
    taken = {
        (one.order, one.number)
        for commit in journal.commits
        for one in commit.of(Answered)
        if one.outcome.kind is OutcomeKind.ACCEPTED
    }
    return [
        sent.started_at
        for _, sent in journal.sends()
        if sent.verb != "place" and sent.order in mine and (sent.order, sent.number) not in taken
    ]


def _allowed(truth: Truth, since: datetime) -> float:
    outside = any(timedelta(0) <= since - at <= timedelta(seconds=1) for at in truth.outside)
    return (OUTSIDE_WITHIN if outside else SHRUNK_WITHIN) + PASS


def _moments(truth: Truth, *, positions: bool) -> list[Moment]:
    steps = {state.step: state.at for one in truth.orders for state in one.states}
    if positions:
        steps |= {row.step: row.at for row in truth.positions}
    return [Moment(step=step, at=steps[step]) for step in sorted(steps)]


def _working(conid: int, step: int, truth: Truth, side: Side) -> Iterable[tuple[TrueOrder, Decimal]]:
    for one in truth.orders:
        state = one.at_step(step) if one.ours and one.conid == conid and one.side is side else None
        if state is not None and state.working:
            yield one, state.remaining


def _stops(conid: int, step: int, truth: Truth) -> Decimal:
    stops = [rest for one, rest in _working(conid, step, truth, Side.SELL) if one.kind == "STP"]
    return sum(stops, ZERO)


def _sells(conid: int, step: int, truth: Truth) -> Decimal:
    groups: dict[str, Decimal] = {}
    for one, rest in _working(conid, step, truth, Side.SELL):
        group = one.oca or one.parent or one.broker_order_id
        groups[group] = max(groups.get(group, ZERO), rest)
    return sum(groups.values(), ZERO)


def _covered(conid: int, step: int, truth: Truth) -> Decimal:
    rest = sum((left for _, left in _working(conid, step, truth, Side.BUY)), ZERO)
    return max(ZERO, truth.held(conid, step)) + rest


def protected_or_told(books: Books, truth: Truth, journal: Journal) -> Verdict:
    """`T-33` E: shares of ours that have no live stop for a minute of attended regular hours are told."""
    case, spans = Case("T-33"), attended(journal)
    moments = _moments(truth, positions=True)
    for conid in sorted({one.conid for one in truth.orders if one.ours and one.side is Side.BUY}):
        since: datetime | None = None
        for number, moment in enumerate(moments):
            held = truth.held(conid, moment.step)
            if held <= 0 or _stops(conid, moment.step, truth) >= _ours(books, truth, conid, moment.step):
                since = None
                case.evaluations += held > 0
                continue
            since = since or moment.at
            until = moments[number + 1].at if number + 1 < len(moments) else truth.now
            bare = seconds_within(spans, since, until)
            if bare > SHRUNK_WITHIN * 2 and books.is_open(since) and books.is_open(until):
                told = books.told(
                    "unprotected:", "lost its stop", "leg-failed", "not-remedied", "needs a person"
                )
                case.expect(
                    bool(told), conid, held, "shares without a stop since", since, f"for {bare:.0f} s"
                )
    return case.verdict()


def _ours(books: Books, truth: Truth, conid: int, step: int) -> Decimal:
    """What our orders bought and have not sold yet, less what somebody sold of it."""
    opened = sum((row.quantity for row in books.openings if row.conid == conid), ZERO)
    ours = ((one.side, one.at_step(step)) for one in truth.orders if one.ours and one.conid == conid)
    seen = [(side, state.filled) for side, state in ours if state is not None]
    traded = sum((filled if side is Side.BUY else -filled for side, filled in seen), ZERO)
    return min(truth.held(conid, step) - opened, traded)
