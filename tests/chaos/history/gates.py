"""Invariants of when, where and how something may be sent, and of what must be told."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from glassdesk.kernel.ids import is_ours
from glassdesk.workflow.orders.model import IntentKind, IntentState, Order, OrderState, Role
from glassdesk.workflow.risk.model import HaltLevel
from tests.chaos.history.at_broker import NOT_FILLED, of_row
from tests.chaos.history.books import Books
from tests.chaos.history.entries import approved_as_sent, stops_outlive_levels
from tests.chaos.history.journal import Journal, Looked, Move
from tests.chaos.history.timeline import InForce, reads
from tests.chaos.history.truth import TrueRequest, Truth
from tests.chaos.history.verdict import Case, Verdict

CONFIRMABLE = {
    "o10331": ("STP",),
    "o10152": ("STP",),
    "o163": ("LMT", "STP"),
}
"""Question id: kinds of orders about which a yes is possible (`T-59`); every other question is declined."""
BRACKET_CALL = "/iserver/account/{account}/orders"
SLOW = ("/iserver/account/orders", "/iserver/account/trades")
PER_SECOND, SLOW_SECONDS = 10, 5.0
FOLLOWED = timedelta(minutes=30)
"""So long what was asked to end may work on before a person must know."""


def in_its_window(books: Books, truth: Truth, journal: Journal) -> Verdict:
    """I-19 as amended by `T-03` S: an entry goes out inside its window, on a bar no newer than the send."""
    case = Case("I-19")
    for order, send in _entries_placed(books, journal):
        intent = books.intent(order.intent)
        if intent is not None:
            fine = intent.window_opens <= send <= intent.window_closes
            case.expect(fine, "order", order.order, "went out at", send, "outside its window")
    return case.verdict()


def _entries_placed(books: Books, journal: Journal) -> Iterable[tuple[Order, datetime]]:
    for _, sent in journal.sends():
        order = books.order(sent.order)
        if sent.verb == "place" and order is not None and order.role is Role.ENTRY and not order.of_probe:
            yield order, sent.started_at


def session_was_ready(books: Books, truth: Truth, journal: Journal) -> Verdict:
    """I-22 S: nothing is placed unless the session, as written down last, was ready and of the same epoch,
    and its dealer had read positions since that epoch began (R-START)."""
    case, force = Case("I-22"), InForce(journal)
    began = {row.epoch: c.step for c in reversed(journal.commits) for row in c.of(Looked)}
    compared = [(call.instance, call.step) for call in reads(journal, "positions")]
    for commit, sent in journal.sends():
        look = force.session(commit.step)
        if sent.verb == "place" and look is not None:
            fine = look.status.ready and look.epoch == sent.epoch
            case.expect(
                fine, "order", sent.order, "went out in", look.status.state.value, look.epoch, sent.epoch
            )
            since = began.get(sent.epoch, 0)
            fine = any(who == commit.instance and since < step < commit.step for who, step in compared)
            case.expect(
                fine, "order", sent.order, "went out in epoch", sent.epoch, "before positions were read"
            )
    return case.verdict()


def in_regular_hours(books: Books, truth: Truth, journal: Journal) -> Verdict:
    """I-23 S: an entry goes out in regular hours only."""
    case = Case("I-23")
    for order, at in _entries_placed(books, journal):
        case.expect(books.is_open(at), "order", order.order, "went out at", at, "with the market closed")
    return case.verdict()


def right_account(books: Books, truth: Truth, journal: Journal) -> Verdict:
    """I-24 S: every request and order names our account, under client ids of its kind."""
    case = Case("I-24")
    mark = f"gd1{books.kind.letter}"
    for one in truth.orders:
        if one.ours:
            fine = one.account == books.account and (not is_ours(one.coid) or str(one.coid).startswith(mark))
            case.expect(fine, "order", one.broker_order_id, one.account, one.coid)
    for request in truth.requests:
        named = [part for part in request.path.split("/") if _is_account(part)]
        case.expect(all(part == books.account for part in named), request.method, request.path)
    return case.verdict()


def _is_account(part: str) -> bool:
    return part[:1] in ("D", "U") and part.lstrip("DU").isdigit()


def halted_is_halted(books: Books, truth: Truth, journal: Journal) -> Verdict:
    """I-26 as amended by `T-50` S: no entry is handed to the wire at REDUCE_ONLY or above, and nothing but
    protection is at FREEZE; what waited for a person goes out after the yes, as it was approved."""
    case, force = Case("I-26"), InForce(journal)
    for commit, sent in journal.sends():
        order, level = books.order(sent.order), force.halt(commit.step)
        if order is None or order.of_probe:
            continue
        if sent.verb == "place" and order.role is Role.ENTRY:
            case.expect(level < HaltLevel.REDUCE_ONLY, "entry", order.order, "was placed at", level.name)
        else:
            case.expect(level < HaltLevel.FREEZE, sent.verb, order.order, "at", level.name)
    approved_as_sent(case, journal)
    stops_outlive_levels(case, books, truth, journal)
    return case.verdict()


def only_known_questions(books: Books, truth: Truth, journal: Journal) -> Verdict:
    """I-27 S: a yes is only given to questions of the list, about legs they may be about."""
    case = Case("I-27")
    for one in truth.questions:
        fits = all(set(CONFIRMABLE.get(name, ())) & set(one.kinds) for name in one.message_ids)
        fine = not one.confirmed or (bool(one.message_ids) and fits)
        case.expect(fine, "confirmed", one.message_ids, "about", one.kinds)
    return case.verdict()


def database_is_whole(books: Books, truth: Truth, journal: Journal) -> Verdict:
    """I-30 S: the database's own checks find nothing."""
    case = Case("I-30")
    case.expect(not books.problems, *books.problems)
    return case.verdict()


