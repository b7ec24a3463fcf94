"""Invariants of what the product wrote by itself: identities, transitions, proofs, fences, runs, audit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import pairwise

from glassdesk.workflow.lineage.model import AuditEntry
from glassdesk.workflow.order_tracking.model import Fact
from glassdesk.workflow.orders.model import Intent, IntentKind, IntentState, Order, OrderState, Role, Side
from glassdesk.workflow.risk.rules import RULES
from glassdesk.workflow.runs.model import RunKind, RunState, StepRow
from glassdesk.workflow.signals.model import Action, SignalRow
from tests.chaos.history.books import Books
from tests.chaos.history.journal import Commit, IntentMove, Journal, Move, Sent
from tests.chaos.history.lawful import BEFORE_THE_FIRST, FIRST, counted, hash_of, may_follow
from tests.chaos.history.timeline import attended, dwell, fences, reads, seconds_within
from tests.chaos.history.truth import Truth
from tests.chaos.history.verdict import Case, Verdict

# The numbers of `reliability.md` §2.6, and not the product's: a checker that takes those over sees none of
# them wrong.
SPACING = timedelta(seconds=6)
QUIET = timedelta(seconds=60)
TRANSPORT = timedelta(seconds=15)
WITH_CANARY, WITHOUT_CANARY = 4, 8
FRESH = timedelta(seconds=2)
PATIENCE = timedelta(minutes=5)
SENDING_AT_MOST = 60.0
UNKNOWN_AT_MOST = PATIENCE.total_seconds() + 60.0 + 30.0
"""Five minutes, the minute in which the first dealer that began after them may look, and a pass under way."""
CLAIM_LOST = timedelta(seconds=45)


def one_order_per_intent(books: Books, truth: Truth, journal: Journal) -> Verdict:
    """I-02 S: one intent for each (run, leg), one order row for each intent."""
    case = Case("I-02")
    for leg, count in Counter((one.run, one.leg) for one, _ in books.intents).items():
        case.expect(count == 1, leg, "has", count, "intents")
    for intent, count in Counter(one.intent for one in books.orders).items():
        case.expect(count == 1, "intent", intent, "has", count, "orders")
    return case.verdict()


def absence_is_proven(books: Books, truth: Truth, journal: Journal) -> Verdict:
    """I-09 S: whoever leaves UNKNOWN for ABANDONED, RESERVED or REJECTED on the evidence of absence does so
    on a quorum of negatives of one session, spaced, not too early, fresh, with a second channel."""
    case = Case("I-09")
    for commit, move in journal.moves():
        before, after = move.before, move.after
        left = before is not None and before.state is OrderState.UNKNOWN
        judged = after.state in (OrderState.ABANDONED, OrderState.RESERVED, OrderState.REJECTED)
        if (
            before is None
            or not (left and judged)
            or after.parent is not None
            or _stated(journal, commit, after)
        ):
            continue
        facts = _negatives(journal, commit, after.order)
        last_read = _second(journal, commit, after.order)
        counted, said = _late_enough(before, facts), (after.order, after.state.value)
        case.expect(_enough(counted), *said, "on too few of", _ages(facts))
        for one, later in pairwise(counted):
            spaced = later.observed_at - one.observed_at >= SPACING
            case.expect(spaced, *said, "on readings too close:", _ages((one, later)))
        case.expect(_fresh(counted, commit, last_read), *said, "on old readings:", _ages(facts))
        second = _second_channel(journal, facts, commit)
        case.expect(second, *said, "without a second channel")
    return case.verdict()


def _stated(journal: Journal, commit: Commit, order: Order) -> bool:
    """The broker itself said so: a fact that is no negative, in the same commit."""
    return any(fact.order == order.order and fact.kind != "negative" for fact in commit.of(Fact))


def _negatives(journal: Journal, until: Commit, order: str) -> list[Fact]:
    facts = [f for c in journal.commits if c.step <= until.step for f in c.of(Fact) if f.order == order]
    negative = [fact for fact in facts if fact.kind == "negative"]
    # Whoever lost its lease meanwhile writes down what it saw, too: the session is that of the last look.
    looked = [fact.epoch for fact in facts if fact.kind in ("negative", "second")]
    judged = [fact.epoch for fact in facts if fact.kind == "second"]
    epoch = (judged or looked)[-1] if looked else 0
    return [fact for fact in negative if fact.epoch == epoch]


def _second(journal: Journal, until: Commit, order: str) -> datetime:
    """When the second channel was last read; the rule of freshness counts from the last read."""
    facts = (f for c in journal.commits if c.step < until.step for f in c.of(Fact) if f.order == order)
    read = [fact.observed_at for fact in facts if fact.kind == "second"]
    return max(read, default=datetime.min.replace(tzinfo=UTC))


def _late_enough(before: Order, facts: Sequence[Fact]) -> list[Fact]:
    """Negatives from which on the request must have arrived, if it ever left."""
    began = (before.last_sent_at or before.reserved_at) + TRANSPORT + QUIET
    return [fact for fact in facts if fact.observed_at >= began]


def _enough(counted: Sequence[Fact]) -> bool:
    canary = bool(counted) and all(fact.detail == "canary" for fact in counted[-WITH_CANARY:])
    return len(counted) >= (WITH_CANARY if canary else WITHOUT_CANARY)


def _fresh(counted: Sequence[Fact], commit: Commit, last_read: datetime) -> bool:
    return bool(counted) and commit.at - max(last_read, counted[-1].observed_at) <= FRESH


def _ages(facts: Iterable[Fact]) -> str:
    return f"negatives at {[f'{fact.observed_at:%H:%M:%S}' for fact in facts]}"


def _second_channel(journal: Journal, facts: Sequence[Fact], commit: Commit) -> bool:
    if not facts or not journal.calls:
        return not journal.calls
    noted = next(c.step for c in journal.commits for f in c.of(Fact) if f == facts[-1])
    asked = [call for call in reads(journal, "trades") if call.instance == commit.instance]
    return any(noted < call.step < commit.step for call in asked)


def runs_once(books: Books, truth: Truth, journal: Journal) -> Verdict:
    """I-10 S: one scheduled run for each (strategy, instant, contract), however many ticked."""
    case = Case("I-10")
    due = Counter((r.strategy, r.slot, r.conid) for r in books.runs if r.kind is RunKind.SCHEDULED)
    for (strategy, instant, conid), count in due.items():
        case.expect(count == 1, strategy, conid, "at", instant, "has", count, "runs")
    return case.verdict()


def runs_end(books: Books, truth: Truth, journal: Journal) -> Verdict:
    """I-12 E: no run is claimed under a lease that ended, none waits for ever."""
    case = Case("I-12")
    for run in books.runs:
        stale = run.state is RunState.RUNNING and run.lease_until is not None
        lost = stale and run.lease_until is not None and books.now - run.lease_until > CLAIM_LOST
        case.expect(run.state.final and not lost, "run", run.run, "is", run.state.value, run.reason)
    return case.verdict()


def fences_hold(books: Books, truth: Truth, journal: Journal) -> Verdict:
    """I-13 S: a lease's fence only grows, and no order changes under an older one than is granted."""
    case, name = Case("I-13"), f"dealer:{books.account}"
    granted = fences(journal, name)
    for (_, one), (_, later) in pairwise(granted):
        grew = later.fence > one.fence or (later.fence == one.fence and later.owner == one.owner)
        case.expect(grew, "fence", later.fence, "of", later.owner, "after", one.fence, "of", one.owner)
    for commit in journal.commits:
        newest = max((lease.fence for step, lease in granted if step <= commit.step), default=None)
        for fence in _fences_of(commit):
            case.expect(
                newest is None or fence == newest, "fence", fence, "wrote under", newest, "at", commit.step
            )
    return case.verdict()


