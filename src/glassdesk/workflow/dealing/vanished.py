"""A stop that no list of this session shows: not listed is not gone (`T-32`). It is asked for by its id, then
the trades, then it is cancelled until that is seen, or refused twice, six seconds apart, in one session. Only
then is it over, and may have a remedy. The alarm does not wait for any of this."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.dealing.facts_part import FactsPart
from glassdesk.workflow.dealing.parts import Parts
from glassdesk.workflow.dealing.reign import Reign
from glassdesk.workflow.dealing.telling import Telling
from glassdesk.workflow.dealing.writes import Writes
from glassdesk.workflow.orders.model import Order, OrderState, OutcomeKind, Role, SendRow
from glassdesk.workflow.positions.protection import Protection, ProtectionState
from glassdesk.workflow.risk import halt

SPACING = timedelta(seconds=6)
ASKED = 2
"""So often it is asked for by its id before its cancel is tried, and so often that may be refused."""
SEEN_WITHIN = timedelta(minutes=2)
"""Cancels that show no effect for so long need a person."""
_NOT_OVER = (OrderState.WORKING, OrderState.PARTIAL, OrderState.CANCEL_REQUESTED)
OVER = "in no list, no trade, unknown by its id, and its cancel was refused twice: it is over"


class Vanished:
    """Finds out about stops that are not shown."""

    def __init__(self, parts: Parts, facts: FactsPart, writes: Writes, telling: Telling) -> None:
        self._parts = parts
        self._facts = facts
        self._writes = writes
        self._telling = telling

    def look(self, reign: Reign, views: Sequence[Protection]) -> None:
        """One step for every position whose stop this session has not shown."""
        now, parts = self._parts.now(), self._parts
        if not reign.may_send or not parts.contracts.is_open(parts.settings.exchange, now):
            reign.vanished.clear()
            return
        with parts.transactions.read() as t:
            if not halt.may_protect(parts.risk.halt(t).level):
                return
            found = [s for view in views if (s := self._stop(t, reign, view)) is not None]
            ending, refused = self._ending(t, reign), self._twice_refused(t, reign)
        for order in ending:
            self._see_it_end(reign, order, now)
        for order in refused:
            if self._facts.look_up(reign, order) is None:
                self._over(reign, order, now)
        for gone in set(reign.vanished) - {stop.order for stop in found}:
            del reign.vanished[gone]
        for stop in found:
            if stop.order not in {order.order for order in refused}:
                self._one(reign, stop, now)

    def _stop(self, t: Transaction, reign: Reign, view: Protection) -> Order | None:
        if view.state is not ProtectionState.UNVERIFIED or view.needed <= 0 or view.stop_order is None:
            return None
        stop = self._parts.order_rows.order(t, view.stop_order)
        if stop is None or stop.broker_order_id is None or not stop.state.at_broker:
            return None
        listed = reign.row_of(stop.broker_order_id) is not None
        return None if listed or reign.listed_at is None else stop

    def _ending(self, t: Transaction, reign: Reign) -> list[Order]:
        """Orders whose cancel was taken, and that no list shows: only their id tells that they ended."""
        asked = self._parts.order_rows.orders(t, states=[OrderState.CANCEL_REQUESTED])
        mine = [o for o in asked if o.role is not Role.ENTRY and not o.of_probe and o.broker_order_id]
        return [o for o in mine if reign.row_of(o.broker_order_id) is None and reign.listed_at is not None]

    def _twice_refused(self, t: Transaction, reign: Reign) -> list[Order]:
        """Sells in no list whose cancel was refused twice in this session, whoever asked for it."""
        alive = self._parts.order_rows.orders(t, states=_NOT_OVER)
        mine = [o for o in alive if o.role is not Role.ENTRY and not o.of_probe and o.broker_order_id]
        hidden = [o for o in mine if reign.row_of(o.broker_order_id) is None and reign.listed_at is not None]
        return [o for o in hidden if len(self._refusals(t, reign, o)) >= ASKED]

    def _refusals(self, t: Transaction, reign: Reign, order: Order) -> list[SendRow]:
        """Refused cancels of this session, six seconds apart at least."""
        found: list[SendRow] = []
        for send in self._parts.order_rows.sends(t, order.order):
            refused = send.verb == "cancel" and send.epoch == reign.epoch and _refused(send)
            if refused and (not found or send.started_at - found[-1].started_at >= SPACING):
                found.append(send)
        return found

    def _see_it_end(self, reign: Reign, order: Order, now: datetime) -> None:
        last = reign.looked_up.get(order.order)
        if last is None or now - last >= SPACING:
            reign.looked_up[order.order] = now
            if self._facts.look_up(reign, order) is None and self._parts.board.switches.may_remedy:
                self._cancel(reign, order, now)
        reign.due.at(now + SPACING)

    def _one(self, reign: Reign, stop: Order, now: datetime) -> None:
        since, asked = reign.vanished.get(stop.order, (now, 0))
        if now < since + asked * SPACING:
            reign.due.at(since + asked * SPACING)
            return
        reign.vanished[stop.order] = (since, asked + 1)
        reign.due.at(since + (asked + 1) * SPACING)
        if self._facts.look_up(reign, stop) is not None:
            return
        if asked + 1 < ASKED:
            self._facts.read_now(reign)
        elif self._parts.board.switches.may_remedy:
            self._cancel(reign, stop, now)

    def _cancel(self, reign: Reign, stop: Order, now: datetime) -> None:
        with self._parts.transactions.read() as t:
            sends = self._parts.order_rows.sends(t, stop.order)
        tried = [s for s in sends if s.verb == "cancel" and s.epoch == reign.epoch]
        if tried and now - tried[0].started_at > SEEN_WITHIN:
            self._needs_a_person(stop)
        # One that was taken is asked again too: where no status answers, only its refusal tells [F-62].
        elif not tried or now - tried[-1].started_at >= SPACING:
            self._writes.cancel(reign, stop, "the broker does not show it: it ends before another begins")

    def _over(self, reign: Reign, stop: Order, now: datetime) -> None:
        seen = reign.seen(now)
        with self._parts.transactions.begin() as t:
            stored = self._parts.order_rows.order(t, stop.order) or stop
            self._parts.tracking.note(t, stored, "status", "Cancelled", seen, OVER)
            self._telling.order_ended(t, self._parts.tracking.refold(t, stored, seen))
        reign.changed_at = now

    def _needs_a_person(self, stop: Order) -> None:
        with self._parts.transactions.begin() as t:
            why = "it was cancelled for two minutes, and nothing shows that it ended"
            self._telling.not_remedied(t, stop, f"conid {stop.conid}", why)


def _refused(send: SendRow) -> bool:
    return send.outcome is not None and send.outcome.kind is OutcomeKind.REJECTED
