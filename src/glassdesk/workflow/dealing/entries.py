"""Working entries end with their time (`T-21`) or at the red button (`T-50`): cancel, confirm, fold."""

from __future__ import annotations

from datetime import datetime, timedelta

from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.dealing.facts_part import OPEN_INTENTS
from glassdesk.workflow.dealing.parts import Parts
from glassdesk.workflow.dealing.reign import Reign
from glassdesk.workflow.dealing.writes import Writes
from glassdesk.workflow.orders.model import Intent, Order, OrderState, Role
from glassdesk.workflow.risk import halt
from glassdesk.workflow.risk.model import HaltLevel

_LIVING = (OrderState.WORKING, OrderState.PARTIAL)
_STUCK = timedelta(seconds=20)
"""A cancel that has shown no effect for so long is asked for again."""


class Entries:
    """Cancels entries whose time is over."""

    def __init__(self, parts: Parts, writes: Writes) -> None:
        self._parts = parts
        self._writes = writes

    def expire(self, reign: Reign) -> None:
        """Every entry that works."""
        with self._parts.transactions.read() as t:
            level = self._parts.risk.halt(t).level
            states = (*_LIVING, OrderState.CANCEL_REQUESTED)
            orders = self._parts.order_rows.orders(t, states=states)
            found = [(order, self._reason(t, reign, order, level)) for order in orders]
        for order, reason in found:
            if reason and reign.may_send and not self._asked(reign, order):
                self._writes.cancel(reign, order, reason)

    def _reason(self, t: Transaction, reign: Reign, order: Order, level: HaltLevel) -> str:
        """Why it is to be cancelled; empty while it may work on."""
        if order.role is not Role.ENTRY or not halt.may_protect(level):
            return ""
        if order.state is OrderState.CANCEL_REQUESTED:
            return order.note or "its time is over"
        if halt.cancels_entries(level):
            return f"the kill switch says {level.name}"
        stored = self._parts.order_rows.intent(t, order.intent)
        if stored is None or stored[1] not in OPEN_INTENTS:
            return "its decision is over"
        ends = self.ends_at(stored[0], order)
        if ends is not None and self._parts.now() < ends:
            reign.due.at(ends)
            return ""
        return "its time is over"

    def ends_at(self, intent: Intent, order: Order) -> datetime | None:
        """End of its life: so many seconds after the send, else the close of the session it was sent in."""
        terms, sent_at = intent.terms, order.last_sent_at
        if terms is None or sent_at is None:
            return None
        session = self._parts.contracts.session_at(terms.exchange, sent_at)
        closes = session.closes_at if session is not None else None
        if terms.ttl_seconds is None:
            return closes
        ends = sent_at + timedelta(seconds=terms.ttl_seconds)
        return min(ends, closes) if closes is not None else ends

    def _asked(self, reign: Reign, order: Order) -> bool:
        with self._parts.transactions.read() as t:
            sends = self._parts.order_rows.sends(t, order.order)
        if not sends or sends[-1].verb != "cancel":
            return False
        again = sends[-1].started_at + _STUCK
        reign.due.at(again)
        return self._parts.now() < again