def _fences_of(commit: Commit) -> list[int]:
    moved = [move.fence for move in commit.moves if move.fence is not None]
    return [*moved, *(sent.fence for sent in commit.sends)]


def steps_once(books: Books, truth: Truth, journal: Journal) -> Verdict:
    """I-14 S: a run's step was committed once in its whole history, with the hash of its content."""
    case = Case("I-14")
    committed = Counter((row.run, row.name) for commit in journal.commits for row in commit.of(StepRow))
    for (run, name), count in committed.items():
        case.expect(count == 1, run, name, "was made", count, "times")
    for run, steps in books.steps.items():
        for name, count in Counter(step.name for step in steps).items():
            case.expect(count == 1, run, name, "was committed", count, "times")
        for step in steps:
            hashed = sha256(step.output.encode()).hexdigest()
            case.expect(step.output_sha256 == hashed, run, step.name, "has another content than hash")
    return case.verdict()


def as_the_signal_said(books: Books, truth: Truth, journal: Journal) -> Verdict:
    """I-17 and I-18 S: an opening intent has a stored BUY signal behind it, a run's sale a SELL or a rule; a
    signal that was committed is the stored one."""
    case = Case("I-17")
    runs = {run.run: run for run in books.runs}
    for row in (row for commit in journal.commits for row in commit.of(SignalRow)):
        stored = books.signals.get(row.signal.run)
        case.expect(stored == row, "run", row.signal.run, "signalled", row.signal.action, "another is stored")
    for intent, _ in books.intents:
        run = runs.get(intent.run)
        if intent.parent is not None or run is None or run.kind is not RunKind.SCHEDULED:
            continue
        found = books.signals.get(intent.run)
        fits = (
            found is not None
            and found.conid == intent.conid
            and _fits(found.signal.action, intent.kind, intent.side)
        )
        said = found.signal.action if found else "none"
        case.expect(fits, "intent", intent.intent, intent.side.value, "signal", said)
    return case.verdict()