def lineage_is_whole(books: Books, truth: Truth, journal: Journal) -> Verdict:
    """I-32 E: every order leads back to its intent, and a decided one to a signal, a chart, a prompt, bars,
    a strategy and the code."""
    case = Case("I-32")
    decided = {"signal", "chart", "prompt", "bars", "strategy", "code"}
    for order in books.orders:
        kinds = {node.kind for node in books.lineage.get(order.order, ())}
        case.expect({"order", "intent"} <= kinds, "order", order.order, "leads to", sorted(kinds))
        if "run" in kinds:
            case.expect(decided <= kinds, "order", order.order, "lacks", sorted(decided - kinds))
    return case.verdict()


def breaks_are_told(books: Books, truth: Truth, journal: Journal) -> Verdict:
    """I-33 E: every open break has its alarm."""
    case = Case("I-33")
    for one in books.breaks:
        told = books.told(f"break:{one.account}:{one.conid}:")
        case.expect(bool(told), "break of", one.conid, one.difference, "was not told")
    return case.verdict()


def secrets_stay(books: Books, truth: Truth, journal: Journal) -> Verdict:
    """I-36 S: no planted secret stands in anything a person could read."""
    case = Case("I-36")
    bodies = [("audit", row.body) for row in books.audit]
    bodies += [("notification", f"{one.title} {one.body}") for one in books.notifications]
    bodies += [("node", node.content) for nodes in books.lineage.values() for node in nodes]
    for place, text in [*bodies, *books.texts]:
        found = [canary for canary in books.canaries if canary in text]
        case.expect(not found, place, "holds a secret")
    return case.verdict()


def events_are_told(books: Books, truth: Truth, journal: Journal) -> Verdict:
    """I-40 E: what must be told has a notification, it was delivered, and nothing else was."""
    case = Case("I-40")
    for _, move in journal.moves():
        if _must_be_told(move):
            told = books.told(f"order:{move.after.order}")
            case.expect(bool(told), move.after.state.value, move.after.order, "was not told")
    delivered = [one.key for one in journal.deliveries]
    for one in books.notifications:
        # A journal without calls is of a world that notes no deliveries either.
        arrived = one.sent_at is not None and (not journal.calls or one.key in delivered)
        case.expect(arrived, "notification", one.key, "was not delivered")
    known = {one.key for one in books.notifications}
    for key in delivered:
        case.expect(key in known, "delivered", key, "which nobody wrote")
    return case.verdict()


