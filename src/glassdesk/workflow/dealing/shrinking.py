"""Makes a resting sell smaller (`T-23`, `T-35`), also where the broker asks about it or says no."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from decimal import Decimal
from itertools import takewhile

from glassdesk.kernel.errors import Unavailable
from glassdesk.workflow.dealing.parts import Parts
from glassdesk.workflow.dealing.reign import Reign
from glassdesk.workflow.dealing.telling import Telling
from glassdesk.workflow.dealing.writes import Writes
from glassdesk.workflow.orders.bracket import repriced
from glassdesk.workflow.orders.model import Order, OutcomeKind, Role, SendRow

TRIES = 2
"""So often the broker may say no before another way is taken."""
AGAIN = timedelta(minutes=1)
"""A stop that stays too large is asked once more in so long."""
_NO = (OutcomeKind.REJECTED, OutcomeKind.DECLINED)


class Shrinking:
    """How the desk takes shares from stops, and from targets that no exit moves."""

    def __init__(self, parts: Parts, writes: Writes, telling: Telling) -> None:
        self._parts = parts
        self._writes = writes
        self._telling = telling

    def to(self, reign: Reign, order: Order, quantity: Decimal) -> None:
        """Ask for so many shares. After a no the market is looked at first: a target far from it is asked
        about, and what is answered hangs on the ask (`T-59`). After two, a target is cancelled; a stop
        protects on, a person is told, and it is asked once a minute."""
        with self._parts.transactions.read() as t:
            refused = _refused_in_a_row(self._parts.order_rows.sends(t, order.order))
        if len(refused) >= TRIES:
            self._otherwise(reign, order, quantity, refused[-1])
            return
        if refused:
            # Without a price the question is declined once more, and the next step is another way.
            with suppress(Unavailable):
                self._parts.market_data.quotes([order.conid])
        self._ask(reign, order, quantity)

    def _otherwise(self, reign: Reign, order: Order, quantity: Decimal, refused: SendRow) -> None:
        why = refused.outcome.text if refused.outcome is not None else ""
        if order.role is Role.TARGET:
            self._writes.cancel(reign, order, f"it cannot be made smaller: {why}")
            return
        with self._parts.transactions.begin() as t:
            self._telling.stays_large(t, order, quantity, why)
        again, now = refused.started_at + AGAIN, self._parts.now()
        if now >= again:
            self._ask(reign, order, quantity)
        reign.due.at(again if now < again else now + AGAIN)

    def _ask(self, reign: Reign, order: Order, quantity: Decimal) -> None:
        self._writes.modify(reign, order, repriced(order, price=order.ticket.price, quantity=quantity))


def _refused_in_a_row(sends: Sequence[SendRow]) -> list[SendRow]:
    """The last changes that were refused, oldest first."""
    last = takewhile(_was_refused, reversed(sends))
    return list(last)[::-1]


def _was_refused(send: SendRow) -> bool:
    return send.verb == "modify" and send.outcome is not None and send.outcome.kind in _NO
