"""Invariants between our rows and what the broker took: never twice, never lost, never a guess."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from decimal import Decimal

from glassdesk.kernel.ids import is_ours
from glassdesk.workflow.order_tracking.model import Execution
from glassdesk.workflow.orders.model import Order, OrderState, Side, Ticket
from tests.chaos.history.books import Books
from tests.chaos.history.entries import changes_wait
from tests.chaos.history.journal import Answered, Commit, Journal
from tests.chaos.history.timeline import reads
from tests.chaos.history.truth import TrueExecution, TrueOrder, TrueStatus, Truth
from tests.chaos.history.verdict import Case, Verdict

ZERO, CENT = Decimal(0), Decimal("0.01")
NOT_FILLED = (OrderState.REJECTED, OrderState.ABANDONED, OrderState.EXPIRED, OrderState.CANCELLED)
"""Final states that say: it lives no more, and was not filled to the end."""
PERSON = OrderState.NEEDS_OPERATOR
ORPHAN_WITHIN = timedelta(seconds=60)


def no_duplicate(books: Books, truth: Truth, journal: Journal) -> Verdict:
    """I-01 S: the broker accepted at most one order for each intent and for each client order id."""
    case = Case("I-01")
    taken = Counter(one.coid for one in truth.orders if one.ours and one.coid)
    intents = Counter(_intent(books, one) for one in truth.orders if one.ours)
    for coid, count in taken.items():
        case.expect(count == 1, "cOID", coid, "was accepted", count, "times")
    for intent, count in intents.items():
        case.expect(intent is None or count == 1, "intent", intent, "has", count, "orders at the broker")
    return case.verdict()


def _intent(books: Books, one: TrueOrder) -> str | None:
    order = _row_of(books, one)
    return order.intent if order is not None else None


def _row_of(books: Books, one: TrueOrder) -> Order | None:
    by_coid = books.by_coid(one.coid) if one.coid else None
    return by_coid or next((row for row in books.orders if row.broker_order_id == one.broker_order_id), None)


def no_orphan(books: Books, truth: Truth, journal: Journal) -> Verdict:
    """I-03 S: every order that reached the broker under our mark has a row."""
    case = Case("I-03")
    known = {order.coid for order in books.orders}
    for one in truth.orders:
        if one.ours and is_ours(one.coid):
            case.expect(one.coid in known, "order", one.broker_order_id, one.coid, "has no row")
    return case.verdict()


def write_ahead(books: Books, truth: Truth, journal: Journal) -> Verdict:
    """I-04 S: a send row of the order, or of the bracket it went out with, was committed before the request
    arrived, and says so in its time too."""
    case = Case("I-04")
    placed = [(commit, sent) for commit, sent in journal.sends() if sent.verb == "place"]
    for one in truth.orders:
        row = _row_of(books, one)
        if not one.ours or row is None:
            continue
        mine = {row.order, row.parent}
        before = [s for c, s in placed if s.order in mine and c.step < one.received_step]
        fine = any(sent.started_at <= one.received_at for sent in before)
        case.expect(
            fine, "order", row.order, "arrived at step", one.received_step, "without a committed send"
        )
    return case.verdict()


def no_false_terminal(books: Books, truth: Truth, journal: Journal) -> Verdict:
    """I-05 S on the history: whoever was called over did not live, visibly, when the evidence was read. E:
    every order ends as the broker has it, with the quantity and price it has there, late arrivals adopted."""
    case = Case("I-05")
    for commit, move in journal.moves():
        before = move.before
        if before is None or before.state is move.after.state or move.after.state not in NOT_FILLED:
            continue
        step, at, until = _evidence(journal, commit, move.after)
        for one in of_row(truth, move.after):
            state = one.at_step(step)
            # Trades tell of a fill whatever the list shows.
            shown = one.visible_at if state is not None and state.filled else truth.shown_at(one)
            seen = shown < at or (shown == at and one.received_step < step)
            state = state if seen else None
            # What ends while the reading is under way may be in its answer.
            ended = any(s.step > step and s.at <= until and not s.working for s in one.states)
            lived = state is not None and state.working and not ended
            said = (move.after.state.value, move.after.order, "at", at)
            case.expect(not lived, *said, "while it lived at the broker")
            known = state is None or state.filled <= move.after.filled
            case.expect(known, *said, "with", move.after.filled, "filled, the broker had more")
    for one in truth.orders:
        row = _row_of(books, one)
        if one.ours and row is not None and one.visible_at <= truth.now:
            case.expect(_agree(row, one), row.order, "is", row.state.value, row.filled, "broker:", _said(one))
    for row in books.orders:
        if not of_row(truth, row):
            fine = not row.state.at_broker and row.state is not OrderState.FILLED and row.filled == 0
            case.expect(fine, row.order, "is", row.state.value, "and was never at the broker")
    return case.verdict()


def of_row(truth: Truth, row: Order) -> list[TrueOrder]:
    return [
        one
        for one in truth.orders
        if one.ours
        and (one.coid == row.coid or (one.coid is None and one.broker_order_id == row.broker_order_id))
    ]


def _evidence(journal: Journal, commit: Commit, order: Order) -> tuple[int, datetime, datetime]:
    """Step and instant at which the reading or the answer began that a verdict rests on, and when it came."""
    answered = any(
        isinstance(row, Answered) and row.order in (order.order, order.parent) for row in commit.rows
    )
    if answered:
        return commit.step, commit.at, commit.at
    # What was read before the transaction began: the last order or trade reading of this instance.
    last = max(
        (
            call
            for call in reads(journal, "live_orders", "order_status", "trades")
            if call.instance == commit.instance and call.step < commit.step
        ),
        key=lambda call: call.step,
        default=None,
    )
    if last is None:
        return commit.step, commit.at, commit.at
    return last.step, last.at, last.ended or last.at


def _agree(row: Order, one: TrueOrder) -> bool:
    if row.state is PERSON:
        return True
    last = one.last
    if last.filled != row.filled:
        return False
    if last.working:
        wanted = (row.ticket.quantity, row.ticket.price)
        return row.state.at_broker and (last.quantity, last.price) == wanted
    if last.status is TrueStatus.FILLED:
        return row.state is OrderState.FILLED
    return row.state in NOT_FILLED


def _said(one: TrueOrder) -> str:
    return f"{one.last.status.value} {one.last.filled} of {one.last.quantity} at {one.last.price}"


def adoptions(journal: Journal) -> int:
    """How often an order that was called over was taken back, because the broker showed it."""
    return sum(
        1
        for _, move in journal.moves()
        if move.before is not None
        and move.before.state in NOT_FILLED
        and move.after.state is not move.before.state
    )


def late_arrivals(books: Books, truth: Truth, journal: Journal) -> int:
    """How many orders were shown first after their row had been called over."""
    count = 0
    for one in truth.orders:
        row = _row_of(books, one)
        if not one.ours or row is None:
            continue
        before = [order for commit, order in journal.life(row.order) if commit.at < truth.shown_at(one)]
        count += bool(before) and before[-1].state in NOT_FILLED
    return count


def fills_equal(books: Books, truth: Truth, journal: Journal) -> Verdict:
    """I-06 E: the ledger has exactly the broker's executions of our orders, in their last revision."""
    case = Case("I-06")
    ours = {one.broker_order_id for one in truth.orders if one.ours}
    real = {_key(one): one for one in _effective(truth) if one.broker_order_id in ours and one.quantity}
    mine = {(f.execution.execution, f.execution.revision): f.execution for f in books.fills}
    mine = {key: one for key, one in mine.items() if one.quantity}
    for key in real.keys() | mine.keys():
        case.expect(
            _same(real.get(key), mine.get(key)),
            "execution",
            key,
            "broker",
            real.get(key),
            "ledger",
            mine.get(key),
        )
    return case.verdict()