def _fits(action: Action, kind: IntentKind, side: Side) -> bool:
    return action is Action.BUY and side is Side.BUY if kind is IntentKind.OPEN else side is Side.SELL


def no_signal_no_intent(books: Books, truth: Truth, journal: Journal) -> Verdict:
    """I-18 S: a scheduled run without a tradable signal has no opening intent."""
    case = Case("I-18")
    opening = {intent.run for intent, _ in books.intents if intent.kind is IntentKind.OPEN}
    for run in books.runs:
        if run.kind is RunKind.SCHEDULED:
            row = books.signals.get(run.run)
            tradable = row is not None and row.signal.action is Action.BUY
            case.expect(tradable or run.run not in opening, "run", run.run, "opens without a BUY")
    return case.verdict()


def rules_all_passed(books: Books, truth: Truth, journal: Journal) -> Verdict:
    """I-20 S: before an opening order went out or an exit began every rule had spoken, and none denied."""
    case, names = Case("I-20"), {rule.name for rule in RULES}
    for order in books.orders:
        placed = sum(send.verb == "place" for send in books.sends.get(order.order, ()))
        if order.role is not Role.ENTRY or order.of_probe or not placed:
            continue
        said = [verdict for moment, verdict in books.verdicts.get(order.run, ()) if moment == "send"]
        missing = names - {verdict.rule for verdict in said}
        case.expect(not missing, "order", order.order, "went out without", sorted(missing))
        # Each assessment stores one verdict of every rule; a denial sends nothing, also where it comes later.
        asked = [said[first : first + len(names)] for first in range(0, len(said), len(names))]
        passed = sum(all(v.passed or not v.denies for v in one) for one in asked)
        denied = [v.rule for v in said if v.denies and not v.passed]
        case.expect(placed <= passed, "order", order.order, "went out", placed, "times although", denied)
    for intent, times in _begun_exits(books, journal):
        said = [verdict for moment, verdict in books.verdicts.get(intent.run, ()) if moment == "send"]
        asked = [said[first : first + len(names)] for first in range(0, len(said), len(names))]
        passed = sum(
            {v.rule for v in one} == names and all(v.passed or not v.denies for v in one) for one in asked
        )
        case.expect(times <= passed, "exit", intent.intent, "began", times, "times, and was let go", passed)
    return case.verdict()


def _begun_exits(books: Books, journal: Journal) -> list[tuple[Intent, int]]:
    """Exits that were let go, and how often: one that was not sent after all begins anew. What is handed to a
    person is not let go."""
    state: dict[str, IntentState] = {}
    times: Counter[str] = Counter()
    for commit in journal.commits:
        handed = {m.after.intent for m in commit.of(Move) if m.after.state is OrderState.NEEDS_OPERATOR}
        for move in commit.of(IntentMove):
            begins = move.state is IntentState.SENT and state.get(move.intent) is not IntentState.SENT
            times[move.intent] += begins and move.intent not in handed
            state[move.intent] = move.state
    return [(i, times[i.intent]) for i, _ in books.intents if i.kind is IntentKind.REDUCE and times[i.intent]]


def not_overfilled(books: Books, truth: Truth, journal: Journal) -> Verdict:
    """I-28 S: no more is filled than was ordered, or it is told."""
    case = Case("I-28")
    for _, move in journal.moves():
        order = move.after
        if order.filled:
            fine = order.filled <= order.ticket.quantity or bool(books.told("overfill"))
            case.expect(fine, order.order, "has", order.filled, "of", order.ticket.quantity)
    return case.verdict()


