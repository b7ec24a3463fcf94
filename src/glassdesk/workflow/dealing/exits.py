"""Leave a position (`T-41`): always the same order. The resting target is moved to the bid and then to the
market; only where it cannot be moved are both legs cancelled, seen to have ended, and a new sell sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.dealing.facts_part import RESTS, FactsPart, edited
from glassdesk.workflow.dealing.judging import Judging
from glassdesk.workflow.dealing.ladder import (
    BOUNDED,
    LADDER,
    Rung,
    market_declined,
    movable,
    rung_price,
    undone,
)
from glassdesk.workflow.dealing.parts import Parts
from glassdesk.workflow.dealing.quoting import usable
from glassdesk.workflow.dealing.reign import Reign
from glassdesk.workflow.dealing.submit import Submit
from glassdesk.workflow.dealing.telling import Telling
from glassdesk.workflow.dealing.writes import Writes
from glassdesk.workflow.order_tracking.model import OrderRow
from glassdesk.workflow.orders.bracket import order_of, payload_digest, repriced
from glassdesk.workflow.orders.model import (
    Intent,
    IntentKind,
    IntentState,
    Order,
    OrderState,
    OutcomeKind,
    Role,
    SendRow,
    SendTerms,
)
from glassdesk.workflow.risk import halt

ZERO = Decimal(0)
SEEN_AGAIN = timedelta(seconds=60)
"""A change of unknown fate was not made where the broker shows the order as it was after so long."""
LEGS_END = timedelta(seconds=20)
"""So long a cancelled leg may take to end; then the exit is given up and the stop comes first again."""
RETRY = timedelta(seconds=6)


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaving:
    """One exit at work: what it wants, what is left, and the orders around it."""

    intent: Intent
    terms: SendTerms
    left: Decimal
    sell: Order | None
    """The order the ladder climbs with: an own row where the ladder ended in a new sell, else the target."""
    legs: tuple[Order, ...]
    """Stop and target that are not over, the target first."""

    @property
    def since(self) -> datetime:
        """Whatever was sent for it was sent after this."""
        return self.intent.reserved_at


class Exits:
    """Climbs the ladder of every exit."""

    def __init__(
        self, parts: Parts, facts: FactsPart, submit: Submit, writes: Writes, telling: Telling
    ) -> None:
        self._parts = parts
        self._facts = facts
        self._judging = Judging(parts, submit)
        self._writes = writes
        self._telling = telling

    def climb(self, reign: Reign) -> None:
        """Every exit that is due, one step."""
        with self._parts.transactions.read() as t:
            found = self._parts.orders.intents(t, states=[IntentState.QUEUED, IntentState.SENT])
            may = reign.may_send and halt.may_protect(self._parts.risk.halt(t).level)
        for intent, state in found:
            if intent.kind is IntentKind.REDUCE and intent.terms is not None and may:
                self._one(reign, intent, intent.terms, state)

    def _one(self, reign: Reign, intent: Intent, terms: SendTerms, state: IntentState) -> None:
        now = self._parts.now()
        if state is IntentState.QUEUED and now < intent.window_opens:
            reign.due.at(intent.window_opens)
            return
        if not self._parts.contracts.is_open(terms.exchange, now):
            reign.due.at(self._parts.contracts.next_session(terms.exchange, now).opens_at)
            return
        if state is IntentState.QUEUED and not self._begin(reign, intent, terms):
            return
        self._step(reign, intent, terms)

    def _begin(self, reign: Reign, intent: Intent, terms: SendTerms) -> bool:
        """Step 0: read position and legs again, ask what T-40 asks. False while the exit has to wait."""
        if reign.listed_at != self._parts.now() and not self._facts.read_now(reign):
            return False
        stated = self._parts.broker.positions.positions(intent.account)
        at_broker = sum((row.quantity for row in stated if row.conid == intent.conid), ZERO)
        with self._parts.transactions.begin() as t:
            leaving = self._leaving(t, intent, terms)
            quantity = min(leaving.left, at_broker)
            if quantity <= 0:
                self._done(t, intent, "nothing is left to sell")
                return False
            return self._allowed(t, reign, leaving, quantity)

    def _allowed(self, t: Transaction, reign: Reign, leaving: Leaving, quantity: Decimal) -> bool:
        intent, now = leaving.intent, self._parts.now()
        denials = self._judging.denials(t, reign, intent, leaving.terms, quantity)
        if not denials:
            self._parts.order_rows.set_intent(t, intent.intent, IntentState.SENT, at=now)
            return True
        why = "; ".join(f"{v.rule}: {v.observed}, limit {v.limit}" for v in denials)
        self._telling.exit_waits(t, intent, why)
        reign.due.at(now + timedelta(seconds=60))
        return False

    def _step(self, reign: Reign, intent: Intent, terms: SendTerms) -> None:
        with self._parts.transactions.begin() as t:
            leaving = self._leaving(t, intent, terms)
            sends = self._sends(t, leaving)
            if leaving.left <= 0:
                self._done(t, intent, "the position is closed")
                return
            if leaving.sell is not None and leaving.sell.role is Role.EXIT and leaving.sell.state.final:
                self._telling.exit_waits(t, intent, "its sell order ended with shares left")
                self._done(t, intent, "its sell order ended with shares left")
                return
        sell = leaving.sell
        if sell is not None and sell.state is OrderState.RESERVED:
            self._place(reign, sell)
        elif sell is not None and sell.state in (OrderState.WORKING, OrderState.PARTIAL) and movable(sends):
            self._move(reign, leaving, sell, sends)
        elif sell is None or sell.state.final or sell.state.at_broker:
            self._replace(reign, leaving)
        else:
            reign.due.at(self._parts.now() + RETRY)

    def _leaving(self, t: Transaction, intent: Intent, terms: SendTerms) -> Leaving:
        held = self._parts.positions.held(t, intent.account)
        mine = [p.quantity for p in held if (p.conid, p.strategy) == (intent.conid, intent.strategy)]
        own = self._parts.order_rows.order(t, intent.intent)
        target = self._parts.order_rows.order(t, intent.target_order) if intent.target_order else None
        around = self._parts.order_rows.orders(t, strategy=intent.strategy, conid=intent.conid)
        theirs = self._parts.positions.released(t, intent.account)
        rests = [o for o in around if o.role in (Role.STOP, Role.TARGET) and not o.state.final]
        legs = [o for o in rests if o.order not in theirs]
        return Leaving(
            intent=intent,
            terms=terms,
            left=sum(mine, ZERO),
            sell=own or target,
            legs=tuple(sorted(legs, key=lambda leg: leg.role is Role.STOP)),
        )

    def _sends(self, t: Transaction, leaving: Leaving) -> Sequence[SendRow]:
        """What this exit sent with its order: everything since it was reserved."""
        if leaving.sell is None:
            return ()
        sends = self._parts.order_rows.sends(t, leaving.sell.order)
        return [
            send
            for send in sends
            if send.started_at >= leaving.since
            and send.verb in ("place", "modify")
            and (send.verb == "modify" or leaving.sell.role is Role.EXIT)
        ]

    def _move(self, reign: Reign, leaving: Leaving, sell: Order, sends: Sequence[SendRow]) -> None:
        now = self._parts.now()
        made = [send for send in sends if not undone(send)]
        if made and not self._settled(reign, leaving, sell, made[-1]):
            return
        number = len(made)
        if number >= len(LADDER):
            if market_declined(sends):
                self._bounded(reign, leaving, made[-1])
            elif not _taken(sell, made[-1]):
                self._unsold(reign, leaving, "the broker did not take the last change of its order")
            return
        due = (made[0].started_at if made else now) + LADDER[number].after
        if now < due:
            reign.due.at(due)
            return
        bounded = LADDER[number].below is None and market_declined(sends)
        price = self._price(reign, leaving, BOUNDED if bounded else LADDER[number])
        left = self._left(reign, leaving)
        if price is not _NO_PRICE and left > 0:
            # The broker counts what was filled before into the quantity of a modification.
            quantity = left + sell.filled
            self._writes.modify(reign, sell, repriced(sell, price=price, quantity=quantity))
            self._next(reign, made, now, number + 1)

    def _bounded(self, reign: Reign, leaving: Leaving, last: SendRow) -> None:
        """A market order is filled or the market is closed; its bounded substitute may stay unsold."""
        told_at = last.started_at + BOUNDED.after
        if self._parts.now() < told_at:
            reign.due.at(told_at)
            return
        self._unsold(reign, leaving, "the limit that stands for a market order does not sell: sell by hand")

    def _unsold(self, reign: Reign, leaving: Leaving, why: str) -> None:
        """A person is told. A sell of the exit's own rests without a stop beside it: it ends, and then the
        stop comes back (`T-42`)."""
        self._tell(leaving, why)
        sell = leaving.sell
        if sell is not None and sell.role is Role.EXIT:
            self._end(reign, sell, leaving, "it does not sell: its shares get their stop back")

    def _tell(self, leaving: Leaving, why: str) -> None:
        with self._parts.transactions.begin() as t:
            self._telling.exit_waits(t, leaving.intent, why)

    def _next(self, reign: Reign, made: Sequence[SendRow], now: datetime, number: int) -> None:
        if number < len(LADDER):
            reign.due.at((made[0].started_at if made else now) + LADDER[number].after)

    def _settled(self, reign: Reign, leaving: Leaving, sell: Order, last: SendRow) -> bool:
        """False while the last modification is of unknown fate: the ladder is frozen until it is seen."""
        if _taken(sell, last) or self._as_it_was(reign, sell, last):
            return True
        now = self._parts.now()
        reign.due.at(now + RETRY)
        if now - last.started_at >= SEEN_AGAIN:
            self._tell(leaving, "what became of the last change of its order is not known")
        return False

    def _as_it_was(self, reign: Reign, sell: Order, last: SendRow) -> bool:
        """The broker shows the order without the change, a minute after it was sent. Not listed is not gone:
        then it is asked for by its id."""
        since, listed = last.started_at + SEEN_AGAIN, reign.row_of(sell.broker_order_id)
        if self._parts.now() < since:
            return False
        if listed is not None and reign.listed_at is not None and reign.listed_at >= since:
            return shows(listed, sell)
        row = self._facts.look_up(reign, sell)
        return row is not None and shows(row, sell)

    def _left(self, reign: Reign, leaving: Leaving) -> Decimal:
        """Shares still to sell: never more than the broker says is left (`T-41`)."""
        intent = leaving.intent
        stated = self._parts.broker.positions.positions(intent.account)
        at_broker = sum((row.quantity for row in stated if row.conid == intent.conid), ZERO)
        if at_broker < leaving.left:
            reign.forced = reign.stale = True
            reign.due.at(self._parts.now() + RETRY)
        return max(ZERO, min(leaving.left, at_broker))

    def _price(self, reign: Reign, leaving: Leaving, rung: Rung) -> Decimal | None:
        if rung.below is None:
            return self._last_resort(reign, leaving)
        now, conid = self._parts.now(), leaving.intent.conid
        late = self._parts.settings.leaves_on_delayed
        quote = usable(self._parts.market_data.quotes([conid]).get(conid), now, delayed=late)
        if quote is None or quote.bid is None:
            reign.due.at(now + RETRY)
            return _NO_PRICE
        return rung_price(quote.bid, rung, leaving.terms.tick)

    def _last_resort(self, reign: Reign, leaving: Leaving) -> Decimal | None:
        if leaving.terms.urgency == "market":
            return None
        self._unsold(reign, leaving, "the ladder is at its end and the shares are not sold")
        return _NO_PRICE

    def _replace(self, reign: Reign, leaving: Leaving) -> None:
        """The target cannot be moved: first it, then the stop is seen to have ended before anything new is
        sold. A leg that does not end in time ends the exit instead, and the stop comes first again."""
        if leaving.sell is not None and leaving.sell.role is Role.EXIT:
            self._unsold(reign, leaving, "its sell order cannot be moved")
            return
        if not leaving.legs:
            self._new_sell(reign, leaving)
            return
        leg = leaving.legs[0]
        asked = self._end(reign, leg, leaving, "the exit sells its shares")
        if self._parts.now() - asked <= LEGS_END:
            reign.due.at(asked + LEGS_END + timedelta(seconds=1))
            return
        why = f"its {leg.role.value} does not end: the stop stays or comes back, sell by hand"
        with self._parts.transactions.begin() as t:
            self._telling.exit_waits(t, leaving.intent, why)
            self._done(t, leaving.intent, why)

    def _end(self, reign: Reign, order: Order, leaving: Leaving, why: str) -> datetime:
        """Cancel an order for this exit, again where that shows nothing; since when it is asked to end."""
        now = self._parts.now()
        with self._parts.transactions.read() as t:
            sends = self._parts.order_rows.sends(t, order.order)
        asked = [s.started_at for s in sends if s.verb == "cancel" and s.started_at >= leaving.since]
        if order.state.at_broker and (not asked or now - asked[-1] >= RETRY):
            self._writes.cancel(reign, order, why)
        reign.due.at(now + RETRY)
        return asked[0] if asked else now if order.state.at_broker else leaving.since

    def _new_sell(self, reign: Reign, leaving: Leaving) -> None:
        price, left = self._price(reign, leaving, LADDER[0]), self._left(reign, leaving)
        if price is _NO_PRICE or left <= 0:
            return
        plain = order_of(leaving.intent, self._parts.settings.kind)
        order = repriced(plain, price=price, quantity=left)
        with self._parts.transactions.begin() as t:
            self._parts.lineage.record(
                t,
                kind="order",
                entity=order.order,
                content={"role": order.role, "ticket": replace(order.ticket, coid="")},
                parents=(f"intent:{leaving.intent.intent}",),
                run=leaving.intent.run,
            )
            self._parts.order_rows.add_order(t, order, lease=reign.lease)
        self._place(reign, order)

    def _place(self, reign: Reign, order: Order) -> None:
        with self._parts.transactions.begin() as t:
            sending = self._writes.prepare(t, reign, (order,))
        self._writes.place(reign, sending)

    def _done(self, t: Transaction, intent: Intent, note: str) -> None:
        now = self._parts.now()
        self._parts.order_rows.set_intent(t, intent.intent, IntentState.DONE, at=now, note=note)
        self._parts.audit.append(t, "dealer", "intent.done", f"intent:{intent.intent}", {"note": note})


_NO_PRICE = Decimal(-1)
"""No rung can be priced now."""


def shows(row: OrderRow, order: Order) -> bool:
    """The row states the order as it is known, price and all."""
    stated = row.price is not None and row.status.lower() in RESTS
    return stated and edited(order.ticket, row) == order.ticket


def _taken(sell: Order, last: SendRow) -> bool:
    """The broker said so, or shows the order as the change made it."""
    accepted = last.outcome is not None and last.outcome.kind is OutcomeKind.ACCEPTED
    return accepted or payload_digest([sell.ticket]) == last.payload_sha256