def _key(one: TrueExecution) -> tuple[str, int]:
    return one.execution, one.revision


def _signed(one: Execution) -> Decimal:
    """Shares in, positive, or out, negative."""
    return one.quantity if one.side is Side.BUY else -one.quantity


def _effective(truth: Truth) -> list[TrueExecution]:
    newest: dict[str, TrueExecution] = {}
    for one in truth.executions:
        known = newest.get(one.execution)
        if known is None or one.revision > known.revision:
            newest[one.execution] = one
    return list(newest.values())


def _same(real: TrueExecution | None, mine: Execution | None) -> bool:
    if real is None or mine is None:
        return False
    return (real.conid, real.side, real.quantity, real.price) == (
        mine.conid,
        mine.side,
        mine.quantity,
        mine.price,
    )


def positions_equal(books: Books, truth: Truth, journal: Journal) -> Verdict:
    """I-07 E: our executions, those of others and the opening rows give the broker's position, or a break
    with that exact difference is open. An opening row holds what others traded before it."""
    case = Case("I-07")
    derived: Counter[int] = Counter()
    others: Counter[int] = Counter()
    for one in (fill.execution for fill in books.fills):
        derived[one.conid] += _signed(one)  # type: ignore[assignment]
    for one in books.external:
        others[one.conid] += _signed(one)  # type: ignore[assignment]
    for row in books.openings:
        derived[row.conid] += row.quantity  # type: ignore[assignment]
    for conid in derived.keys() | others.keys() | {row.conid for row in truth.positions}:
        difference = truth.held(conid) - derived[conid]
        found = next((b for b in books.breaks if b.conid == conid), None)
        told = found is not None and found.broker_quantity == truth.held(conid)
        known = told or difference in (0, others[conid])
        case.expect(known, conid, "broker", truth.held(conid), "books", derived[conid])
    return case.verdict()


