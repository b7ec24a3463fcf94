"""Orders that do not do what their answer promised: stuck before they work [F-55], held back after a good
answer [F-56], acknowledged and in no list [F-57]. Looked up, cancelled, told; never sent a second time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.dealing.facts_part import FactsPart
from glassdesk.workflow.dealing.parts import Parts
from glassdesk.workflow.dealing.reign import Reign
from glassdesk.workflow.dealing.telling import Telling
from glassdesk.workflow.dealing.writes import Writes
from glassdesk.workflow.order_tracking.fold import PENDING, VERDICT, newest_statement
from glassdesk.workflow.order_tracking.model import Fact
from glassdesk.workflow.orders.model import Order, OrderState
from glassdesk.workflow.risk import halt

BOUND = timedelta(seconds=60)
"""So long an order may be acknowledged and unseen."""
TAKING = timedelta(minutes=2)
"""So long the broker may take to take it."""
RECENT = timedelta(minutes=30)
"""Only what went out lately is watched: later an absence proves nothing (`T-32`)."""
AGAIN = timedelta(seconds=6)
STUCK_AGAIN = timedelta(seconds=20)
INACTIVE = "inactive"
MOST_CANCELS = 2
"""An inactive order is cancelled until the broker has refused it twice, six seconds apart (`T-32`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """An order that went out lately, with what is known of it."""

    order: Order
    facts: Sequence[Fact]

    @property
    def word(self) -> str:
        said = newest_statement(self.facts)
        return said.status.lower() if said is not None else ""

    @property
    def shown(self) -> bool:
        """Some reading has shown it since it went out."""
        return any(fact.kind in ("list", "status", "trade") for fact in self.facts)

    @property
    def pending_since(self) -> datetime | None:
        """Since when the broker says nothing but that it is pending."""
        since: datetime | None = None
        for fact in self.facts:
            if fact.kind in ("list", "status", "answer"):
                since = (since or fact.observed_at) if fact.status.lower() in PENDING else None
        return since


class Watch:
    """Looks at what went out lately."""

    def __init__(self, parts: Parts, facts: FactsPart, writes: Writes, telling: Telling) -> None:
        self._parts = parts
        self._facts = facts
        self._writes = writes
        self._telling = telling

    def look(self, reign: Reign) -> None:
        """Every order sent within half an hour."""
        if not reign.may_send:
            return
        with self._parts.transactions.read() as t:
            may_cancel = halt.may_protect(self._parts.risk.halt(t).level)
            found = self._recent(t)
        for one in found:
            if one.order.state is OrderState.REJECTED:
                if may_cancel and one.word == INACTIVE:
                    self._end_inactive(reign, one)
            elif not one.shown:
                self._unseen(reign, one)
            elif one.pending_since is not None:
                self._stuck(reign, one, one.pending_since, may_cancel=may_cancel)

    def _recent(self, t: Transaction) -> list[Watched]:
        states = (OrderState.WORKING, OrderState.PARTIAL, OrderState.REJECTED)
        now, theirs = self._parts.now(), self._parts.positions.released(t, self._parts.settings.account)
        return [
            Watched(order=order, facts=self._parts.tracking.facts(t, order.order))
            for order in self._parts.order_rows.orders(t, states=states)
            if order.broker_order_id is not None
            and order.last_sent_at is not None
            and order.order not in theirs
            and now - order.last_sent_at <= RECENT
        ]

    def _stuck(self, reign: Reign, one: Watched, since: datetime, *, may_cancel: bool) -> None:
        """Wait so long, ask for it by its id, then cancel and tell; a second order is never sent [F-55]."""
        now = self._parts.now()
        if now < since + TAKING:
            reign.due.at(since + TAKING)
            return
        order = self._by_id(reign, one.order)
        with self._parts.transactions.read() as t:
            again = Watched(order=order, facts=self._parts.tracking.facts(t, order.order))
        if again.pending_since is None or order.state not in (OrderState.WORKING, OrderState.PARTIAL):
            return
        with self._parts.transactions.begin() as t:
            self._telling.stuck(t, order, since)
        if may_cancel and self._is_time(reign, order, spacing=STUCK_AGAIN):
            self._writes.cancel(reign, order, "the broker does not take it")

    def _unseen(self, reign: Reign, one: Watched) -> None:
        """Acknowledged, and a complete list read a minute later does not show it: of unknown fate [F-57]."""
        sent = one.order.last_sent_at
        if sent is None or reign.listed_at is None:
            return
        if reign.listed_at < sent + BOUND:
            reign.due.at(sent + BOUND)
            return
        order = self._by_id(reign, one.order)
        if order.state is not OrderState.WORKING or self._shown(order):
            return
        note = f"acknowledged as {order.broker_order_id}, and the broker shows it nowhere"
        with self._parts.transactions.begin() as t:
            seen = reign.seen(self._parts.now())
            moved = self._parts.tracking.conclude(t, order, OrderState.UNKNOWN, note, seen, kind=VERDICT)
            self._telling.dropped(t, moved)
        reign.due.at(self._parts.now() + AGAIN)

    def _shown(self, order: Order) -> bool:
        with self._parts.transactions.read() as t:
            return Watched(order=order, facts=self._parts.tracking.facts(t, order.order)).shown

    def _by_id(self, reign: Reign, order: Order) -> Order:
        """Ask the broker for this one order and fold the answer in; no answer proves nothing [F-62]."""
        self._facts.look_up(reign, order)
        with self._parts.transactions.read() as t:
            return self._parts.order_rows.order(t, order.order) or order

    def _end_inactive(self, reign: Reign, one: Watched) -> None:
        """It can still become active: cancel it until the broker has refused that twice [F-56]."""
        with self._parts.transactions.begin() as t:
            self._telling.held_back(t, one.order)
            sends = self._parts.order_rows.sends(t, one.order.order)
        cancels = [send for send in sends if send.verb == "cancel"]
        if len(cancels) < MOST_CANCELS and self._is_time(reign, one.order):
            self._writes.cancel(reign, one.order, one.order.note)

    def _is_time(self, reign: Reign, order: Order, *, spacing: timedelta = AGAIN) -> bool:
        """So long after the last cancel."""
        with self._parts.transactions.read() as t:
            sends = self._parts.order_rows.sends(t, order.order)
        last = next((send.started_at for send in reversed(sends) if send.verb == "cancel"), None)
        if last is None or self._parts.now() - last >= spacing:
            return True
        reign.due.at(last + spacing)
        return False
