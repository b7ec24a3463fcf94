"""A stop that is proven to be over is replaced once (`T-32`): by an order of its own, with its own client id,
for what is held, at the old price. Whatever is not proven goes to a person."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from glassdesk.kernel.ids import Leg, intent_id
from glassdesk.kernel.money import up_to_tick
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.contracts.scope import CENT
from glassdesk.workflow.dealing.facts_part import OPEN_INTENTS
from glassdesk.workflow.dealing.model import BY_PERSON, CHANGED_BY
from glassdesk.workflow.dealing.parts import Parts
from glassdesk.workflow.dealing.quoting import usable
from glassdesk.workflow.dealing.reign import Reign
from glassdesk.workflow.dealing.shares import Shares
from glassdesk.workflow.dealing.telling import Telling
from glassdesk.workflow.dealing.watch import INACTIVE
from glassdesk.workflow.dealing.writes import Writes
from glassdesk.workflow.order_tracking.fold import STATEMENTS, VERDICT, newest_statement
from glassdesk.workflow.orders.bracket import order_of
from glassdesk.workflow.orders.model import (
    Intent,
    IntentKind,
    IntentState,
    Order,
    OrderState,
    Outcome,
    OutcomeKind,
    Role,
)
from glassdesk.workflow.positions.adjustments import price_since
from glassdesk.workflow.positions.protection import Protection, ProtectionState
from glassdesk.workflow.risk import halt

ZERO = Decimal(0)
MOST = 3
"""Remedies of one bracket; after these a person is needed."""
SPACING = timedelta(seconds=6)
PERSONS_PACE = timedelta(minutes=1)
"""How often to look whether a person has settled what stands in the way."""
PATIENCE = timedelta(minutes=15)
"""A stop that a person may have cancelled is put back only after so long (`T-17`)."""
WITH_ITS_ENTRY = timedelta(minutes=2)
"""A child that ends this close to its entry was ended by the broker with it (`T-23`)."""
TO_BE_SHOWN = timedelta(minutes=1)
"""So long a list may take to show a child beside its entry."""


def _family(stop: Order) -> str:
    """Stops of one bracket, or of one act of a person, stand for each other."""
    return stop.parent or stop.run


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A position whose stops are all over."""

    view: Protection
    entry: Order | None
    """`None` for a stop that a person had placed for shares that no bracket bought."""
    first: Intent
    """What the bracket wanted of its stop."""
    last: Order
    """The stop that was there last."""
    stops: tuple[Order, ...]
    sells: tuple[Order, ...]
    """Other sells that rest for the same shares: they end before a new stop begins (`T-36`)."""
    ended_at: datetime


STANDS = timedelta(minutes=2)
"""A break that is older is no fill between two readings any more."""