def cash_equal(books: Books, truth: Truth, journal: Journal) -> Verdict:
    """I-34 E: our executions with their commissions explain the broker's cash to the cent, as far as every
    commission is known."""
    case = Case("I-34")
    ours = [fill.execution for fill in books.fills]
    if truth.cash is None or truth.cash_before is None or any(one.commission is None for one in ours):
        return case.verdict()
    spent = sum((_signed(one) * one.price + (one.commission or ZERO) for one in ours), ZERO)
    derived = truth.cash_before + truth.cash_outside - spent
    case.expect(abs(truth.cash - derived) < CENT, "cash", truth.cash, "explained", derived)
    return case.verdict()


def cancelled_is_over(books: Books, truth: Truth, journal: Journal) -> Verdict:
    """I-08 E: what our rows call cancelled or expired works no more, and was filled as much."""
    case = Case("I-08")
    for row in books.orders:
        if row.state in (OrderState.CANCELLED, OrderState.EXPIRED):
            for one in of_row(truth, row):
                fine = not one.last.working and one.last.filled == row.filled
                case.expect(fine, row.order, row.state.value, row.filled, "broker:", _said(one))
    return case.verdict()


def right_contract(books: Books, truth: Truth, journal: Journal) -> Verdict:
    """I-25 S: every order at the broker is for the contract and side that its intent names."""
    case = Case("I-25")
    for one in truth.orders:
        row = _row_of(books, one)
        intent = books.intent(row.intent) if row is not None else None
        if one.ours and intent is not None:
            case.expect(
                (one.conid, one.side) == (intent.conid, intent.side),
                one.broker_order_id,
                "is not what",
                intent.intent,
                "wanted",
            )
    return case.verdict()


def orphans_told(books: Books, truth: Truth, journal: Journal) -> Verdict:
    """I-29 E: an order under our mark that has no row is told, and nothing was sent meanwhile on its
    contract."""
    case = Case("I-29")
    known = {order.coid for order in books.orders}
    for one in truth.orders:
        if is_ours(one.coid) and one.coid not in known and one.last.working:
            case.expect(
                bool(books.told(f"orphan:{one.broker_order_id}")),
                "orphan",
                one.broker_order_id,
                "was not told",
            )
        elif is_ours(one.coid):
            case.expect(
                not books.told(f"orphan:{one.broker_order_id}") or one.coid not in known,
                one.coid,
                "is no orphan",
            )
    return case.verdict()


def same_payload(books: Books, truth: Truth, journal: Journal) -> Verdict:
    """I-41 S: all placements of one order have one payload unless nothing left, and what the broker took is
    what the row said when it was sent; an exit's change of unknown fate is followed by no other (`T-41`)."""
    case = Case("I-41")
    for order, sends in books.sends.items():
        live = {
            s.payload_sha256
            for s in sends
            if s.verb == "place" and not (s.outcome and s.outcome.kind == "not_sent")
        }
        if live:
            case.expect(len(live) == 1, "order", order, "went out with", len(live), "payloads")
    for one in truth.orders:
        row = _row_of(books, one)
        if not one.ours or row is None:
            continue
        sent = [
            o.ticket
            for c, o in journal.life(row.order)
            if c.step < one.received_step and o.state is OrderState.SENDING
        ]
        if sent:
            case.expect(
                _as_sent(one, sent[-1]), "order", row.order, "arrived as", one.states[0], "sent", sent[-1]
            )
    changes_wait(case, books, truth, journal)
    return case.verdict()


def _as_sent(one: TrueOrder, ticket: Ticket) -> bool:
    first = one.states[0]
    wanted = (
        ticket.account,
        ticket.conid,
        ticket.side,
        ticket.quantity,
        ticket.order_type.value,
        ticket.tif.value,
    )
    took = (one.account, one.conid, one.side, first.quantity, one.kind, one.tif)
    return took == wanted and first.price == ticket.price


def never_short(books: Books, truth: Truth, journal: Journal) -> Verdict:
    """I-42 S: the position never goes below zero by a sale of ours (`T-36`)."""
    case = Case("I-42")
    for row in truth.positions:
        if not row.outside:
            before = [p.quantity for p in truth.positions if p.conid == row.conid and p.step < row.step]
            fine = row.quantity >= 0 or (bool(before) and before[-1] <= row.quantity)
            case.expect(fine, row.conid, "is", row.quantity, "at", row.at)
    return case.verdict()
