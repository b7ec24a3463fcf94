"""What an experiment may do. Every write has its row before a byte leaves, as any order of the dealer; a step
that has to wait gives the turn back."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from glassdesk.kernel.canonical import plain
from glassdesk.kernel.errors import Conflict, Unavailable
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.dealing.facts_part import FactsPart
from glassdesk.workflow.dealing.parts import Parts, ProbeParts
from glassdesk.workflow.dealing.ports import Between, Listing
from glassdesk.workflow.dealing.probe.making import Made, Maker, Prices, prices_of
from glassdesk.workflow.dealing.reign import Reign
from glassdesk.workflow.dealing.telling import Telling
from glassdesk.workflow.dealing.writes import HTTP_MARGIN, NOT_AFTER, Writes
from glassdesk.workflow.lineage.model import Call
from glassdesk.workflow.order_tracking.model import OrderRow
from glassdesk.workflow.orders.bracket import payload_digest
from glassdesk.workflow.orders.model import (
    IntentState,
    Order,
    OrderState,
    Outcome,
    OutcomeKind,
    Ticket,
)

Answer = TypeVar("Answer")
Steps = Generator[timedelta, None, Answer]
"""Work that gives the turn back, saying how long it waits, and ends with an answer."""
Sending = Callable[[Ticket], Outcome]

SPACING = timedelta(seconds=6)
"""Between two readings of the order list (the broker allows one in five seconds)."""
TRIES = 10
_OVER = ("cancelled", "apicancelled", "filled", "inactive", "expired", "rejected", "failed")
_NOT_OURS_TO_HASH = {"intent", "run", "parent", "reserved_at", "target_order", "coid", "parent_coid"}


@dataclass(slots=True)
class Lab:
    """The bench of one probe under one lease."""

    parts: Parts
    means: ProbeParts
    reign: Reign
    facts: FactsPart
    telling: Telling
    maker: Maker
    symbol: str
    legs: int = 0
    strays: dict[str, str] = field(default_factory=dict)
    """Orders that the broker made of a repeated client id, or shows under another id: its id → our order."""
    kept: list[str] = field(default_factory=list)
    """Orders that stay with consent."""
    child_coid: bool = False
    """Children's own client ids were kept."""
    refuses_duplicates: bool = False
    """A client id used before was refused."""
    asked: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Questions of the broker with our answers, by what was placed."""
    heard: list[tuple[Call, bytes]] = field(default_factory=list)
    """Calls of the present experiment."""

    # ------------------------------------------------------------ reading

    def listed(self) -> Steps[tuple[OrderRow, ...]]:
        """The next complete order list, folded into our rows. Raises `Unavailable`."""
        for _ in range(TRIES):
            yield SPACING
            if self.facts.read_now(self.reign):
                return self.reign.rows
        raise Unavailable("the order list did not become complete", where="orders")

    def ended(self, orders: Sequence[Order]) -> Steps[bool]:
        """Read until these are over; false where they are not after a minute."""
        for _ in range(TRIES):
            yield from self.listed()
            if all(self.order(one).state.final for one in orders):
                return True
        return False

    def look(self, *, force: bool = False) -> Listing:
        """One reading as it comes, whatever it says."""
        self.reign.tried_at = self.parts.now()
        return self.means.broker.listing(force=force)

    def hear(self) -> None:
        """Take over the calls made so far and file them."""
        drained = list(self.means.book.drain("probe:"))
        if drained:
            self.parts.lineage.store_answers(drained)
            with self.parts.transactions.begin() as t:
                self.parts.lineage.file_calls(t, drained)
            self.heard += drained

    def answered_with(self, coid: str) -> bool:
        """True where an answer of the present experiment named this as the local id of an order."""
        self.hear()
        wanted = f'"local_order_id":"{coid}"'.encode()
        return any(wanted in body.replace(b" ", b"") for _, body in self.heard)

    def remember(self, what: str, outcome: Outcome) -> None:
        """Keep which questions were asked about an order."""
        self.asked[what] = outcome.questions

    def questions(self) -> str:
        """What was asked, in words."""
        return "; ".join(f"{what}: {', '.join(ids) or 'none'}" for what, ids in self.asked.items())

    def prices(self) -> Prices:
        """Prices of now. Raises `Unavailable` without bid and ask."""
        conid = self.maker.conid
        rules = self.parts.contracts.fetch_rules(conid)
        quote = self.parts.market_data.quotes([conid]).get(conid)
        tick = rules.tick_at(quote.bid) if quote is not None and quote.bid is not None else None
        found = prices_of(quote, tick) if tick is not None else None
        if found is None:
            raise Unavailable(f"{self.symbol} has no bid and ask now", where="quote")
        return found

    def order(self, order: Order) -> Order:
        """The row as it stands."""
        with self.parts.transactions.read() as t:
            return self.parts.orders.order(t, order.order)

    def first_id(self, order: Order) -> str:
        """The id that the broker gave when it took the order; it may be listed under another one later."""
        with self.parts.transactions.read() as t:
            sends = self.parts.order_rows.sends(t, order.order)
        outcomes = [send.outcome for send in sends if send.verb == "place" and send.outcome is not None]
        named = [one.broker_order_id for outcome in outcomes for one in outcome.acknowledged]
        return named[0] if named else order.broker_order_id or ""

    def rows_of(self, made: Made) -> list[Order]:
        """Its rows as they stand, the parent first."""
        return [self.order(one) for one in made.orders]

    def cleared(self) -> Steps[None]:
        """Cancel strays until the list shows none alive. Raises `Unavailable` where one stays."""
        for _ in range(TRIES):
            if not self.strays:
                return
            for broker_id, owner in self.strays.items():
                self._cancel_stray(owner, broker_id)
            rows = yield from self.listed()
            alive = {row.broker_order_id for row in rows if living(row)}
            self.strays = {one: owner for one, owner in self.strays.items() if one in alive}
        raise Unavailable(f"{len(self.strays)} orders are still alive", where="probe")

    def _cancel_stray(self, owner: str, broker_order_id: str) -> None:
        with self.parts.transactions.read() as t:
            order = self.parts.orders.order(t, owner)
        self.cancel_id(order, broker_order_id)

    # ------------------------------------------------------------ writing

    def leg(self) -> str:
        """The next leg's name."""
        self.legs += 1
        return f"probe-{self.legs}"

    def place(self, made: Made, *, child_coid: bool = False, between: Between | None = None) -> Outcome:
        """Reserve and send one request."""
        writes = self.writes(child_coid=child_coid, between=between)
        with self.parts.transactions.begin() as t:
            self._reserve(t, made)
            stored = [self._stored(t, one) for one in made.orders]
            sending = writes.prepare(t, self.reign, stored)
        return writes.place(self.reign, sending)

    def again(self, order: Order) -> Outcome:
        """Send a single order's payload once more under the same client id. What the broker makes of it is
        remembered as a stray and has to be cancelled."""
        orders = self.means.broker.orders(child_coid=False)
        outcome = self._journaled(order, "place", lambda ticket: orders.place([ticket]))
        known = self.order(order).broker_order_id
        for one in outcome.acknowledged:
            if one.broker_order_id != known:
                self.strays[one.broker_order_id] = order.order
        return outcome

    def modify(self, order: Order, wanted: Order) -> Outcome:
        """Ask for another price."""
        return self.writes().modify(self.reign, order, wanted)

    def cancel(self, order: Order) -> Outcome:
        """Ask for the end of an order that lives."""
        return self.writes().cancel(self.reign, self.order(order), "the probe is done with it")

    def cancel_id(self, order: Order, broker_order_id: str) -> Outcome:
        """Ask for the end of whatever the broker has under an id, in the name of one of our orders."""
        orders = self.parts.broker.orders
        return self._journaled(order, "cancel", lambda ticket: orders.cancel(ticket.account, broker_order_id))

    def writes(self, *, child_coid: bool = False, between: Between | None = None) -> Writes:
        """The dealer's pen over the probe's forms of order."""
        orders = self.means.broker.orders(child_coid=child_coid, between=between)
        broker = replace(self.parts.broker, orders=orders)
        return Writes(replace(self.parts, broker=broker), self.telling)

    def drop(self, order: Order, state: OrderState, why: str) -> None:
        """End a row that the broker does not know, or never got."""
        with self.parts.transactions.begin() as t:
            stored = self._stored(t, order)
            if stored.state.final:
                return
            self.parts.orders.move(t, stored, replace(stored, state=state, note=why), lease=self.reign.lease)
            self.close(t, stored)

    def close(self, t: Transaction, order: Order) -> None:
        """End an order's intent."""
        found = self.parts.order_rows.intent(t, order.intent)
        if found is not None and found[1] in (IntentState.SENT, IntentState.QUEUED):
            self.parts.order_rows.set_intent(t, order.intent, IntentState.DONE, at=self.parts.now())

    def _journaled(self, order: Order, verb: str, send: Sending) -> Outcome:
        """A send beside the order's state: its row first, its outcome after."""
        with self.parts.transactions.begin() as t:
            self.writes().renew(t, self.reign)
            now, stored = self.parts.now(), self._stored(t, order)
            after = replace(stored, sends=stored.sends + 1, last_sent_at=now)
            sent = self.parts.orders.move(t, stored, after, lease=self.reign.lease)
            self.parts.order_rows.add_send(
                t,
                sent.order,
                sent.sends,
                verb=verb,
                payload_sha256=payload_digest([sent.ticket]),
                fence=self.reign.lease.fence,
                epoch=self.reign.epoch,
                started_at=now,
                not_after=now + NOT_AFTER,
            )
        outcome = self._late(now) or send(sent.ticket)
        with self.parts.transactions.begin() as t:
            self.parts.order_rows.add_outcome(t, sent.order, sent.sends, outcome, at=self.parts.now())
        return outcome

    def _late(self, began: datetime) -> Outcome | None:
        now = self.parts.now()
        if now - began > NOT_AFTER or self.reign.lease.until - now < HTTP_MARGIN:
            return Outcome(kind=OutcomeKind.NOT_SENT, text="too late to begin")
        return None

    def _stored(self, t: Transaction, order: Order) -> Order:
        found = self.parts.order_rows.order(t, order.order)
        if found is None:
            raise Conflict(f"order {order.order} has no row", where="probe")
        return found

    def _reserve(self, t: Transaction, made: Made) -> None:
        run = self.maker.run
        for intent in made.intents:
            above = [f"act:{run}"] + ([f"intent:{intent.parent}"] if intent.parent else [])
            self._link(t, "intent", intent.intent, intent, above)
        self.parts.order_rows.reserve(t, made.intents, made.orders, state=IntentState.SENT)
        for order in made.orders:
            above = [f"intent:{order.intent}"] + ([f"order:{order.parent}"] if order.parent else [])
            self._link(t, "order", order.order, order.ticket, above)
        body = {"intents": made.intents}
        self.parts.audit.append(t, "dealer", "intent.reserved", f"intent:{made.intents[0].intent}", body)

    def _link(self, t: Transaction, kind: str, entity: str, value: Any, above: Iterable[str]) -> None:
        content = {
            one.name: plain(getattr(value, one.name))
            for one in fields(value)
            if one.name not in _NOT_OURS_TO_HASH
        }
        self.parts.lineage.record(
            t, kind=kind, entity=entity, content=content, parents=above, run=self.maker.run
        )


def living(row: OrderRow) -> bool:
    """The broker's row is not over."""
    return row.status.lower() not in _OVER


def said(outcome: Outcome) -> str:
    """An outcome in a few words, as the broker put it."""
    status = f"HTTP {outcome.http_status}" if outcome.http_status is not None else ""
    words = ": ".join(part for part in (status, outcome.text) if part)
    return f"{outcome.kind.value}{f' ({words})' if words else ''}"
