"""Leave the account as it was: every order of the probe cancelled, every share of it sold, and seen to be so.
It knows its orders by their rows and their client ids, so it works after a death as well."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.dealing.probe.lab import SPACING, Lab, Steps, living
from glassdesk.workflow.order_tracking.model import OrderRow
from glassdesk.workflow.orders.model import PROBE_LANE, Order, OrderState, OutcomeKind, Side

AGAIN = timedelta(seconds=20)
"""A cancel without effect is asked for again."""
SELL_FOR = timedelta(seconds=60)
"""A sale that did not trade for so long is cancelled and made lower."""
TWICE = 2
"""Complete lists that must not show an order, and refusals of its cancel, before it counts as absent."""
ZERO = Decimal(0)


@dataclass(slots=True)
class Cleaning:
    """One clean-up. `keep` are orders that stay with consent."""

    lab: Lab
    keep: frozenset[str]
    absent: dict[str, int] = field(default_factory=dict)
    refused: dict[str, int] = field(default_factory=dict)
    asked: dict[str, datetime] = field(default_factory=dict)

    def until_clean(self) -> Steps[None]:
        """Work until nothing of the probe is left; there is no giving up."""
        while True:
            rows = yield from self.lab.listed()
            orders = self._open()
            self._cancel_listed(rows)
            for order in orders:
                self._end(order, rows)
            held = self._held()
            if held > 0:
                yield from self._sell(rows, held)
            elif not self._left(rows):
                return

    # ------------------------------------------------------------ looking

    def _mine(self, t: Transaction) -> Sequence[Order]:
        rows = self.lab.parts.order_rows.orders(t, strategy=PROBE_LANE, conid=self.lab.maker.conid)
        return [order for order in rows if order.order not in self.keep]

    def _open(self) -> list[Order]:
        with self.lab.parts.transactions.read() as t:
            return [order for order in self._mine(t) if not order.state.final]

    def _held(self) -> Decimal:
        account = self.lab.maker.account
        with self.lab.parts.transactions.read() as t:
            positions = self.lab.parts.positions.held(t, account)
        mine = (p.quantity for p in positions if (p.strategy, p.conid) == (PROBE_LANE, self.lab.maker.conid))
        return sum(mine, ZERO)

    def _left(self, rows: Sequence[OrderRow]) -> bool:
        return bool(self._open()) or any(True for _ in self._alive(rows))

    def _alive(self, rows: Sequence[OrderRow]) -> list[tuple[OrderRow, Order]]:
        """Living rows of the broker that are the probe's, each with the order it is accounted to."""
        with self.lab.parts.transactions.read() as t:
            mine = self._mine(t)
        by_coid = {order.coid: order for order in mine}
        by_id = {order.broker_order_id: order for order in mine if order.broker_order_id}
        strays = {
            one: by_row for one, owner in self.lab.strays.items() for by_row in mine if by_row.order == owner
        }
        found = []
        for row in rows:
            owner = (
                by_id.get(row.broker_order_id)
                or by_coid.get(row.order_ref or "")
                or by_id.get(row.parent_id or "")
                or strays.get(row.broker_order_id)
            )
            if owner is not None and living(row):
                found.append((row, owner))
        return found

    # ------------------------------------------------------------ ending

    def _cancel_listed(self, rows: Sequence[OrderRow]) -> None:
        """Whatever lives, except a sale at work. Parents first: their children end with them."""
        for row, owner in sorted(self._alive(rows), key=lambda pair: pair[0].parent_id is not None):
            if row.status.lower() == "pendingcancel" or self._sells(owner, row):
                continue
            if not self._asked_lately(row.broker_order_id):
                self._ask(owner, row.broker_order_id)

    def _ask(self, owner: Order, broker_order_id: str) -> None:
        self.asked[broker_order_id] = self.lab.parts.now()
        current = self.lab.order(owner)
        own = current.broker_order_id == broker_order_id and current.state.at_broker
        outcome = self.lab.cancel(current) if own else self.lab.cancel_id(current, broker_order_id)
        if outcome.kind is OutcomeKind.REJECTED:
            self.refused[broker_order_id] = self.refused.get(broker_order_id, 0) + 1

    def _sells(self, order: Order, row: OrderRow) -> bool:
        young = order.last_sent_at is not None and self.lab.parts.now() - order.last_sent_at < SELL_FOR
        return order.parent is None and row.side is Side.SELL and young

    def _asked_lately(self, broker_order_id: str) -> bool:
        at = self.asked.get(broker_order_id)
        return at is not None and self.lab.parts.now() - at < AGAIN

    def _end(self, order: Order, rows: Sequence[OrderRow]) -> None:
        """A row of ours that no list shows: it was never sent, ended unseen, or lives hidden (`T-32`)."""
        if any(owner.order == order.order for _, owner in self._alive(rows)):
            self.absent.pop(order.order, None)
            return
        if order.state is OrderState.RESERVED:
            self.lab.drop(order, OrderState.CANCELLED, "the probe ended before it was sent")
            return
        self.absent[order.order] = self.absent.get(order.order, 0) + 1
        if order.broker_order_id is None:
            self._never_there(order)
        else:
            self._look_up(order, order.broker_order_id)

    def _never_there(self, order: Order) -> None:
        """No id was learnt, and complete lists do not show it."""
        if self.absent[order.order] > TWICE and order.state in (
            OrderState.UNKNOWN,
            OrderState.NEEDS_OPERATOR,
        ):
            self.lab.drop(order, OrderState.ABANDONED, "absent in complete lists after the probe")

    def _look_up(self, order: Order, broker_order_id: str) -> None:
        """Ask by its id; where the broker knows nothing, its cancel is refused twice, then it is gone."""
        row = self.lab.parts.broker.reads.order_status(broker_order_id)
        if row is not None:
            self._take(row)
        if (row is None or living(row)) and not self._asked_lately(broker_order_id):
            self._ask(order, broker_order_id)
        if row is None and self.refused.get(broker_order_id, 0) >= TWICE:
            self._gone(order)

    def _take(self, row: OrderRow) -> None:
        parts, reign = self.lab.parts, self.lab.reign
        with parts.transactions.begin() as t:
            parts.tracking.ingest(t, [row], (), reign.seen(parts.now()))

    def _gone(self, order: Order) -> None:
        parts = self.lab.parts
        current = self.lab.order(order)
        if current.state.final:
            return
        with parts.transactions.begin() as t:
            seen = self.lab.reign.seen(parts.now())
            why = "in no list, unknown by its id, its cancel refused twice"
            parts.tracking.note(t, current, "status", "Cancelled", seen, why)
            self.lab.close(t, parts.tracking.refold(t, current, seen))

    # ------------------------------------------------------------ selling

    def _sell(self, rows: Sequence[OrderRow], held: Decimal) -> Steps[None]:
        """Sell what the probe holds, in market hours, and only while no other sale of ours lives."""
        parts, maker = self.lab.parts, self.lab.maker
        if self._left(rows):
            return
        now, exchange = parts.now(), parts.settings.exchange
        if not parts.contracts.is_open(exchange, now):
            yield parts.contracts.next_session(exchange, now).opens_at - now
            return
        stated = parts.broker.positions.positions(maker.account)
        there = sum((row.quantity for row in stated if row.conid == maker.conid), ZERO)
        quantity = min(held, there)
        if quantity > 0:
            made = maker.single(
                self.lab.leg(), self.lab.prices().under, now, side=Side.SELL, quantity=quantity
            )
            self.lab.place(made)
        yield SPACING