def rows_stay(books: Books, truth: Truth, journal: Journal) -> Verdict:
    """I-35 S: what was appended is still there, word for word: facts, sends, audit rows, orders."""
    case = Case("I-35")
    facts = {fact for rows in books.facts.values() for fact in rows}
    sends = {(s.order, s.number, s.verb, s.payload_sha256) for rows in books.sends.values() for s in rows}
    audit = set(books.audit)
    for commit in journal.commits:
        for row in commit.rows:
            if isinstance(row, Fact):
                case.expect(row in facts, "fact", row.order, row.kind, row.observed_at, "is gone")
            elif isinstance(row, Sent):
                known = (row.order, row.number, row.verb, row.payload_sha256) in sends
                case.expect(known, "send", row.order, row.number, "is gone")
            elif isinstance(row, AuditEntry):
                case.expect(row in audit, "audit row", row.seq, row.kind, "is gone or changed")
    for commit in journal.commits:
        for move in commit.moves:
            case.expect(books.order(move.after.order) is not None, "order", move.after.order, "is gone")
    return case.verdict()


def chain_verifies(books: Books, truth: Truth, journal: Journal) -> Verdict:
    """I-37 S: every audit row hashes onto the one before, without a gap, up to the head."""
    case, previous = Case("I-37"), BEFORE_THE_FIRST
    for number, row in enumerate(books.audit, start=1):
        fine = (row.seq, row.previous, row.hash) == (number, previous, hash_of(row, previous))
        case.expect(fine, "audit row", row.seq, row.kind, "does not follow")
        previous = row.hash
    last = books.audit[-1] if books.audit else None
    head = (last.seq, last.hash) if last is not None else books.audit_head
    case.expect(books.audit_head == head, "the head is", books.audit_head[0], "the last row", head[0])
    return case.verdict()


def every_change_has_its_row(books: Books, truth: Truth, journal: Journal) -> Verdict:
    """I-38 S: in each commit, state changes of orders and audit rows of them are the same set."""
    case = Case("I-38")
    for commit in journal.commits:
        changed = Counter(
            (move.after.order, move.after.state.value)
            for move in commit.moves
            if move.before is not None and move.before.state is not move.after.state
        )
        states = {f"order.{state.value}": state.value for state in OrderState}
        told = Counter(
            (row.ref.removeprefix("order:"), states[row.kind])
            for row in commit.of(AuditEntry)
            if row.kind in states
        )
        if changed or told:
            case.expect(changed == told, "commit", commit.step, "changed", dict(changed), "wrote", dict(told))
    return case.verdict()


def legal_only(books: Books, truth: Truth, journal: Journal) -> Verdict:
    """I-51 S: every change is in the table, begins at RESERVED, and follows the version before it."""
    case = Case("I-51")
    last: dict[str, Order] = {}
    for commit, move in journal.moves():
        order, before = move.after, last.get(move.after.order)
        case.expect(_lawful(move, before), order.order, "became", order.state.value, "at step", commit.step)
        last[order.order] = order
    for one in books.orders:
        known = last.get(one.order)
        case.expect(known is None or known == one, one.order, "changed without a commit that says so")
    return case.verdict()


def _lawful(move: Move, before: Order | None) -> bool:
    if move.before is None:
        return before is None and move.after.state is FIRST
    same = before is None or before.version == move.before.version
    return same and may_follow(move.before.state, move.after.state)


def resolved_in_time(books: Books, truth: Truth, journal: Journal) -> Verdict:
    """I-52 E: nobody stays in SENDING for a minute or UNKNOWN for five (and one pass) of attended time; who
    takes over later may look for a minute first, and nobody after that one."""
    case, spans = Case("I-52"), attended(journal)
    for order in books.orders:
        life = journal.life(order.order)
        for state, most in ((OrderState.SENDING, SENDING_AT_MOST), (OrderState.UNKNOWN, UNKNOWN_AT_MOST)):
            for begin, end in dwell(life, state, books.now):
                lasted = seconds_within(spans, begin, end)
                case.expect(lasted <= most, order.order, state.value, "since", begin, f"for {lasted:.0f} s")
    return case.verdict()


def fills_fold(books: Books, truth: Truth, journal: Journal) -> Verdict:
    """§2.7 S: a row's filled quantity is the sum of its effective executions."""
    case = Case("FOLD")
    for order in books.orders:
        mine = [fill.execution for fill in books.fills if fill.order == order.order]
        total = sum(one.quantity for one in counted(mine))
        case.expect(order.filled == total, order.order, "says", order.filled, "its executions", total)
    return case.verdict()
