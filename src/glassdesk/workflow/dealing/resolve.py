"""The operator's queue (`T-75`): the evidence that an order is shown with, how a person settles it, and an
alarm that repeats while anything waits."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from glassdesk.kernel.canonical import canonical_text, decode_text
from glassdesk.kernel.errors import Conflict, InvalidInput
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.dealing.entries import AFTER_CLOSE
from glassdesk.workflow.dealing.facts_part import OPEN_INTENTS, FactsPart
from glassdesk.workflow.dealing.model import BY_PERSON, Command, Resolution
from glassdesk.workflow.dealing.parts import Parts
from glassdesk.workflow.dealing.reign import Reign
from glassdesk.workflow.dealing.telling import Telling
from glassdesk.workflow.order_tracking import evidence as possible
from glassdesk.workflow.order_tracking.evidence import Evidence, Look
from glassdesk.workflow.order_tracking.fold import OPERATOR, VERDICT, handed_over
from glassdesk.workflow.order_tracking.model import OrderRow
from glassdesk.workflow.orders.model import IntentState, Order, OrderState

REPEAT = timedelta(hours=1)
"""So often a person is told again that an order waits."""
_WITH_IT = (OrderState.NEEDS_OPERATOR, OrderState.UNKNOWN)
_NEVER_THERE = (OrderState.ABANDONED, OrderState.REJECTED)
LONGEST_REASON = 500


class Resolve:
    """Reads the evidence, and writes a person's decision down."""

    def __init__(self, parts: Parts, facts: FactsPart, telling: Telling) -> None:
        self._parts = parts
        self._facts = facts
        self._telling = telling

    def remind(self, reign: Reign) -> None:
        """Tell again of every order that waits, also while nobody is signed in."""
        now = self._parts.now()
        with self._parts.transactions.read() as t:
            waiting = self._parts.order_rows.orders(t, states=[OrderState.NEEDS_OPERATOR])
            since = {one.order: self._since(t, one) for one in waiting if not one.of_probe}
        for order in waiting:
            if order.order not in since:
                continue
            times = (now - since[order.order]) // REPEAT
            reign.due.at(since[order.order] + (times + 1) * REPEAT)
            if times > 0:
                with self._parts.transactions.begin() as t:
                    self._telling.still_waits(t, order, since[order.order], times)

    def _since(self, t: Transaction, order: Order) -> datetime:
        handed = handed_over(self._parts.tracking.facts(t, order.order))
        return handed.observed_at if handed is not None else order.last_sent_at or order.reserved_at

    def ask(self, reign: Reign, command: Command) -> str:
        """What a person asked for: the evidence as a `Look` in canonical JSON, or what became of the order.
        Raises `InvalidInput`, `NotFound`, `Conflict`, `Unavailable`."""
        wanted = _read(command.argument)
        with self._parts.transactions.read() as t:
            order = self._parts.orders.order(t, wanted.order)
        reign.traded_at = None
        complete = self._facts.read_now(reign)
        if reign.unread:
            raise reign.unread[0]
        found = self._look(reign, order, complete=complete)
        if wanted.state is None:
            return canonical_text(Look(evidence=found, choices=possible.choices(found)))
        return self._settle(reign, command.actor, found, wanted.state, wanted.reason)

    def keep(self, t: Transaction, reign: Reign, order: Order, actor: str) -> str:
        """A person cancels a sell that may have arrived: it is not sent again, and its shares stay promised
        until it is settled."""
        why = f"{BY_PERSON}{actor}, and a request of it may still arrive"
        seen = reign.seen(self._parts.now())
        self._parts.order_rows.set_intent(t, order.intent, IntentState.SENT, at=seen.seen_at, note=why)
        moved = self._parts.tracking.conclude(t, order, OrderState.NEEDS_OPERATOR, why, seen, kind=VERDICT)
        self._telling.needs_operator(t, moved, why)
        return "not sent again; a request of it may still arrive: its shares stay promised until you say"

    def _look(self, reign: Reign, order: Order, *, complete: bool) -> Evidence:
        """Beside list and trades of a week, which were read now, its status by id and the positions."""
        by_id = self._facts.look_up(reign, order) if self._known(order) else None
        stated = self._parts.broker.positions.positions(order.account)
        now = self._parts.now()
        with self._parts.transactions.read() as t:
            order = self._parts.order_rows.order(t, order.order) or order
            differences = self._parts.positions.differences(t, order.account, stated, now)
            return Evidence(
                order=order,
                read_at=now,
                complete=complete,
                listed=_row(reign, order) if complete else None,
                by_id=by_id,
                executions=tuple(self._parts.tracking.executions(t, order=order.order)),
                unexplained=sum(
                    (d.broker_quantity - d.derived_quantity for d in differences if d.conid == order.conid),
                    Decimal(0),
                ),
                day_over=self._day_over(t, order, now),
            )

    def _known(self, order: Order) -> bool:
        with self._parts.transactions.read() as t:
            stored = self._parts.order_rows.order(t, order.order)
        return stored is not None and stored.broker_order_id is not None

    def _day_over(self, t: Transaction, order: Order, now: datetime) -> bool:
        placed = [s for s in self._parts.order_rows.sends(t, order.order) if s.verb == "place"]
        if not placed:
            return False
        session = self._parts.contracts.session_at(self._parts.settings.exchange, placed[-1].started_at)
        return session is not None and now >= session.closes_at + AFTER_CLOSE

    def _settle(self, reign: Reign, actor: str, found: Evidence, state: OrderState, reason: str) -> str:
        order = found.order
        if order.state is not OrderState.NEEDS_OPERATOR:
            raise Conflict(f"the order is {order.state.value}", where="order", remedy="it waits for nobody")
        if contradicted := possible.against(found, state):
            raise Conflict(f"not {state.value}: {contradicted}", where="state", remedy="look at the evidence")
        legs = self._legs(reign, found, state)
        with self._parts.transactions.begin() as t:
            moved = [self._conclude(t, reign, actor, one, state, reason) for one in legs]
        more = f", with {len(moved) - 1} of its legs" if len(moved) > 1 else ""
        return f"the order is {moved[0].state.value.replace('_', ' ')} now{more}"

    def _legs(self, reign: Reign, found: Evidence, state: OrderState) -> list[Evidence]:
        """The order, and where it never lived the children of its bracket that nobody has seen: one decision
        of three legs (`T-20`)."""
        order = found.order
        if order.parent is not None or state not in _NEVER_THERE:
            return [found]
        with self._parts.transactions.read() as t:
            children = [c for c in self._parts.order_rows.children(t, order.order) if c.state in _WITH_IT]
        looks = [self._look(reign, child, complete=found.complete) for child in children]
        return [found, *(one for one in looks if not possible.against(one, state))]

    def _conclude(
        self, t: Transaction, reign: Reign, actor: str, found: Evidence, state: OrderState, reason: str
    ) -> Order:
        now, seen = self._parts.now(), reign.seen(self._parts.now())
        order, why = found.order, f"{actor}: {reason}"
        moved = self._parts.tracking.conclude(t, order, state, why, seen, kind=OPERATOR)
        body = {"before": order.state, "after": moved.state, "reason": reason, "evidence": found}
        self._parts.audit.append(t, actor, "order.resolved", f"order:{order.order}", body)
        if moved.state.final:
            self._telling.order_ended(t, moved)
            stored = self._parts.order_rows.intent(t, moved.intent)
            if stored is not None and stored[1] in OPEN_INTENTS:
                self._parts.order_rows.set_intent(t, moved.intent, IntentState.DONE, at=now, note=why)
        return moved


def _read(argument: str) -> Resolution:
    try:
        wanted = decode_text(Resolution, argument)
    except (TypeError, ValueError) as failure:
        raise InvalidInput(f"no resolution: {failure}", where="argument") from failure
    check_reason(wanted)
    return wanted


def check_reason(wanted: Resolution) -> None:
    """A decision needs a reason. Raises `InvalidInput`."""
    if wanted.state is None:
        return
    if not wanted.reason.strip():
        raise InvalidInput("no reason given", where="reason", remedy="say what you saw, in a few words")
    if len(wanted.reason) > LONGEST_REASON:
        raise InvalidInput(
            f"{len(wanted.reason)} characters are too many",
            where="reason",
            remedy=f"{LONGEST_REASON} at most",
        )
    if wanted.state not in possible.MEANINGS:
        names = ", ".join(state.value for state in possible.MEANINGS)
        raise InvalidInput(f"{wanted.state.value} is not for you to say", where="state", remedy=names)


def _row(reign: Reign, order: Order) -> OrderRow | None:
    """The order in the list that was just read, by any name it has."""
    own = reign.row_of(order.broker_order_id) if order.broker_order_id is not None else None
    return own or next((row for row in reign.rows if row.order_ref == order.coid), None)