def _must_be_told(move: Move) -> bool:
    before, after = move.before, move.after
    if before is None or before.state is after.state or after.of_probe or after.parent is not None:
        return False
    adopted = before.state in NOT_FILLED and before.sends > 0 and not after.state.final
    return adopted or after.state in (OrderState.UNKNOWN, OrderState.NEEDS_OPERATOR, OrderState.ABANDONED)


def questions_alone(books: Books, truth: Truth, journal: Journal) -> Verdict:
    """I-45 S: nothing else is asked of the brokerage session between a question and its last reply; a dead
    process leaves its question open."""
    case = Case("I-45")
    for one in truth.questions:
        died = any(one.at <= crash.at for crash in journal.crashes)
        case.expect(not one.between or (one.confirmed is None and died), "between:", one.between)
    return case.verdict()


def paced(books: Books, truth: Truth, journal: Journal) -> Verdict:
    """I-46 S: ten requests a second and one order or trade list in five, of one process in its life."""
    case = Case("I-46")
    died = [crash.at for crash in journal.crashes]
    last: dict[tuple[str, str], datetime] = {}
    window: list[TrueRequest] = []
    for request in truth.requests:
        window = [one for one in window if request.at - one.at < timedelta(seconds=1)] + [request]
        mine = [one for one in window if one.by == request.by]
        crashed = any(mine[0].at <= at <= request.at for at in died)
        case.expect(
            crashed or len(mine) <= PER_SECOND, len(mine), "requests in the second before", request.at
        )
        slow = (request.by, f"{request.method} {request.path}")
        if request.path not in SLOW:
            continue
        if slow in last:
            gap = (request.at - last[slow]).total_seconds()
            reborn = any(last[slow] <= at <= request.at for at in died)
            case.expect(reborn or gap >= SLOW_SECONDS, slow, "after", gap, "s")
        last[slow] = request.at
    return case.verdict()


def comes_to_rest(books: Books, truth: Truth, journal: Journal) -> Verdict:
    """I-50 E: without a person everything came to an end, or waits for one by design."""
    case = Case("I-50")
    moving = (OrderState.SENDING, OrderState.UNKNOWN)
    for order in books.orders:
        case.expect(order.state not in moving, "order", order.order, "is still", order.state.value)
        open_sends = [send.number for send in books.sends.get(order.order, ()) if send.outcome is None]
        case.expect(not open_sends, "order", order.order, "has sends without an outcome", open_sends)
    rows = {order.intent: order for order in books.orders}
    for intent, state in books.intents:
        row = rows.get(intent.intent)
        waits = state is IntentState.QUEUED and books.now > intent.window_closes
        stale = waits and intent.kind is IntentKind.OPEN and intent.parent is None
        case.expect(not stale, "intent", intent.intent, "still waits after its window")
        left = state in (IntentState.QUEUED, IntentState.AWAITING_APPROVAL)
        odd = row is not None and row.state in NOT_FILLED and left
        case.expect(not odd, "intent", intent.intent, state.value, "with a row that is over")
    for order in books.orders:
        _ends_or_is_told(case, order, books, truth)
    return case.verdict()


def _ends_or_is_told(case: Case, order: Order, books: Books, truth: Truth) -> None:
    """What was asked to end and works on is a person's."""
    cancels = [send.started_at for send in books.sends.get(order.order, ()) if send.verb == "cancel"]
    if order.state is OrderState.CANCEL_REQUESTED and cancels and books.now - cancels[0] > FOLLOWED:
        works = any(one.last.working for one in of_row(truth, order))
        told = books.told(f"order:{order.order}:no-effect")
        case.expect(not works or bool(told), "order", order.order, "was to end at", cancels[0], "and works")
