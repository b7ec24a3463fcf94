"""Orders of unknown fate: positive evidence ends them (the fold does that), a quorum of admissible negatives
says otherwise; the same payload is sent again only where duplicates are proven to be refused (§2.6)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from glassdesk.kernel.errors import Conflict, Unavailable
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.dealing import reigns
from glassdesk.workflow.dealing.facts_part import FactsPart
from glassdesk.workflow.dealing.parts import Parts
from glassdesk.workflow.dealing.reign import Reign
from glassdesk.workflow.dealing.telling import Telling
from glassdesk.workflow.order_tracking.fold import STATEMENTS, VERDICT
from glassdesk.workflow.order_tracking.model import Fact
from glassdesk.workflow.orders.model import IntentState, Order, OrderState, OutcomeKind, Side
from glassdesk.workflow.session.clocks import quiet_at

SPACING = timedelta(seconds=6)
QUIET = timedelta(seconds=60)
"""No negative counts before this has passed since the send could last have arrived."""
TRANSPORT = timedelta(seconds=15)
"""5 s of `not_after` and 10 s of the transport."""
FRESH = timedelta(seconds=2)
"""A reading older than this decides nothing."""
PATIENCE = timedelta(minutes=5)
TO_LOOK = timedelta(seconds=60)
"""So long a new dealer may look, however old the send is (I-52)."""
WITH_CANARY = 4
WITHOUT_CANARY = 8
FULL_LIST = 1000
MOST_SENDS = 3
"""The first send and two repetitions."""
SAME_DAY = timedelta(hours=20)
"""A client order id is unique for 24 h only (§2.4)."""
_SEEN_ALIVE = (OrderState.WORKING, OrderState.PARTIAL)


class Unknown:
    """Looks for orders that nobody knows the fate of."""

    def __init__(self, parts: Parts, facts: FactsPart, telling: Telling) -> None:
        self._parts = parts
        self._facts = facts
        self._telling = telling
        self._ready_before = False
        self._renewing = False
        self._counting_in: tuple[int, int] | None = None

    def overdue(self, reign: Reign) -> None:
        """Whatever has no verdict in five minutes goes to a person, also while nothing can be read or nobody
        is signed in (I-52). A dealer that has just begun looks for a minute first; where it dies before, the
        next one begins no new minute."""
        for order in self._unknown():
            late = (order.last_sent_at or order.reserved_at) + PATIENCE
            due = max(late, self._began(reign, late) + TO_LOOK)
            if self._parts.now() >= due:
                self._hand_over(reign, order, "five minutes without a verdict")
            else:
                reign.due.at(due)

    def _began(self, reign: Reign, late: datetime) -> datetime:
        """When this dealer began, or the first one that began after that instant."""
        if reign.began_at <= late:
            return reign.began_at
        with self._parts.transactions.read() as t:
            return reigns.first_after(self._parts.audit, t, late) or reign.began_at

    def prepare(self, reign: Reign) -> None:
        """Before the reads: a negative counts only between two looks at a ready session, and the stream is
        renewed once so that it tells afresh what lives."""
        unknown = self._unknown()
        self._ready_before = bool(unknown) and self._session_ready()
        if unknown and self._renewing and self._parts.broker.hints is not None:
            self._parts.broker.hints.attend(True)
        self._renewing = False

    def resolve(self, reign: Reign, *, complete: bool) -> None:
        """Count this pass, and judge. `complete`: list and trades were read in it."""
        unknown = self._unknown()
        counts = bool(unknown) and complete and self._admissible(reign)
        for order in unknown:
            reign.due.at(self._parts.now() + SPACING)
            if counts:
                self._count(reign, order)
            self._judge(reign, order)

    def _unknown(self) -> list[Order]:
        with self._parts.transactions.read() as t:
            rows = self._parts.order_rows.orders(t, states=[OrderState.UNKNOWN])
        # The probe looks for its own orders until the account is clean.
        return [order for order in rows if not order.of_probe]

    def _count(self, reign: Reign, order: Order) -> None:
        read_at = reign.listed_at
        if read_at is None or read_at < self._counts_from(order):
            return
        with self._parts.transactions.begin() as t:
            known = self._negatives(t, reign, order)
            if known and read_at - known[-1].observed_at < SPACING:
                return
            detail = "canary" if self._canary(t, reign) else ""
            self._parts.tracking.note(t, order, "negative", "absent", reign.seen(read_at), detail)
        if not known and self._parts.broker.hints is not None:
            self._parts.broker.hints.attend(False)
            self._renewing = True

    def _session_ready(self) -> bool:
        return self._parts.broker.session.status(seen_at=self._parts.now()).ready

    def _admissible(self, reign: Reign) -> bool:
        """The list was not cut off, is not the first of its session, shows every order that this session has
        stated to be alive, and the session was ready before and after the reads, away from the reset."""
        first = self._counting_in != (reign.lease.fence, reign.epoch)
        self._counting_in = (reign.lease.fence, reign.epoch)
        if first or reign.listed_rows >= FULL_LIST or not self._ready_before:
            return False
        if quiet_at(self._parts.now(), self._parts.settings.region) is not None:
            return False
        return self._session_ready() and not self._misses_a_known_one(reign)

    def _misses_a_known_one(self, reign: Reign) -> bool:
        """A list without an order that lives in this session is frozen, filtered or empty [F-43]."""
        with self._parts.transactions.read() as t:
            alive = self._parts.order_rows.orders(t, states=_SEEN_ALIVE)
            missing = [o for o in alive if reign.row_of(o.broker_order_id) is None]
            return any(self._stated(t, reign, order) for order in missing)

    def _stated(self, t: Transaction, reign: Reign, order: Order) -> bool:
        facts = self._parts.tracking.facts(t, order.order)
        return any(fact.kind in STATEMENTS and fact.epoch == reign.epoch for fact in facts)

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
        alive = self._parts.order_rows.orders(t, states=_SEEN_ALIVE)
        return any(reign.row_of(order.broker_order_id) is not None for order in alive)

    def _judge(self, reign: Reign, order: Order) -> None:
        with self._parts.transactions.read() as t:
            negatives = self._negatives(t, reign, order)
        counted_now = bool(negatives) and negatives[-1].observed_at == reign.listed_at
        if counted_now and quorum(negatives) and self._second_channel(reign, order):
            self._absent(reign, order, negatives)

    def _second_channel(self, reign: Reign, order: Order) -> bool:
        """One more look: at list, trades of a week, positions, and at what the renewed stream has told. A
        sighting, shares that nothing explains and a failed read are vetoes; a sighting is taken in at once,
        since the next list may show nothing again."""
        reads, now, began = self._parts.broker.reads, self._parts.now, self._parts.now()
        try:
            trades = reads.trades(7)
            listing = reads.live_orders()
            stated = self._parts.broker.positions.positions(order.account)
        except Unavailable:
            return False
        with self._parts.transactions.read() as t:
            found = self._parts.positions.differences(t, order.account, stated, now())
            family = self._family(t, order)
        named = {one.order_ref for one in trades} | {row.order_ref for row in listing.rows}
        if named & family:
            self._facts.take(reign, listing, trades, began)
        unexplained = any(one.conid == order.conid for one in found)
        lives = order.coid in named or (order.parent is None and bool(named & family))
        if unexplained or lives or not listing.complete or self._told(order):
            return False
        self._write_down(reign, order)
        return True

    def _family(self, t: Transaction, order: Order) -> set[str]:
        """Client order ids of the bracket: where one of them arrived, the others did."""
        entry = order.parent or order.order
        legs = [self._parts.order_rows.order(t, entry), *self._parts.order_rows.children(t, entry)]
        return {order.coid, *(leg.coid for leg in legs if leg is not None)}

    def _told(self, order: Order) -> bool:
        """The stream, where there is one, has named it or does not speak."""
        if self._parts.broker.hints is None or self._parts.probing is None:
            return False
        return self._parts.probing.broker.heard(order.coid) is not False

    def _write_down(self, reign: Reign, order: Order) -> None:
        now = self._parts.now()
        with self._parts.transactions.begin() as t:
            seen, where = reign.seen(now), "list, trades, positions"
            self._parts.tracking.note(t, order, "second", "absent", seen, where)
        reign.second_at = now

    def _in_time(self, reign: Reign) -> None:
        """Inside the deciding transaction: a pause after the last read would decide on what was. Raises
        `Conflict`, and the next pass reads again."""
        if reign.second_at is None or self._parts.now() - reign.second_at > FRESH:
            raise Conflict("too long since the last read", where="verdict", remedy="it is read again")

    def _absent(self, reign: Reign, order: Order, negatives: Sequence[Fact]) -> None:
        """It never arrived. A decision may be sent again, with the same id and the same payload, where the
        broker is proven to refuse duplicates; else a buy is given up, watched and told (decision 17)."""
        why = f"absent in {len(negatives)} admissible reads"
        if order.parent is not None and self._parent_lives(order):
            self._hand_over(reign, order, f"{why}; its parent lives, its own id was never learnt")
        elif order.broker_order_id is not None:
            self._hand_over(reign, order, f"{why}, though the broker had acknowledged it [F-57]")
        elif order.parent is None and self._registered(order):
            self._hand_over(reign, order, f"{why}, though the broker says that it has its client id [F-53]")
        elif order.parent is None and self._said_no(order) is not None:
            self._refused(reign, order, self._said_no(order) or "")
        elif order.parent is None:
            self._end_or_repeat(reign, order, why)

    def _placed(self, order: Order) -> list[tuple[OutcomeKind, str, bool]]:
        """What each placement led to, with the broker's text and whether it was a refusal."""
        with self._parts.transactions.read() as t:
            sends = self._parts.order_rows.sends(t, order.order)
        told = [send.outcome for send in sends if send.verb == "place" and send.outcome is not None]
        return [(one.kind, one.text, one.said_no) for one in told]

    def _registered(self, order: Order) -> bool:
        return any(kind is OutcomeKind.EXISTS for kind, _, _ in self._placed(order))

    def _said_no(self, order: Order) -> str | None:
        """The broker's refusal of the last placement, where it was one [F-50, F-51, F-65]."""
        last = self._placed(order)[-1:]
        return next((text for _, text, said_no in last if said_no), None)

    def _refused(self, reign: Reign, order: Order, text: str) -> None:
        """It was refused, and now it is proven that nothing lives: over, and not sent again."""
        now = self._parts.now()
        with self._parts.transactions.begin() as t:
            self._in_time(reign)
            for leg in self._unknown_legs(t, order):
                moved = self._conclude(t, reign, leg, OrderState.REJECTED, text)
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
            self._in_time(reign)
            again = self._wanted_again(t, order, now)
            if again and not self._parts.may_send_again:
                again, why = False, f"{why}; sending again is off until the probe has run"
            if not again and order.ticket.side is Side.SELL:
                # Given up, its shares could be promised again; a late arrival would sell them twice (T-36).
                self._to_a_person(t, reign, order, why)
                return
            after = IntentState.QUEUED if again else IntentState.EXPIRED
            for leg in self._unknown_legs(t, order):
                self._parts.order_rows.set_intent(t, leg.intent, after, at=now, note=why)
                if again:
                    back = replace(leg, state=OrderState.RESERVED, note=why)
                    self._parts.orders.move(t, leg, back, lease=reign.lease)
                    continue
                moved = self._conclude(t, reign, leg, OrderState.ABANDONED, why)
                if leg.order == order.order:
                    self._telling.order_ended(t, moved)

    def _wanted_again(self, t: Transaction, order: Order, now: datetime) -> bool:
        """Its decision still stands, and the same id may go out once more. A window is for buying: what
        leaves or protects is wanted as long as it is not there (decision 22)."""
        found = self._parts.order_rows.intent(t, order.intent)
        if found is None or found[1] is not IntentState.SENT or order.sends >= MOST_SENDS:
            return False
        in_time = order.ticket.side is Side.SELL or now < found[0].window_closes
        return in_time and self._first_send_is_young(t, order, now)

    def _conclude(self, t: Transaction, reign: Reign, leg: Order, state: OrderState, why: str) -> Order:
        seen = reign.seen(self._parts.now())
        return self._parts.tracking.conclude(t, leg, state, why, seen, kind=VERDICT)

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
            self._to_a_person(t, reign, stored, why)

    def _to_a_person(self, t: Transaction, reign: Reign, order: Order, why: str) -> None:
        moved = self._conclude(t, reign, order, OrderState.NEEDS_OPERATOR, why)
        self._telling.needs_operator(t, moved, why)


def quorum(negatives: Sequence[Fact]) -> bool:
    """Four admissible negatives where each had a positive control, else eight (§2.6)."""
    with_canary = bool(negatives) and all(fact.detail == "canary" for fact in negatives[-WITH_CANARY:])
    return len(negatives) >= (WITH_CANARY if with_canary else WITHOUT_CANARY)
