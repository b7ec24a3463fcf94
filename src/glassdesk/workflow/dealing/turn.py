"""One pass of the dealer, read from top to bottom: session → facts → fold → watch → protect → submit →
reconcile."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from glassdesk.kernel.errors import Conflict, GlassdeskError, LeaseLost, SessionNotReady, Unavailable
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.dealing.applying import Applying
from glassdesk.workflow.dealing.by_hand import ByHand
from glassdesk.workflow.dealing.cancels import Cancels
from glassdesk.workflow.dealing.commands import Commands
from glassdesk.workflow.dealing.drifting import Drifting
from glassdesk.workflow.dealing.entries import Entries
from glassdesk.workflow.dealing.exit_rules import ExitRules
from glassdesk.workflow.dealing.exits import Exits
from glassdesk.workflow.dealing.facts_part import FactsPart
from glassdesk.workflow.dealing.feed_watch import FeedWatch
from glassdesk.workflow.dealing.guarding import Guarding
from glassdesk.workflow.dealing.live_watch import LiveWatch
from glassdesk.workflow.dealing.modify import Modify
from glassdesk.workflow.dealing.parts import Parts
from glassdesk.workflow.dealing.previewing import Previewing
from glassdesk.workflow.dealing.probe.part import ProbePart
from glassdesk.workflow.dealing.protect import Protect
from glassdesk.workflow.dealing.protecting import Protecting
from glassdesk.workflow.dealing.reconcile import Reconcile
from glassdesk.workflow.dealing.reign import Reign
from glassdesk.workflow.dealing.remedy import Remedy
from glassdesk.workflow.dealing.resolve import Resolve
from glassdesk.workflow.dealing.session_part import SessionPart
from glassdesk.workflow.dealing.shares import Shares
from glassdesk.workflow.dealing.staying import Staying
from glassdesk.workflow.dealing.submit import Submit
from glassdesk.workflow.dealing.switching import Switching
from glassdesk.workflow.dealing.telling import Telling
from glassdesk.workflow.dealing.trailing import Trailing
from glassdesk.workflow.dealing.unknown import Unknown
from glassdesk.workflow.dealing.vanished import Vanished
from glassdesk.workflow.dealing.watch import Watch
from glassdesk.workflow.dealing.writes import Writes
from glassdesk.workflow.orders.model import OrderState, Outcome, OutcomeKind

POLL = timedelta(seconds=1)
AFTER_FAILURE = timedelta(seconds=6)
TELL_AFTER = timedelta(minutes=2)
STAND_BY = timedelta(seconds=5)
RENEW_BELOW = timedelta(seconds=20)


class Dealer:
    """Owns the brokerage session and the pen of one account; one of many, while it holds the lease."""

    def __init__(self, parts: Parts) -> None:
        telling = Telling(parts.notifications)
        self._parts = parts
        self._telling = telling
        self._writes = Writes(parts, telling)
        self._session = SessionPart(parts, telling)
        self._facts = FactsPart(parts, telling)
        self._submit = Submit(parts, self._writes, telling)
        self._exits = Exits(parts, self._facts, self._submit, self._writes, telling)
        self._protect = Protect(parts, self._facts, self._writes, telling)
        self._guarding = Guarding(parts, telling)
        self._entries = Entries(parts, self._facts, self._writes, telling)
        self._watch = Watch(parts, self._facts, self._writes, telling)
        self._cancels = Cancels(parts, self._writes, telling)
        self._shares = Shares(parts, self._writes, telling)
        self._remedy = Remedy(parts, self._writes, self._shares, telling)
        self._vanished = Vanished(parts, self._facts, self._writes, telling)
        self._unknown = Unknown(parts, self._facts, telling)
        self._reconcile = Reconcile(parts, self._facts, self._shares)
        self._by_hand = ByHand(parts, telling)
        rules, changing = (
            ExitRules(parts.order_rows, parts.positions, parts.strategies),
            Modify(parts, self._writes),
        )
        self._staying = Staying(parts, rules, self._by_hand)
        self._trailing = Trailing(parts, rules, self._writes, self._by_hand, telling)
        self._probing = ProbePart(parts, self._facts, telling)
        self._protecting = Protecting(parts, self._remedy, self._by_hand, self._shares, self._writes, telling)
        self._resolve = Resolve(parts, self._facts, telling)
        self._commands = Commands(
            parts,
            self._writes,
            self._by_hand,
            self._protecting,
            self._session,
            self._probing,
            self._resolve,
            changing,
            Applying(parts, rules, (self._staying, self._trailing), changing),
        )
        self._switching = Switching(parts)
        self._drifting = Drifting(parts, telling)
        self._previewing = Previewing(parts)
        self._feed_watch = FeedWatch(parts, telling)
        self._live_watch = LiveWatch(parts)
        self._reign: Reign | None = None

    @property
    def reigns(self) -> bool:
        """This one holds the lease."""
        return self._reign is not None

    @property
    def watched(self) -> bool:
        """Its last turn came to its end with a session: everything was looked at."""
        return self._reign is not None and self._reign.whole

    def may_ask(self) -> bool:
        """Whether this one may ask the broker, since no other reigns. A dealer that slept for longer than its
        lease finds out before its next request, wherever in a turn it was."""
        reign, parts, now = self._reign, self._parts, self._parts.now()
        if reign is None or reign.lease.until > now:
            return reign is not None
        with parts.transactions.begin() as t:
            lease = parts.leases.acquire(
                t, reign.lease.name, parts.settings.owner, now=now, ttl=parts.settings.lease_ttl
            )
        if lease is None or lease.fence != reign.lease.fence:
            return False
        reign.lease = lease
        return True

    def turn(self) -> datetime | None:
        """Do what is due and say when something is due next; `None` = nothing until an event."""
        try:
            reign = self._hold_lease()
            return self._stand_by() if reign is None else self._work(reign)
        except LeaseLost:
            self._reign = None
            return self._parts.now() + STAND_BY

    def step_down(self) -> None:
        """Give the lease up at an orderly end."""
        if self._reign is not None:
            with self._parts.transactions.begin() as t:
                self._parts.leases.release(t, self._reign.lease)
            self._reign = None

    def _work(self, reign: Reign) -> datetime | None:
        reign.due.instants.clear()
        reign.whole, began = False, self._parts.now()
        try:
            self._pass(reign)
            if reign.failure is not None:
                self._failed(reign, reign.failure)
            else:
                reign.failing_since = None
        except SessionNotReady:
            self._session.lost(reign)
        except (Unavailable, Conflict) as failure:
            self._failed(reign, failure)
        return self._next(reign, began)

    def _failed(self, reign: Reign, failure: GlassdeskError) -> None:
        """A pass was cut short: the next one reads again. A send whose answer could not be written down is of
        unknown fate, and a failure that lasts is told."""
        now = self._parts.now()
        reign.due.at(now + AFTER_FAILURE)
        reign.failing_since = reign.failing_since or now
        with self._parts.transactions.begin() as t:
            self._settle_open_sends(t, reign)
            if now - reign.failing_since >= TELL_AFTER:
                self._telling.failing(t, str(failure), reign.failing_since)

    def _pass(self, reign: Reign) -> None:
        self._unknown.overdue(reign)
        self._resolve.remind(reign)
        self._switching.look(reign)
        self._live_watch.look(reign)
        self._commands.obey(reign)
        if not self._session.keep(reign):
            return
        self._unknown.prepare(reign)
        complete = self._facts.read(reign)
        self._reconcile.when_due(reign)
        self._commands.obey_what_waited(reign)
        # Before anything else that asks about single orders: an answer that fails cuts a pass short.
        self._entries.expire(reign)
        self._watch.look(reign)
        self._cancels.look(reign)
        views = self._protect.look(reign)
        self._vanished.look(reign, views)
        self._remedy.look(reign, views)
        self._guarding.look(reign)
        self._feed_watch.look(reign)
        self._drifting.look(reign)
        self._previewing.look(reign)
        if not self._session.frozen(reign) and reign.failure is None:
            self._submit.send_due(reign)
        self._by_hand.flatten(reign)
        self._staying.look(reign)
        self._trailing.look(reign)
        self._exits.climb(reign)
        self._unknown.resolve(reign, complete=complete)
        self._probing.step(reign)
        self._reconcile.close_day(reign)
        reign.whole = reign.failure is None

    def _next(self, reign: Reign, began: datetime) -> datetime | None:
        """What fell due while this turn read is not done yet: where nothing but an event would bring another
        turn, the next one is at once."""
        now, parts = self._parts.now(), self._parts
        if not parts.clock.wakes_on_events:
            reign.due.at(now + (parts.settings.poll or POLL))
        else:
            # Whoever reserves while the clock stands is noticed at the next open at the latest.
            reign.due.at(parts.contracts.next_session(parts.settings.exchange, now).opens_at)
            if parts.settings.poll is not None:
                reign.due.at(now + parts.settings.poll)
            if parts.settings.shared:
                # Between two events the lease would end, and the dealers would take turns.
                reign.due.at(max(reign.lease.until - RENEW_BELOW, now + POLL))
        return reign.due.first(after=began if parts.clock.wakes_on_events else now)

    def _hold_lease(self) -> Reign | None:
        now, settings, known = self._parts.now(), self._parts.settings, self._reign
        if known is not None and known.lease.until - now > RENEW_BELOW:
            return known
        with self._parts.transactions.begin() as t:
            lease = self._parts.leases.acquire(
                t, f"dealer:{settings.account}", settings.owner, now=now, ttl=settings.lease_ttl
            )
            if lease is None:
                self._reign = None
                return None
            if known is not None and known.lease.fence == lease.fence:
                known.lease = lease
                return known
            self._reign = Reign(lease=lease, began_at=now)
            self._begin(t, self._reign)
        return self._reign

    def _begin(self, t: Transaction, reign: Reign) -> None:
        """A new reign: what the last one left open is of unknown fate (R-START)."""
        self._parts.audit.append(t, "dealer", "reign", reign.lease.name, {"fence": reign.lease.fence})
        self._settle_open_sends(t, reign)

    def _settle_open_sends(self, t: Transaction, reign: Reign) -> None:
        """No call is under way: whatever has no outcome yet will not get one from here."""
        now, rows = self._parts.now(), self._parts.order_rows
        stopped = Outcome(kind=OutcomeKind.UNKNOWN, text="the desk stopped before the answer")
        for sent, number, _, _ in rows.open_sends(t):
            rows.add_outcome(t, sent, number, stopped, at=now)
        for order in rows.orders(t, states=[OrderState.SENDING]):
            after = replace(order, state=OrderState.UNKNOWN, note=stopped.text)
            moved = self._parts.orders.move(t, order, after, lease=reign.lease)
            if moved.parent is None:
                self._telling.unknown(t, moved, stopped.text)

    def _stand_by(self) -> datetime | None:
        """Another dealer reigns: look again when its lease could end."""
        self._session.at_rest()
        with self._parts.transactions.read() as t:
            holder = self._parts.leases.holder(t, f"dealer:{self._parts.settings.account}")
        now = self._parts.now()
        return max(now + POLL, holder.until) if holder is not None else now + STAND_BY
