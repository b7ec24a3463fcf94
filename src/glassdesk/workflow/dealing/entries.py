"""Working entries end with their time (`T-21`) or at the red button (`T-50`): cancel, confirm, fold."""

from __future__ import annotations

from datetime import datetime, timedelta

from glassdesk.kernel.ids import AccountKind
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.dealing.facts_part import OPEN_INTENTS, FactsPart
from glassdesk.workflow.dealing.parts import Parts
from glassdesk.workflow.dealing.reign import Reign
from glassdesk.workflow.dealing.telling import Telling
from glassdesk.workflow.dealing.writes import Writes
from glassdesk.workflow.order_tracking.fold import ENDED, newest_statement
from glassdesk.workflow.orders.model import (
    Intent,
    IntentState,
    Order,
    OrderState,
    OutcomeKind,
    Role,
    SendRow,
    TimeInForce,
)
from glassdesk.workflow.risk import halt
from glassdesk.workflow.risk.model import HaltLevel, LiveState

_LIVING = (OrderState.WORKING, OrderState.PARTIAL)
_STUCK = timedelta(seconds=20)
"""A cancel that has shown no effect for so long is asked for again."""

AFTER_CLOSE = timedelta(minutes=10)


class Entries:
    """Cancels entries whose time is over."""

    def __init__(self, parts: Parts, facts: FactsPart, writes: Writes, telling: Telling) -> None:
        self._parts = parts
        self._facts = facts
        self._writes = writes
        self._telling = telling

    def expire(self, reign: Reign) -> None:
        """Every entry that works."""
        with self._parts.transactions.read() as t:
            level, gated = self._parts.risk.halt(t).level, self._gated(t)
            states = (*_LIVING, OrderState.CANCEL_REQUESTED, OrderState.NEEDS_OPERATOR)
            orders = [
                o for o in self._parts.order_rows.orders(t, states=states) if self._may_end(t, reign, o)
            ]
            found = [(order, self._reason(t, reign, order, level, gated)) for order in orders]
        for order, reason in found:
            # What is asked to end needs no comparison before: where the list says nothing, its id is enough.
            if reason and reign.ready and not self._asked(reign, order):
                self._end(reign, order, reason)

    def _may_end(self, t: Transaction, reign: Reign, order: Order) -> bool:
        """Of those that wait for a person only one that the last list shows alive, or its status by id where
        the list says nothing: it may trade meanwhile, so its time ends it (`T-21`); it stays in the queue
        until the person has settled it (`T-75`)."""
        if order.state is not OrderState.NEEDS_OPERATOR:
            return True
        if order.broker_order_id is None:
            return False
        row = reign.row_of(order.broker_order_id)
        if row is not None or reign.listed_at is not None:
            return row is not None and row.status.lower() not in ENDED
        said = newest_statement(self._parts.tracking.facts(t, order.order))
        return said is not None and said.epoch == reign.epoch and said.status.lower() not in ENDED

    def _gated(self, t: Transaction) -> str:
        """Why no entry may work on a live account now (`T-61`); empty where it may."""
        live = self._parts.settings.kind is AccountKind.LIVE
        found = self._parts.risk.live(t) if live else None
        if not live or (found is not None and found.state is LiveState.UNLOCKED):
            return ""
        return f"the account is {found.state.value if found is not None else 'locked'}"

    def _end(self, reign: Reign, order: Order, reason: str) -> None:
        """Cancel it; one that a complete list no longer shows is looked up instead (F-44)."""
        if not _vanished(reign, order):
            self._writes.cancel(reign, order, reason)
            # No state tells the end of one that waits for a person: its legs are compared soon.
            reign.stale = reign.stale or order.state is OrderState.NEEDS_OPERATOR
            return
        now, seen = self._parts.now(), reign.seen(self._parts.now())
        row = self._facts.look_up(reign, order)
        with self._parts.transactions.begin() as t:
            if row is None and self._day_is_over(t, order, now):
                detail = "a DAY order after its session, in no list, and its fills agree"
                self._parts.tracking.note(t, order, "status", "Expired", seen, detail)
                self._close(t, self._parts.tracking.refold(t, order, seen))
        reign.due.at(now + _STUCK)

    def _close(self, t: Transaction, order: Order) -> None:
        self._telling.order_ended(t, order)
        stored = self._parts.order_rows.intent(t, order.intent)
        if stored is not None and stored[1] in OPEN_INTENTS:
            note = f"order {order.state.value}"
            self._parts.order_rows.set_intent(
                t, order.intent, IntentState.DONE, at=self._parts.now(), note=note
            )

    def _day_is_over(self, t: Transaction, order: Order, now: datetime) -> bool:
        """Ten minutes after the close of the session it was placed in."""
        placed = [s for s in self._parts.order_rows.sends(t, order.order) if s.verb == "place"]
        stored = self._parts.order_rows.intent(t, order.intent)
        terms = stored[0].terms if stored is not None else None
        if terms is None or not placed or order.ticket.tif is not TimeInForce.DAY:
            return False
        session = self._parts.contracts.session_at(terms.exchange, placed[-1].started_at)
        return session is not None and now >= session.closes_at + AFTER_CLOSE

    def _reason(self, t: Transaction, reign: Reign, order: Order, level: HaltLevel, gated: str) -> str:
        """Why it is to be cancelled; empty while it may work on."""
        if order.role is not Role.ENTRY or order.of_probe or not halt.may_protect(level):
            return ""
        if order.state is OrderState.CANCEL_REQUESTED:
            return order.note or "its time is over"
        if halt.cancels_entries(level):
            return f"the kill switch says {level.name}"
        if gated:
            return gated
        stored = self._parts.order_rows.intent(t, order.intent)
        if stored is None or stored[1] not in OPEN_INTENTS:
            return "its decision is over"
        ends = self.ends_at(t, stored[0], order)
        if ends is not None and self._parts.now() < ends:
            reign.due.at(ends)
            return ""
        return "its time is over"

    def ends_at(self, t: Transaction, intent: Intent, order: Order) -> datetime | None:
        """End of its life: so many seconds after it went out, else the close of the session it went out in. A
        change or a cancel that came to nothing gives it no more time. `None` for what never went out."""
        terms, sent_at = intent.terms, self._went_out(t, order)
        if terms is None or sent_at is None:
            return None
        session = self._parts.contracts.session_at(terms.exchange, sent_at)
        closes = session.closes_at if session is not None else None
        if terms.ttl_seconds is None:
            return closes
        ends = sent_at + timedelta(seconds=terms.ttl_seconds)
        return min(ends, closes) if closes is not None else ends

    def _went_out(self, t: Transaction, order: Order) -> datetime | None:
        """When its last placement was sent: that may be what works."""
        if order.sends <= 1:
            return order.last_sent_at
        sends = self._parts.order_rows.sends(t, order.order)
        return max((send.started_at for send in sends if _may_have_arrived(send)), default=None)

    def _asked(self, reign: Reign, order: Order) -> bool:
        with self._parts.transactions.read() as t:
            sends = self._parts.order_rows.sends(t, order.order)
        if not sends or sends[-1].verb != "cancel":
            return False
        again = sends[-1].started_at + _STUCK
        reign.due.at(again)
        return self._parts.now() < again


def _may_have_arrived(send: SendRow) -> bool:
    told = send.outcome
    return send.verb == "place" and (told is None or told.kind is not OutcomeKind.NOT_SENT)


def _vanished(reign: Reign, order: Order) -> bool:
    """A list read after its last send does not show it."""
    if reign.listed_at is None or order.last_sent_at is None or reign.listed_at <= order.last_sent_at:
        return False
    return reign.row_of(order.broker_order_id) is None