class Remedy:
    """Puts a stop back."""

    def __init__(self, parts: Parts, writes: Writes, shares: Shares, telling: Telling) -> None:
        self._parts = parts
        self._writes = writes
        self._shares = shares
        self._telling = telling

    def look(self, reign: Reign, views: Sequence[Protection]) -> None:
        """Every position whose stop is over, one step."""
        if not reign.may_send:
            return
        with self._parts.transactions.read() as t:
            if not halt.may_protect(self._parts.risk.halt(t).level):
                return
            over = (ProtectionState.NONE, ProtectionState.GONE)
            cases = [c for view in views if view.state in over and (c := self.case(t, view)) is not None]
        for case in cases:
            self._one(reign, case)

    def blocked(self, t: Transaction, view: Protection) -> str:
        """Why no stop may be placed for a position now; empty where one may."""
        around = self._around(t, view)
        if self._leaving(t, view):
            return "an exit sells the shares"
        if any(o.role is Role.ENTRY and not o.state.final for o in around):
            return "its entry still buys"
        if any(
            o.role is Role.STOP and not o.state.final and o.state is not OrderState.RESERVED for o in around
        ):
            return "a stop may live"
        return "a sale is not booked yet" if self._sold_unbooked(t, around) else ""

    def _around(self, t: Transaction, view: Protection) -> list[Order]:
        theirs = self._parts.positions.released(t, view.account)
        found = self._parts.order_rows.orders(t, strategy=view.strategy, conid=view.conid)
        return [order for order in found if order.order not in theirs]

    def _last(self, t: Transaction, view: Protection) -> Order | None:
        stops = [o for o in self._around(t, view) if o.role is Role.STOP and o.sends]
        return max(stops, key=lambda o: (o.reserved_at, o.sends, o.order), default=None)

    def last_price(self, t: Transaction, view: Protection) -> Decimal | None:
        """The price of the stop that was there last, in today's shares (`T-37`)."""
        last = self._last(t, view)
        if last is None or last.ticket.price is None:
            return None
        rows = self._parts.positions.adjustments(t, view.account)
        return price_since(rows, view.strategy, view.conid, last.ticket.price, last.reserved_at)

    def case(self, t: Transaction, view: Protection) -> Case | None:
        """`None` while some stop may live, an exit sells the shares, or the entry still buys."""
        last, around = self._last(t, view), self._around(t, view)
        if last is None or self.blocked(t, view):
            return None
        mine = tuple(o for o in around if o.role is Role.STOP and o.sends and _family(o) == _family(last))
        entry = self._parts.order_rows.order(t, last.parent) if last.parent is not None else None
        first = self._parts.order_rows.intent(t, intent_id((entry or last).run, Leg.STOP))
        return (
            None
            if first is None
            else Case(
                view=view,
                entry=entry,
                first=first[0],
                last=last,
                stops=mine,
                sells=tuple(o for o in around if o.role in (Role.TARGET, Role.EXIT) and not o.state.final),
                ended_at=self._ended_at(t, last),
            )
        )

    def _sold_unbooked(self, t: Transaction, around: Iterable[Order]) -> bool:
        """The broker states a sale whose executions we have not read yet [F-67]: the shares are leaving."""
        sells = (order for order in around if order.role is not Role.ENTRY and order.sends)
        said = ((o, newest_statement(self._parts.tracking.facts(t, o.order))) for o in sells)
        return any(fact is not None and fact.filled > order.filled for order, fact in said)

    def _leaving(self, t: Transaction, view: Protection) -> bool:
        found = self._parts.orders.intents(t, states=OPEN_INTENTS)
        mine = (view.account, view.strategy, view.conid)
        return any(i.kind is IntentKind.REDUCE and (i.account, i.strategy, i.conid) == mine for i, _ in found)

    def _ended_at(self, t: Transaction, order: Order) -> datetime:
        """When the broker began to say what it says of it now: every session says it once more, and its time
        is not up anew each time."""
        said = [fact for fact in self._parts.tracking.facts(t, order.order) if fact.kind in STATEMENTS]
        newest = newest_statement(said)
        if newest is None:
            return order.last_sent_at or order.reserved_at
        others = [fact.observed_at for fact in said if fact.status != newest.status]
        same = [fact.observed_at for fact in said if fact.status == newest.status]
        since = [at for at in same if not others or at > max(others)]
        return min(since, default=newest.observed_at)

    def _one(self, reign: Reign, case: Case) -> None:
        now = self._parts.now()
        symbol = case.view.symbol
        if not self._parts.board.switches.may_remedy:
            self._tell(case, "Automatic remedies are off until the probe has run: place a stop by hand")
            return
        self._tell(
            case, f"A new stop is placed as soon as it is proven to be over; {symbol} is not protected"
        )
        due = case.ended_at if self._by_broker(case) else case.ended_at + PATIENCE
        if now < due:
            reign.due.at(due)
        elif not self._parts.contracts.is_open(self._parts.settings.exchange, now):
            opens = self._parts.contracts.next_session(self._parts.settings.exchange, now).opens_at
            reign.due.at(opens)
        elif self._never_named(case):
            self._await_its_name(reign, case)
        elif self._proven_over(case) and self.alone(reign, case):
            self._place(reign, case)
        else:
            waits = any(order.state is OrderState.NEEDS_OPERATOR for order in case.sells)
            reign.due.at(now + (PERSONS_PACE if waits else SPACING))

    def _tell(self, case: Case, what: str) -> None:
        with self._parts.transactions.begin() as t:
            self._telling.stop_over(t, case.last, case.view.symbol, what)

    def _by_broker(self, case: Case) -> bool:
        """A reason, a refusal, or an end together with its entry: not a person's cancel."""
        last, entry = case.last, case.entry
        # What a person wrote of it is no reason of the broker's.
        by_person = last.note.startswith((BY_PERSON, CHANGED_BY))
        if last.state is not OrderState.CANCELLED or (last.note and not by_person):
            return True
        if entry is None:
            return False
        with self._parts.transactions.read() as t:
            entry_ended = self._ended_at(t, entry)
        return entry.state is not OrderState.FILLED and abs(case.ended_at - entry_ended) <= WITH_ITS_ENTRY

    def _proven_over(self, case: Case) -> bool:
        """Cancelled in the broker's words, or never accepted. One that is inactive may come back: its cancel
        is refused twice before it counts as over."""
        with self._parts.transactions.read() as t:
            for stop in case.stops:
                said = newest_statement(self._parts.tracking.facts(t, stop.order))
                if said is not None and said.status.lower() == INACTIVE and self._refused(t, stop) < 2:
                    return False
        return True

    def _never_named(self, case: Case) -> bool:
        """A stop that went out with an entry that the broker has, and of which it never said a word: children
        arrive with a late entry, whatever was concluded of them before."""
        entry = case.entry
        if entry is None or (entry.broker_order_id is None and not entry.filled):
            return False
        silent = [stop for stop in case.stops if stop.parent and stop.broker_order_id is None]
        with self._parts.transactions.read() as t:
            return any(self._may_have_arrived(t, stop) for stop in silent)

    def _may_have_arrived(self, t: Transaction, stop: Order) -> bool:
        """No refusal of this leg by name, a rejection that nobody concluded [F-52]. A refusal answers
        one send, and says nothing of another whose fate is unknown."""
        facts = self._parts.tracking.facts(t, stop.order)
        refused = stop.state is OrderState.REJECTED and not any(fact.kind == VERDICT for fact in facts)
        if any(fact.kind in STATEMENTS for fact in facts):
            return False
        sends = self._parts.order_rows.sends(t, stop.parent or stop.order)
        before = [send.outcome for send in sends if send.verb == "place"][:-1]
        return not refused or any(one is None or one.kind is OutcomeKind.UNKNOWN for one in before)

    def _await_its_name(self, reign: Reign, case: Case) -> None:
        """The next list shows it; where none does in a minute, a person looks (`T-32`)."""
        entry = case.entry or case.last
        with self._parts.transactions.read() as t:
            facts = self._parts.tracking.facts(t, entry.order)
            fills = self._parts.tracking.executions(t, order=entry.order)
        known = [fact.observed_at for fact in facts if fact.kind in STATEMENTS]
        now = self._parts.now()
        since = min((*known, *(fill.executed_at for fill in fills)), default=now)
        if now < since + TO_BE_SHOWN:
            reign.due.at(max(since + TO_BE_SHOWN, now + SPACING))
            return
        self._tell_person(case, "it went out with its entry, and the broker has never named it")
        reign.due.at(now + PERSONS_PACE)

    def _refused(self, t: Transaction, stop: Order) -> int:
        sends = self._parts.order_rows.sends(t, stop.order)
        refused = OutcomeKind.REJECTED
        return sum(1 for s in sends if s.verb == "cancel" and s.outcome and s.outcome.kind is refused)

    def alone(self, reign: Reign, case: Case) -> bool:
        """True once no other sell rests for the shares; what rests is cancelled first."""
        now = self._parts.now()
        for order in case.sells:
            asked = order.state is OrderState.CANCEL_REQUESTED
            lately = order.last_sent_at is not None and now - order.last_sent_at < SPACING
            if order.state.at_broker and not asked and not lately:
                self._writes.cancel(reign, order, "its shares get a stop of their own")
        return not case.sells

    def _place(self, reign: Reign, case: Case) -> None:
        quantity, price = self._quantity(reign, case), self._price(case)
        if quantity <= 0 or price is None:
            return
        if not self._above(reign, case, price):
            return
        if not self._waiting(case) and self._number(case) > MOST:
            self._tell_person(case, f"{MOST} remedies have ended")
            return
        self.put(reign, case, quantity, price)

    def put(self, reign: Reign, case: Case, quantity: Decimal, price: Decimal) -> Outcome:
        """Place the next stop of a position: one that was reserved and never left first."""
        waiting = self._waiting(case)
        with self._parts.transactions.begin() as t:
            stop = waiting[0] if waiting else self._reserved(t, case, self._number(case), quantity, price)
            self._parts.order_rows.set_intent(t, stop.intent, IntentState.SENT, at=self._parts.now())
            sending = self._writes.prepare(t, reign, (stop,))
        return self._writes.place(reign, sending)

    def _waiting(self, case: Case) -> list[Order]:
        return [stop for stop in case.stops if stop.state is OrderState.RESERVED]

    def _number(self, case: Case) -> int:
        return sum(1 for stop in case.stops if stop.order != case.first.intent) + 1

    def _price(self, case: Case) -> Decimal | None:
        with self._parts.transactions.read() as t:
            price = self.last_price(t, case.view)
            tick = None if price is None else self._parts.contracts.tick(t, case.view.conid, price)
        return None if price is None else up_to_tick(price, tick or CENT)

    def _quantity(self, reign: Reign, case: Case) -> Decimal:
        """What is held, where the broker says the same; a difference is a break, and for a person."""
        parts, account = self._parts, case.view.account
        stated = parts.broker.positions.positions(account)
        with parts.transactions.read() as t:
            differs = parts.positions.differences(t, account, stated, parts.now())
            free, stands = self._shares.free(t, reign, case.view.conid, stated), self._stands(t, case)
        if any(one.conid == case.view.conid for one in differs):
            if not stands:
                reign.stale = True
                reign.due.at(parts.now() + SPACING)
            return ZERO
        if free < case.view.quantity:
            self._tell_person(case, f"sells of somebody else promise shares of it: {free} are free")
        return min(case.view.quantity, free)

    def _stands(self, t: Transaction, case: Case) -> bool:
        """A break that lasts is a person's: looking for its end every few seconds brings nothing."""
        account, now = case.view.account, self._parts.now()
        mine = [one for one in self._parts.positions.breaks(t) if one.account == account]
        return any(one.conid == case.view.conid and now - one.opened_at >= STANDS for one in mine)

    def _above(self, reign: Reign, case: Case, price: Decimal) -> bool:
        """The market is above the stop; below it a stop would sell at once, and a person decides."""
        now, conid = self._parts.now(), case.view.conid
        late = self._parts.settings.leaves_on_delayed
        quote = usable(self._parts.market_data.quotes([conid]).get(conid), now, delayed=late)
        if quote is None or quote.bid is None:
            reign.due.at(now + SPACING)
            return False
        if quote.bid <= price:
            self._tell_person(case, f"the bid {quote.bid} is not above its price {price}")
            return False
        return True

    def _tell_person(self, case: Case, why: str) -> None:
        with self._parts.transactions.begin() as t:
            self._telling.not_remedied(t, case.last, case.view.symbol, why)

    def _reserved(self, t: Transaction, case: Case, number: int, quantity: Decimal, price: Decimal) -> Order:
        """Intent and row of the remedy, linked to the stop it stands for."""
        leg = f"remedy-{number}"
        intent = replace(
            case.first,
            intent=intent_id(case.first.run, leg),
            leg=leg,
            quantity=quantity,
            price=price,
            reserved_at=self._parts.now(),
        )
        plain = order_of(intent, self._parts.settings.kind)
        order = replace(plain, ticket=replace(plain.ticket, parent_coid=None))
        self._record(t, case, intent, order)
        self._parts.order_rows.reserve(t, (intent,), (order,), state=IntentState.QUEUED)
        body = {"instead_of": case.last.order, "intent": intent}
        self._parts.audit.append(t, "dealer", "stop.remedied", f"intent:{intent.intent}", body)
        return order

    def _record(self, t: Transaction, case: Case, intent: Intent, order: Order) -> None:
        lineage, run = self._parts.lineage, intent.run
        wanted = {"leg": intent.leg, "quantity": intent.quantity, "price": intent.price}
        lineage.record(
            t,
            kind="intent",
            entity=intent.intent,
            content=wanted,
            parents=(f"intent:{case.first.intent}",),
            run=run,
        )
        lineage.record(
            t,
            kind="order",
            entity=order.order,
            content={"role": order.role, "ticket": replace(order.ticket, coid="")},
            parents=(f"intent:{intent.intent}",),
            run=run,
        )
