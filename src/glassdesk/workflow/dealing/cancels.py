"""Cancels that show no effect. A request may be lost on its way and its answer too; the order works on, and
nobody who asked for its end looks any more (reliability F20)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.dealing.model import BY_PERSON
from glassdesk.workflow.dealing.parts import Parts
from glassdesk.workflow.dealing.reign import Reign
from glassdesk.workflow.dealing.telling import Telling
from glassdesk.workflow.dealing.writes import Writes
from glassdesk.workflow.order_tracking.fold import cancel_asked
from glassdesk.workflow.order_tracking.model import LIVES
from glassdesk.workflow.orders.model import Order, OrderState, Role
from glassdesk.workflow.risk import halt

AGAIN = timedelta(minutes=1)
"""Whoever asked looks again sooner; this is for what nobody follows any more."""
TELL = timedelta(minutes=5)
"""So long a cancel may show no effect before a person is told (`T-75`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """An order whose cancel was asked for, and that the last list still shows alive."""

    order: Order
    first: datetime
    last: datetime


class Cancels:
    """Asks again. Entries have their own time and are ended by it. A stop that only the desk wanted gone
    protects while it lives: what nobody follows any more is taken back."""

    def __init__(self, parts: Parts, writes: Writes, telling: Telling) -> None:
        self._parts = parts
        self._writes = writes
        self._telling = telling

    def look(self, reign: Reign) -> None:
        """Every order that is to end and that the broker shows alive."""
        with self._parts.transactions.read() as t:
            may_cancel = reign.ready and halt.may_protect(self._parts.risk.halt(t).level)
            found = self._alive(t, reign)
        now = self._parts.now()
        for one in found:
            if _protects(one.order):
                self._take_back(reign, one, now)
                continue
            self._tell(reign, one, now)
            if may_cancel and one.order.role is not Role.ENTRY:
                self._repeat(reign, one, now)

    def _alive(self, t: Transaction, reign: Reign) -> list[_Asked]:
        theirs = self._parts.positions.released(t, self._parts.settings.account)
        orders = self._parts.order_rows.orders(t, states=[OrderState.CANCEL_REQUESTED])
        mine = [o for o in orders if not o.of_probe and o.order not in theirs and _shown_alive(reign, o)]
        return [one for order in mine if (one := self._asked(t, order)) is not None]

    def _asked(self, t: Transaction, order: Order) -> _Asked | None:
        """`None` for one that a person cancels at the broker: the desk asked for nothing. A change of its
        price or quantity meanwhile takes nothing back."""
        since = cancel_asked(self._parts.tracking.facts(t, order.order))
        return _Asked(order=order, first=since[0], last=since[-1]) if since else None

    def _tell(self, reign: Reign, one: _Asked, now: datetime) -> None:
        told_at = one.first + TELL
        if now < told_at:
            reign.due.at(told_at)
            return
        with self._parts.transactions.begin() as t:
            self._telling.cancel_without_effect(t, one.order, one.first)

    def _repeat(self, reign: Reign, one: _Asked, now: datetime) -> None:
        again = one.last + AGAIN
        if now >= again:
            self._writes.cancel(reign, one.order, one.order.note)
        reign.due.at(again if now < again else now + AGAIN)

    def _take_back(self, reign: Reign, one: _Asked, now: datetime) -> None:
        """A late arrival of the request still ends it; then that is what the broker says."""
        if now < one.last + AGAIN:
            reign.due.at(one.last + AGAIN)
            return
        with self._parts.transactions.begin() as t:
            self._writes.takes_back(t, reign, one.order.order, "the cancel came to nothing: it protects on")


def _shown_alive(reign: Reign, order: Order) -> bool:
    row, sent = reign.row_of(order.broker_order_id), order.last_sent_at
    if row is None or reign.listed_at is None or (sent is not None and reign.listed_at <= sent):
        return False
    return row.status.lower() in LIVES


def _protects(order: Order) -> bool:
    return order.role is Role.STOP and not order.note.startswith(BY_PERSON)
