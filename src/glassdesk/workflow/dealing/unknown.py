"""Orders of unknown fate: positive evidence ends them (the fold does that), a quorum of admissible negatives
says otherwise; the same payload is sent again only where duplicates are proven to be refused (§2.6)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from glassdesk.kernel.errors import Unavailable
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.dealing.parts import Parts
from glassdesk.workflow.dealing.reign import Reign
from glassdesk.workflow.dealing.telling import Telling
from glassdesk.workflow.order_tracking.model import Fact
from glassdesk.workflow.orders.model import IntentState, Order, OrderState

SPACING = timedelta(seconds=6)
QUIET = timedelta(seconds=60)
"""No negative counts before this has passed since the send could last have arrived."""
TRANSPORT = timedelta(seconds=15)
"""5 s of `not_after` and 10 s of the transport."""
PATIENCE = timedelta(minutes=5)
WITH_CANARY = 4
WITHOUT_CANARY = 8
FULL_LIST = 1000
MOST_SENDS = 3
"""The first send and two repetitions."""
SAME_DAY = timedelta(hours=20)
"""A client order id is unique for 24 h only (§2.4)."""


class Unknown:
    """Looks for orders that nobody knows the fate of."""

    def __init__(self, parts: Parts, telling: Telling) -> None:
        self._parts = parts
        self._telling = telling

    def resolve(self, reign: Reign, *, complete: bool) -> None:
        """Count this pass, and judge. `complete`: list and trades were read in it."""
        with self._parts.transactions.read() as t:
            rows = self._parts.order_rows.orders(t, states=[OrderState.UNKNOWN])
        # The probe looks for its own orders until the account is clean.
        unknown = [order for order in rows if not order.of_probe]
        counts = bool(unknown) and complete and self._admissible(reign)
        for order in unknown:
            reign.due.at(self._parts.now() + SPACING)
            if counts:
                self._count(reign, order)
            self._judge(reign, order)

    def _count(self, reign: Reign, order: Order) -> None:
        now = self._parts.now()
        if now < self._counts_from(order):
            return
        with self._parts.transactions.begin() as t:
            known = self._negatives(t, reign, order)
            if known and now - known[-1].observed_at < SPACING:
                return
            detail = "canary" if self._canary(t, reign) else ""
            self._parts.tracking.note(t, order, "negative", "absent", reign.seen(now), detail)

    def _admissible(self, reign: Reign) -> bool:
        """The list was not cut off, shows every order that this session has shown before, and the session
        that was ready before the reads still is."""
        status = self._parts.broker.session.status(seen_at=self._parts.now())
        return len(reign.rows) < FULL_LIST and status.ready and not self._misses_a_known_one(reign)

    def _misses_a_known_one(self, reign: Reign) -> bool:
        """A list without an order that it showed in this session is frozen, filtered or empty [F-43]."""
        with self._parts.transactions.read() as t:
            alive = self._parts.order_rows.orders(t, states=[OrderState.WORKING, OrderState.PARTIAL])
            missing = [o for o in alive if reign.row_of(o.broker_order_id) is None]
            return any(self._listed(t, reign, order) for order in missing)

    def _listed(self, t: Transaction, reign: Reign, order: Order) -> bool:
        facts = self._parts.tracking.facts(t, order.order)
        return any(fact.kind == "list" and fact.epoch == reign.epoch for fact in facts)

    def _counts_from(self, order: Order) -> datetime:
        return (order.last_sent_at or order.reserved_at) + TRANSPORT + QUIET

    def _negatives(self, t: Transaction, reign: Reign, order: Order) -> list[Fact]:
        since = self._counts_from(order)
        facts = self._parts.tracking.facts(t, order.order)
        return [
            fact
            for fact in facts
            if fact.kind == "negative" and fact.epoch == reign.epoch and fact.observed_at >= since
        ]

    def _canary(self, t: Transaction, reign: Reign) -> bool:
        """Some order that we know is alive is in the list: the list works."""
        alive = self._parts.order_rows.orders(t, states=[OrderState.WORKING, OrderState.PARTIAL])
        return any(reign.row_of(order.broker_order_id) is not None for order in alive)

    def _judge(self, reign: Reign, order: Order) -> None:
        now = self._parts.now()
        with self._parts.transactions.read() as t:
            negatives = self._negatives(t, reign, order)
        fresh = bool(negatives) and now - negatives[-1].observed_at <= timedelta(seconds=2)
        if fresh and quorum(negatives) and self._second_channel(order):
            self._absent(reign, order, negatives)
        elif now - (order.last_sent_at or order.reserved_at) >= PATIENCE:
            self._hand_over(reign, order, "five minutes without a verdict")

    def _second_channel(self, order: Order) -> bool:
        """One more look through the trades of a week and the positions; a sighting, shares that nothing
        explains and a failed read are vetoes."""
        try:
            trades = self._parts.broker.reads.trades(7)
            stated = self._parts.broker.positions.positions(order.account)
        except Unavailable:
            return False
        with self._parts.transactions.read() as t:
            found = self._parts.positions.differences(t, order.account, stated, self._parts.now())
        unexplained = any(one.conid == order.conid for one in found)
        return not unexplained and not any(one.order_ref == order.coid for one in trades)

    def _absent(self, reign: Reign, order: Order, negatives: Sequence[Fact]) -> None:
        """It never arrived. A decision may be sent again, with the same id and the same payload."""
        why = f"absent in {len(negatives)} admissible reads"
        if order.parent is not None and self._parent_lives(order):
            self._hand_over(reign, order, f"{why}; its parent lives, its own id was never learnt")
        elif order.broker_order_id is not None:
            self._hand_over(reign, order, f"{why}, though the broker had acknowledged it [F-57]")
        elif order.parent is None and self._said_no(order) is not None:
            self._refused(reign, order, self._said_no(order) or "")
        elif order.parent is None and not self._parts.may_send_again:
            self._hand_over(reign, order, f"{why}; sending again is off until the probe has run")
        elif order.parent is None:
            self._end_or_repeat(reign, order, why)

    def _said_no(self, order: Order) -> str | None:
        """The broker's refusal of the last placement, where it was one [F-50, F-51, F-65]."""
        with self._parts.transactions.read() as t:
            placed = [s for s in self._parts.order_rows.sends(t, order.order) if s.verb == "place"]
        last = placed[-1].outcome if placed else None
        return last.text if last is not None and last.said_no else None

    def _refused(self, reign: Reign, order: Order, text: str) -> None:
        """It was refused, and now it is proven that nothing lives: over, and not sent again."""
        now = self._parts.now()
        with self._parts.transactions.begin() as t:
            for leg in self._unknown_legs(t, order):
                after = replace(leg, state=OrderState.REJECTED, note=text)
                moved = self._parts.orders.move(t, leg, after, lease=reign.lease)
                self._parts.order_rows.set_intent(t, leg.intent, IntentState.DONE, at=now, note=text)
                if leg.order == order.order:
                    self._telling.order_ended(t, moved)

    def _parent_lives(self, order: Order) -> bool:
        with self._parts.transactions.read() as t:
            parent = self._parts.order_rows.order(t, order.parent or "")
        return parent is not None and parent.state is not OrderState.UNKNOWN

    def _end_or_repeat(self, reign: Reign, order: Order, why: str) -> None:
        now = self._parts.now()
        with self._parts.transactions.begin() as t:
            legs = self._unknown_legs(t, order)
            found = self._parts.order_rows.intent(t, order.intent)
            in_time = found is not None and now < found[0].window_closes and found[1] is IntentState.SENT
            again = in_time and order.sends < MOST_SENDS and self._first_send_is_young(t, order, now)
            state = OrderState.RESERVED if again else OrderState.ABANDONED
            after = IntentState.QUEUED if again else IntentState.EXPIRED
            for leg in legs:
                self._parts.orders.move(t, leg, replace(leg, state=state, note=why), lease=reign.lease)
                self._parts.order_rows.set_intent(t, leg.intent, after, at=now, note=why)
            if not again:
                self._telling.order_ended(t, replace(order, state=state, note=why))

    def _first_send_is_young(self, t: Transaction, order: Order, now: datetime) -> bool:
        sends = self._parts.order_rows.sends(t, order.order)
        return not sends or now - sends[0].started_at < SAME_DAY

    def _unknown_legs(self, t: Transaction, order: Order) -> list[Order]:
        stored = self._parts.order_rows.order(t, order.order)
        legs = [*([stored] if stored else []), *self._parts.order_rows.children(t, order.order)]
        return [leg for leg in legs if leg.state is OrderState.UNKNOWN]

    def _hand_over(self, reign: Reign, order: Order, why: str) -> None:
        with self._parts.transactions.begin() as t:
            stored = self._parts.order_rows.order(t, order.order)
            if stored is None or stored.state is not OrderState.UNKNOWN:
                return
            after = replace(stored, state=OrderState.NEEDS_OPERATOR, note=why)
            self._telling.needs_operator(t, self._parts.orders.move(t, stored, after, lease=reign.lease), why)


def quorum(negatives: Sequence[Fact]) -> bool:
    """Four admissible negatives where each had a positive control, else eight (§2.6)."""
    with_canary = bool(negatives) and all(fact.detail == "canary" for fact in negatives[-WITH_CANARY:])
    return len(negatives) >= (WITH_CANARY if with_canary else WITHOUT_CANARY)
