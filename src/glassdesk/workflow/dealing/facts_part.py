"""Read what the broker says about orders and fills, as often as needed (`T-58`), and fold it in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

from glassdesk.kernel.errors import SessionNotReady, Unavailable
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.dealing.lost import Lost
from glassdesk.workflow.dealing.parts import Parts
from glassdesk.workflow.dealing.reign import Reign
from glassdesk.workflow.dealing.telling import Telling
from glassdesk.workflow.order_tracking.fold import CANCEL_ASKED, newest_statement
from glassdesk.workflow.order_tracking.model import Execution, OrderList, OrderRow
from glassdesk.workflow.order_tracking.service import Ingested, Source
from glassdesk.workflow.orders import late
from glassdesk.workflow.orders.model import IntentState, Order, OrderState, OrderType, Role, Ticket

FAST = timedelta(seconds=6)
RESTING = timedelta(seconds=30)
UNHEARD = timedelta(seconds=10)
"""In place of `RESTING` while the stream that should bring news earlier is down [F-79]."""
HINTED = timedelta(seconds=5)
"""As soon as pacing allows a second reading."""
IDLE = timedelta(seconds=60)
WATCHING, SOON = timedelta(minutes=5), timedelta(hours=1)
"""What was given up is watched for a day; for the first hour, in which a late request arrives if ever, as
often as when nothing is under way (`R-WATCH`)."""
BLIND_TOLD = timedelta(minutes=2)
"""A list that says nothing for so long is told."""
FRESH = timedelta(minutes=2)
"""So long after a change reading stays fast."""
NEWEST = 200
"""Of those given up: more than a day of a desk with 20 trades has."""
ALIVE = tuple(state for state in OrderState if not state.final)
OPEN_INTENTS = (IntentState.AWAITING_APPROVAL, IntentState.QUEUED, IntentState.SENT)
RESTS = ("presubmitted", "submitted")
"""Words under which a row states the terms of an order."""
_UNSETTLED = (OrderState.SENDING, OrderState.UNKNOWN, OrderState.CANCEL_REQUESTED)


NO_LIST = OrderList(rows=(), complete=False)
Read = TypeVar("Read")


def _answer(reign: Reign, read: Callable[[], Read]) -> Read | None:
    """`None` where the broker does not answer, which is noted. Raises `SessionNotReady`."""
    try:
        return read()
    except SessionNotReady:
        raise
    except Unavailable as failure:
        reign.unread = (*reign.unread, failure)
        return None


class FactsPart:
    """Order list and trades, folded in one transaction."""

    def __init__(self, parts: Parts, telling: Telling) -> None:
        self._parts = parts
        self._telling = telling
        self._lost = Lost(parts, telling)
        self._foreign: set[str] = set()

    def read(self, reign: Reign) -> bool:
        """Read where it is due. True when a complete list and the trades were read now."""
        now = self._parts.now()
        pause = self._hinted(reign, self._pause(reign, now))
        if pause is None:
            return False
        if reign.tried_at is not None and now - reign.tried_at < pause:
            reign.due.at(reign.tried_at + pause)
            return False
        done = self.read_now(reign)
        if not self._parts.clock.wakes_on_events or self._unsettled(reign):
            reign.due.at(now + (self._pause(reign, now) or IDLE))
        elif self._watched(now, late.WATCH):
            reign.due.at(now + (IDLE if self._watched(now, SOON) else WATCHING))
        return done

    def read_now(self, reign: Reign) -> bool:
        """Read without asking whether it is due. Where one of the two fails, the other is taken in: a list
        without an answer says nothing, like one that is not whole."""
        now, reads = self._parts.now(), self._parts.broker.reads
        reign.tried_at, reign.forced, reign.hinted, reign.unread = now, False, False, ()
        listing = _answer(reign, reads.live_orders)
        executions = _answer(reign, lambda: reads.trades(self._days(reign, now)))
        self.take(reign, listing or NO_LIST, executions, now)
        return listing is not None and listing.complete and executions is not None

    def take(
        self, reign: Reign, listing: OrderList, executions: Sequence[Execution] | None, now: datetime
    ) -> None:
        """What a reading that began at `now` tells, with all that follows from it; `None`: no trades were
        read."""
        account = self._parts.settings.account
        rows = [row for row in listing.rows if row.account == account]
        fills = [one for one in executions or () if one.account == account]
        source = Source.WHOLE_LIST if listing.complete else Source.PART
        with self._parts.transactions.begin() as t:
            found = self._parts.tracking.ingest(t, rows, fills, reign.seen(now), source=source)
            self._aftermath(t, found)
            self._adopt_edits(t, reign, rows)
            if listing.complete:
                self._parts.tracking.note_owners(t, account, found.foreign, seen_at=now)
        reign.traded_at = now if executions is not None else reign.traded_at
        if found:
            reign.changed_at, reign.stale = now, True
        if listing.complete:
            reign.rows, reign.listed_at, reign.blind_since = tuple(rows), now, None
            reign.listed_rows = len(listing.rows)
        else:
            self._blind(reign, now)

    def _blind(self, reign: Reign, now: datetime) -> None:
        """The list says nothing: that is unknown, not empty [F-40 to F-43]. Where it stays so, our orders are
        asked for by their ids, and a person is told."""
        reign.due.at(now + FAST)
        since = reign.blind_since
        if since is None:
            reign.blind_since = now
            return
        for order in self._alive():
            if order.broker_order_id is not None:
                _answer(reign, partial(self.look_up, reign, order))
        if now - since >= BLIND_TOLD:
            with self._parts.transactions.begin() as t:
                self._telling.list_unreadable(t, since)

    def look_up(self, reign: Reign, order: Order) -> OrderRow | None:
        """Ask the broker for one order by its id, and take the answer in with all that follows from it. No
        answer proves nothing [F-62]. Raises `Unavailable`."""
        row = self._parts.broker.reads.order_status(order.broker_order_id or "")
        if row is not None:
            with self._parts.transactions.begin() as t:
                seen = reign.seen(self._parts.now())
                self._aftermath(t, self._parts.tracking.ingest(t, [row], (), seen, source=Source.BY_ID))
                self._adopt_edits(t, reign, [row])
        return row

    def _days(self, reign: Reign, now: datetime) -> int:
        if reign.traded_at is None or reign.reconciled_epoch != reign.epoch:
            return 7
        return min(7, 2 + (now - reign.traded_at).days)

    def _pause(self, reign: Reign, now: datetime) -> timedelta | None:
        """How long between reads; `None` where there is nothing to read."""
        if not reign.may_send or reign.forced:
            return timedelta(0) if reign.forced else FAST
        alive = self._alive()
        fresh = reign.changed_at is not None and now - reign.changed_at < FRESH
        if self._parts.clock.wakes_on_events:
            return FAST if alive or fresh or self._watched(now, late.WATCH) else None
        if fresh or any(
            order.role in (Role.ENTRY, Role.EXIT) or order.state in _UNSETTLED for order in alive
        ):
            return FAST
        if not alive:
            return IDLE
        hints = self._parts.broker.hints
        return RESTING if hints is None or hints.flowing else UNHEARD

    def _hinted(self, reign: Reign, pause: timedelta | None) -> timedelta | None:
        """A hint of the stream brings the next reading forward and stays until a reading was made."""
        hints = self._parts.broker.hints
        if hints is not None and hints.orders_changed():
            reign.hinted = True
        return min(pause or HINTED, HINTED) if reign.hinted and pause != timedelta(0) else pause

    def _alive(self) -> Sequence[Order]:
        """Orders that the broker may have."""
        with self._parts.transactions.read() as t:
            orders = self._parts.order_rows.orders(t, states=ALIVE)
        return [order for order in orders if order.state is not OrderState.RESERVED]

    def _watched(self, now: datetime, within: timedelta) -> bool:
        """An order is over that was sent so lately and that the broker never named: its request may still
        arrive, and is adopted then (§2.6)."""
        with self._parts.transactions.read() as t:
            over = self._parts.order_rows.orders(t, states=late.GIVEN_UP, limit=NEWEST)
        return any(late.unnamed(order, now, within=within) for order in over)

    def _unsettled(self, reign: Reign) -> bool:
        """Something will change without an event that the clock knows of."""
        if any(order.state in _UNSETTLED for order in self._alive()):
            return True
        with self._parts.transactions.read() as t:
            fills = self._parts.tracking.fills(t, self._parts.settings.account)
        recent = [f.execution for f in fills[-50:] if f.execution.commission is None]
        return any(self._parts.now() - one.executed_at < FRESH for one in recent)

    def _aftermath(self, t: Transaction, found: Ingested) -> None:
        for before, after in found.changed:
            self._changed(t, before, after)
        for row in found.orphans:
            self._lost.found(t, row)
        for row in found.foreign:
            self._tell_foreign(t, row)
        for order, old in found.renumbered:
            self._parts.audit.append(t, "broker", "order.renumbered", f"order:{order.order}", {"before": old})
        for one in found.external:
            self._parts.audit.append(t, "dealer", "execution.external", f"conid:{one.conid}", one)

    def _changed(self, t: Transaction, before: Order, after: Order) -> None:
        if before.ticket != after.ticket:
            self._write_edit(t, before, after)
        if after.state.final and before.state is not after.state:
            self._telling.order_ended(t, after)
            self._close_intent(t, after)
            if self._ended_by_broker(t, after):
                self._telling.cancelled_by_broker(t, after)
        if before.state.final and not after.state.final:
            self._telling.adopted(t, after)
        if after.state is OrderState.NEEDS_OPERATOR and before.state is not after.state:
            self._telling.needs_operator(t, after, "the broker says something unheard of")

    def _tell_foreign(self, t: Transaction, row: OrderRow) -> None:
        if row.broker_order_id not in self._foreign:
            self._foreign.add(row.broker_order_id)
            self._telling.foreign(t, row)

    def _ended_by_broker(self, t: Transaction, order: Order) -> bool:
        """An entry that the broker cancelled with a reason, and nobody had asked for it [F-61]."""
        if order.role is not Role.ENTRY or order.state is not OrderState.CANCELLED:
            return False
        facts = self._parts.tracking.facts(t, order.order)
        said = newest_statement(facts)
        asked = any(fact.kind == "command" and fact.status == CANCEL_ASKED for fact in facts)
        return said is not None and bool(said.detail) and not asked

    def _close_intent(self, t: Transaction, order: Order) -> None:
        found = self._parts.order_rows.intent(t, order.intent)
        if found is not None and found[1] in OPEN_INTENTS and order.role is not Role.EXIT:
            note = f"order {order.state.value}"
            self._parts.order_rows.set_intent(
                t, order.intent, IntentState.DONE, at=self._parts.now(), note=note
            )

    def _adopt_edits(self, t: Transaction, reign: Reign, rows: Sequence[OrderRow]) -> None:
        """A price or quantity changed at the broker becomes ours (`T-17`); a modification of our own whose
        answer was lost is found here as well (`T-41`)."""
        for row in rows:
            order = self._parts.order_rows.by_broker_id(t, row.account, row.broker_order_id)
            if order is None or not order.state.at_broker or self._in_flight(t, order):
                continue
            ticket = edited(order.ticket, row)
            if ticket == order.ticket:
                continue
            moved = self._parts.orders.move(t, order, replace(order, ticket=ticket), lease=reign.lease)
            self._write_edit(t, order, moved)

    def _write_edit(self, t: Transaction, before: Order, after: Order) -> None:
        body = {"before": before.ticket, "after": after.ticket}
        self._parts.audit.append(t, "broker", "order.edited", f"order:{after.order}", body)

    def _in_flight(self, t: Transaction, order: Order) -> bool:
        """A send younger than a read can show."""
        sends = self._parts.order_rows.sends(t, order.order)
        last = sends[-1] if sends else None
        return last is not None and (last.outcome is None or self._parts.now() - last.started_at < FAST)


def edited(ticket: Ticket, row: OrderRow) -> Ticket:
    """The ticket as the broker shows it; where a row does not say, as it was."""
    if row.status.lower() not in RESTS:
        return ticket
    known = {kind.value: kind for kind in OrderType}
    kind = known.get(row.order_type, ticket.order_type)
    price = None if kind is OrderType.MARKET else (row.price or ticket.price)
    return replace(ticket, order_type=kind, price=price, quantity=row.total or ticket.quantity)
