"""The pen: one attempt per call, its row committed before any byte leaves, its outcome after (§2.5)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import wraps
from typing import TypeVar, cast

from glassdesk.kernel.errors import Conflict, LeaseLost, Unavailable
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.kernel.work import Kind, doing
from glassdesk.workflow.dealing.facts_part import FactsPart
from glassdesk.workflow.dealing.parts import Parts
from glassdesk.workflow.dealing.reign import Reign
from glassdesk.workflow.dealing.telling import Telling
from glassdesk.workflow.order_tracking.fold import CANCEL_ASKED, CANCEL_REFUSED
from glassdesk.workflow.orders.bracket import payload_digest
from glassdesk.workflow.orders.model import (
    Acknowledged,
    IntentState,
    Order,
    OrderState,
    Outcome,
    OutcomeKind,
    Ticket,
)
from glassdesk.workflow.risk import halt

NOT_AFTER = timedelta(seconds=5)
"""A send that has not begun so long after its row was written is not begun at all."""
HTTP_MARGIN = timedelta(seconds=12)
"""The lease must outlive a call: 10 s of the transport and 2 s to write the answer down."""
_OVER = (OutcomeKind.REJECTED, OutcomeKind.DECLINED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """A send whose row is committed."""

    legs: tuple[Order, ...]
    """As they stand in the database now, the parent first."""
    number: int
    not_after: datetime


Write = TypeVar("Write", bound=Callable[..., Outcome])


def _watched(verb: str) -> Callable[[Write], Write]:
    """A write for an order is one piece of work, from its row to its outcome."""

    def around(write: Write) -> Write:
        @wraps(write)
        def watched(self: Writes, reign: Reign, what: Order | Sending, *rest: object) -> Outcome:
            order = what.legs[0] if isinstance(what, Sending) else what
            about = {"order": order.order, "run": order.run, "strategy": order.strategy}
            with doing(Kind.SEND, verb, conid=str(order.conid), **about) as work:
                outcome = write(self, reign, what, *rest)
                work.result = outcome.kind.value
            return outcome

        return cast(Write, watched)

    return around


class Writes:
    """Place, modify, cancel. The broker is never called inside a transaction."""

    def __init__(self, parts: Parts, telling: Telling) -> None:
        self._parts = parts
        self._telling = telling
        self._facts = FactsPart(parts, telling)

    def renew(self, t: Transaction, reign: Reign) -> None:
        """Hold the lease for another term. Raises `LeaseLost`."""
        settings = self._parts.settings
        lease = self._parts.leases.acquire(
            t, reign.lease.name, settings.owner, now=self._parts.now(), ttl=settings.lease_ttl
        )
        if lease is None or lease.fence != reign.lease.fence:
            raise LeaseLost(f"the lease {reign.lease.name} has another holder", remedy="stop at once")
        reign.lease = lease

    def prepare(self, t: Transaction, reign: Reign, legs: Sequence[Order]) -> Sending:
        """RESERVED → SENDING for all legs, with the send row, in the caller's transaction.
        Raises `Conflict` when the client order id went out before with another payload (I-41), and at FREEZE.
        """
        self._not_frozen(t)
        self.renew(t, reign)
        self._same_payload(t, legs)
        now = self._parts.now()
        moved = tuple(self._sent(t, reign, leg, OrderState.SENDING, now) for leg in legs)
        number = moved[0].sends
        self._add_send(t, reign, moved[0], "place", [leg.ticket for leg in moved], now)
        return Sending(legs=moved, number=number, not_after=now + NOT_AFTER)

    @_watched("place")
    def place(self, reign: Reign, sending: Sending) -> Outcome:
        """Send what was prepared, and record the outcome."""
        outcome = self._late(reign, sending.not_after) or self._parts.broker.orders.place(
            [leg.ticket for leg in sending.legs]
        )
        with self._parts.transactions.begin() as t:
            self._parts.order_rows.add_outcome(
                t, sending.legs[0].order, sending.number, outcome, at=self._parts.now()
            )
            self._apply(t, reign, sending.legs, outcome)
        self._look_again(reign)
        return outcome

    @_watched("modify")
    def modify(self, reign: Reign, order: Order, wanted: Order) -> Outcome:
        """Ask the broker for `wanted`'s price, type and quantity; our ticket changes when it agrees. Raises
        `Conflict` at FREEZE."""
        with self._parts.transactions.begin() as t:
            self._not_frozen(t)
            self.renew(t, reign)
            now = self._parts.now()
            sent = self._sent(t, reign, order, order.state, now)
            self._add_send(t, reign, sent, "modify", [wanted.ticket], now)
        late = self._late(reign, now + NOT_AFTER)
        outcome = late or self._parts.broker.orders.modify(order.broker_order_id or "", wanted.ticket)
        with self._parts.transactions.begin() as t:
            self._parts.order_rows.add_outcome(t, order.order, sent.sends, outcome, at=self._parts.now())
            if outcome.kind is OutcomeKind.ACCEPTED:
                after = replace(sent, ticket=wanted.ticket)
                self._parts.orders.move(t, sent, after, lease=reign.lease)
        self._look_again(reign)
        return outcome

    @_watched("cancel")
    def cancel(self, reign: Reign, order: Order, why: str) -> Outcome:
        """Ask the broker to cancel; only facts end the order [F-59]. Raises `Conflict` at FREEZE."""
        with self._parts.transactions.begin() as t:
            self._not_frozen(t)
            self.renew(t, reign)
            now = self._parts.now()
            sent = self._sent(t, reign, replace(order, note=why), order.state, now)
            self._add_send(t, reign, sent, "cancel", [sent.ticket], now)
            self._parts.tracking.note(t, sent, "command", CANCEL_ASKED, reign.seen(now), why)
            self._parts.tracking.refold(t, sent, reign.seen(now))
        late = self._late(reign, now + NOT_AFTER)
        outcome = late or self._parts.broker.orders.cancel(order.account, order.broker_order_id or "")
        with self._parts.transactions.begin() as t:
            self._parts.order_rows.add_outcome(t, order.order, sent.sends, outcome, at=self._parts.now())
            if outcome.kind in (*_OVER, OutcomeKind.NOT_SENT):
                self.takes_back(t, reign, order.order, outcome.text)
        if outcome.kind is OutcomeKind.REJECTED:
            self._look_up(reign, order)
        self._look_again(reign)
        return outcome

    def _not_frozen(self, t: Transaction) -> None:
        """A level that was raised after the caller looked still holds: nothing is sent (`T-50`)."""
        if not halt.may_protect(self._parts.risk.halt(t).level):
            raise Conflict(
                "the kill switch says FREEZE: nothing is sent", where="send", remedy="resume first"
            )

    def _look_up(self, reign: Reign, order: Order) -> None:
        """A cancel that is refused says that the order is absent or over, not which [F-60]: ask for it by its
        id. No answer proves nothing [F-62]."""
        with suppress(Unavailable):
            self._facts.look_up(reign, order)

    def takes_back(self, t: Transaction, reign: Reign, order: str, text: str) -> None:
        """A cancel that was refused, or came to nothing, asks for nothing any more: the order is what the
        broker says of it."""
        row = self._parts.order_rows.order(t, order)
        if row is not None:
            seen = reign.seen(self._parts.now())
            self._parts.tracking.note(t, row, "command", CANCEL_REFUSED, seen, text)
            self._parts.tracking.refold(t, row, seen)

    def _sent(self, t: Transaction, reign: Reign, order: Order, state: OrderState, now: datetime) -> Order:
        stored = self._parts.order_rows.order(t, order.order)
        after = replace(order, state=state, sends=order.sends + 1, last_sent_at=now)
        return self._parts.orders.move(t, stored or order, after, lease=reign.lease)

    def _add_send(
        self, t: Transaction, reign: Reign, order: Order, verb: str, tickets: list[Ticket], now: datetime
    ) -> None:
        self._parts.order_rows.add_send(
            t,
            order.order,
            order.sends,
            verb=verb,
            payload_sha256=payload_digest(tickets),
            fence=reign.lease.fence,
            epoch=reign.epoch,
            started_at=now,
            not_after=now + NOT_AFTER,
        )

    def _same_payload(self, t: Transaction, legs: Sequence[Order]) -> None:
        wanted = payload_digest([leg.ticket for leg in legs])
        for send in self._parts.order_rows.sends(t, legs[0].order):
            if send.verb == "place" and send.payload_sha256 != wanted and not _left_nothing(send.outcome):
                raise Conflict(f"order {legs[0].order} was sent with another payload", where="send")

    def _late(self, reign: Reign, not_after: datetime) -> Outcome | None:
        """Why the call is not made, if it came too late: then we know that nothing was sent."""
        now = self._parts.now()
        if now > not_after:
            return Outcome(kind=OutcomeKind.NOT_SENT, text="the send came too late and was not begun")
        if reign.lease.until - now < HTTP_MARGIN:
            return Outcome(kind=OutcomeKind.NOT_SENT, text="the lease would not outlive the call")
        return None

    def _look_again(self, reign: Reign) -> None:
        now = self._parts.now()
        reign.changed_at = now
        reign.due.at(now + timedelta(seconds=6))

    def _apply(self, t: Transaction, reign: Reign, legs: Sequence[Order], outcome: Outcome) -> None:
        named = self._named(legs, outcome)
        for leg in legs:
            if leg.order in named:
                self._accepted(t, reign, leg, named[leg.order])
            elif leg.coid in outcome.failed:
                self._failed(t, reign, leg, outcome.text)
            else:
                self._not_named(t, reign, leg, outcome, first=leg is legs[0])
        if outcome.kind is OutcomeKind.NOT_SENT:
            for leg in legs:
                self._parts.order_rows.set_intent(t, leg.intent, IntentState.QUEUED, at=self._parts.now())

    def _named(self, legs: Sequence[Order], outcome: Outcome) -> dict[str, Acknowledged]:
        """Acknowledged legs, by cOID; a single answer without one speaks of the parent."""
        by_coid = {one.coid: one for one in outcome.acknowledged if one.coid is not None}
        named = {leg.order: by_coid[leg.coid] for leg in legs if leg.coid in by_coid}
        if not named and len(outcome.acknowledged) == 1 and outcome.kind is OutcomeKind.ACCEPTED:
            named[legs[0].order] = outcome.acknowledged[0]
        return named

    def _accepted(self, t: Transaction, reign: Reign, leg: Order, answer: Acknowledged) -> None:
        seen = reign.seen(self._parts.now())
        bound = replace(leg, broker_order_id=answer.broker_order_id)
        stored = self._parts.orders.move(t, leg, replace(bound, state=OrderState.WORKING), lease=reign.lease)
        self._parts.tracking.note(t, stored, "answer", answer.status or "Submitted", seen)
        self._parts.tracking.refold(t, stored, seen)

    def _failed(self, t: Transaction, reign: Reign, leg: Order, text: str) -> None:
        """A leg that the broker refused beside its living parent [F-52]: brackets are not atomic."""
        after = replace(leg, state=OrderState.REJECTED, note=text)
        moved = self._parts.orders.move(t, leg, after, lease=reign.lease)
        self._parts.order_rows.set_intent(t, leg.intent, IntentState.DONE, at=self._parts.now(), note=text)
        self._telling.leg_failed(t, moved, text)

    def _not_named(self, t: Transaction, reign: Reign, leg: Order, outcome: Outcome, *, first: bool) -> None:
        state = _STATE_AFTER[outcome.kind]
        after = replace(leg, state=state, note=outcome.text)
        moved = self._parts.orders.move(t, leg, after, lease=reign.lease)
        if state is OrderState.UNKNOWN and first:
            self._telling.unknown(t, moved, outcome.text or outcome.kind.value)
        if state is OrderState.REJECTED:
            self._parts.order_rows.set_intent(
                t, leg.intent, IntentState.DONE, at=self._parts.now(), note=outcome.text
            )
            if first:
                self._telling.order_ended(t, moved)


_STATE_AFTER = {
    OutcomeKind.ACCEPTED: OrderState.UNKNOWN,  # a leg the answer did not name: look it up
    OutcomeKind.UNKNOWN: OrderState.UNKNOWN,
    OutcomeKind.EXISTS: OrderState.UNKNOWN,
    OutcomeKind.NOT_SENT: OrderState.RESERVED,
    OutcomeKind.REJECTED: OrderState.REJECTED,
    OutcomeKind.DECLINED: OrderState.REJECTED,
}


def _left_nothing(outcome: Outcome | None) -> bool:
    return outcome is not None and outcome.kind is OutcomeKind.NOT_SENT
