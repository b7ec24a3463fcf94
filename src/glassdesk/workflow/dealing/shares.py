"""Never more shares promised than held (`T-35`, `T-36`, I-53): where a person sold by hand, shares were
moved or a split took them, our sells shrink at once, then a person is told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal

from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.dealing.facts_part import ALIVE
from glassdesk.workflow.dealing.parts import Parts
from glassdesk.workflow.dealing.reign import Reign
from glassdesk.workflow.dealing.shrinking import Shrinking
from glassdesk.workflow.dealing.telling import Telling
from glassdesk.workflow.dealing.writes import Writes
from glassdesk.workflow.order_tracking.model import LIVES, OrderRow
from glassdesk.workflow.orders.model import Order, OrderState, Role, Side
from glassdesk.workflow.positions.model import BrokerPosition
from glassdesk.workflow.positions.promises import Resting, promised, shrunk
from glassdesk.workflow.risk import halt

ZERO = Decimal(0)
AGAIN = timedelta(seconds=6)
"""A change without effect is asked for again after so long: twice within the ten seconds of `T-35`."""


class Shares:
    """Compares what our sells promise with what the broker says is there."""

    def __init__(self, parts: Parts, writes: Writes, telling: Telling) -> None:
        self._parts = parts
        self._writes = writes
        self._telling = telling
        self._shrinking = Shrinking(parts, writes, telling)

    def keep(self, reign: Reign, *readings: Sequence[BrokerPosition]) -> None:
        """Shrink or cancel what promises more than `readings` show, target first. Of several readings of one
        pass the larger number counts: protection is not given up on one answer that lacks a row [F-73]."""
        with self._parts.transactions.read() as t:
            if not halt.may_protect(self._parts.risk.halt(t).level):
                return
            theirs = self._parts.positions.released(t, self._parts.settings.account)
            found = self._parts.order_rows.orders(t, states=ALIVE)
            alive = [o for o in found if not o.of_probe and o.order not in theirs]
        for conid in sorted({order.conid for order in alive if order.ticket.side is Side.SELL}):
            held = max(_quantity(reading, conid) for reading in readings)
            self._one(reign, held, [order for order in alive if order.conid == conid])

    def _one(self, reign: Reign, held: Decimal, orders: Sequence[Order]) -> None:
        sells = [one for order in orders if (one := _resting(reign, order)) is not None]
        changes = shrunk(sells, held + _rest(reign, orders, sells))
        for change in changes:
            if not self._asked(reign, change):
                self._change(reign, change)
        if changes:
            reign.stale = True
            reign.due.at(self._parts.now() + AGAIN)
            self._tell(changes[0].order, held, promised(sells))

    def _tell(self, order: Order, held: Decimal, most: Decimal) -> None:
        """Where our own executions account for it, a leg only has not been seen to end yet."""
        with self._parts.transactions.begin() as t:
            broken = {one.conid for one in self._parts.positions.breaks(t)}
            if order.conid in broken:
                self._telling.oversold(t, order, held, most)

    def _change(self, reign: Reign, change: Resting) -> None:
        order = change.order
        if change.remaining <= 0:
            self._writes.cancel(reign, order, "no shares are left for it")
            return
        # The broker counts what was filled before into the quantity of a modification.
        row = reign.row_of(order.broker_order_id)
        wanted = max(order.filled, row.filled if row is not None else ZERO) + change.remaining
        self._shrinking.to(reign, order, wanted)

    def _asked(self, reign: Reign, change: Resting) -> bool:
        order, now = change.order, self._parts.now()
        if order.state is OrderState.CANCEL_REQUESTED and change.remaining <= 0:
            return order.last_sent_at is not None and now - order.last_sent_at < 3 * AGAIN
        with self._parts.transactions.read() as t:
            sends = self._parts.order_rows.sends(t, order.order)
        return bool(sends) and sends[-1].verb != "place" and now - sends[-1].started_at < AGAIN

    def free(self, t: Transaction, reign: Reign, conid: int, stated: Sequence[BrokerPosition]) -> Decimal:
        """Shares that a new sell may promise: what is held less what other sells, the owner's too, promise
        already (`T-36`)."""
        theirs = self._parts.positions.released(t, self._parts.settings.account)
        known = [o for o in self._parts.order_rows.orders(t, conid=conid) if o.order not in theirs]
        ours = [one for order in known if (one := _resting(reign, order)) is not None]
        mine = {order.broker_order_id for order in known}
        return _quantity(stated, conid) - promised(ours) - owners(reign.rows, conid, mine)


def owners(rows: Sequence[OrderRow], conid: int, ours: set[str | None]) -> Decimal:
    """Shares that sells of somebody else promise."""
    found = [r for r in rows if r.conid == conid and r.side is Side.SELL and r.broker_order_id not in ours]
    return sum((row.remaining for row in found if row.status.lower() in LIVES), ZERO)


def _quantity(stated: Sequence[BrokerPosition], conid: int) -> Decimal:
    return sum((row.quantity for row in stated if row.conid == conid), ZERO)


def _resting(reign: Reign, order: Order) -> Resting | None:
    """A sell that the broker has, with what it may still sell: in the words of the last list where that is
    younger than our last word, since fills may be known before they are booked [F-67]. Of those that wait
    for a person only what that list shows alive."""
    if order.ticket.side is not Side.SELL or not (order.state.at_broker or _waits_alive(reign, order)):
        return None
    row, sent = reign.row_of(order.broker_order_id), order.last_sent_at
    left = order.ticket.quantity - order.filled
    if row is not None and reign.listed_at is not None and (sent is None or reign.listed_at > sent):
        listed = row.remaining if row.status.lower() in LIVES else ZERO
        # A list of an earlier reading does not know what was sold since.
        left = listed if reign.listed_at == reign.tried_at else min(listed, left)
    return Resting(order=order, remaining=left) if left > 0 else None


def _waits_alive(reign: Reign, order: Order) -> bool:
    row = reign.row_of(order.broker_order_id) if order.state is OrderState.NEEDS_OPERATOR else None
    return row is not None and row.status.lower() in LIVES


def _rest(reign: Reign, orders: Sequence[Order], sells: Sequence[Resting]) -> Decimal:
    """What entries of the same brackets may still buy (I-53)."""
    by_order: Mapping[str, Order] = {o.order: o for o in orders if o.role is Role.ENTRY}
    parents = {one.order.parent for one in sells} & by_order.keys()
    entries = [by_order[parent] for parent in parents if parent is not None]
    return sum((_may_still_buy(reign, entry) for entry in entries), ZERO)


def _may_still_buy(reign: Reign, entry: Order) -> Decimal:
    """Of an entry that waits for a person what the last list says: its children are there, so it was."""
    if entry.state is not OrderState.NEEDS_OPERATOR:
        return entry.ticket.quantity - entry.filled
    row = reign.row_of(entry.broker_order_id)
    return row.remaining if row is not None and row.status.lower() in LIVES else ZERO
