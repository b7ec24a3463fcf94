"""The writable broker: only `orders` and `dealing` may import this module (an import contract checks it)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from glassdesk.workflow.orders.model import Outcome, Ticket


class BrokerOrders(Protocol):
    """Writes to the broker. Each call makes exactly one attempt and never raises for a broker's fault:
    the outcome says what is known."""

    def place(self, tickets: Sequence[Ticket]) -> Outcome:
        """Send one order, or a bracket (parent first), as one exclusive call with its questions (`T-59`)."""
        ...

    def modify(self, broker_order_id: str, ticket: Ticket) -> Outcome:
        """Replace price or quantity of a working order; `ticket` repeats every field [§5.4]."""
        ...

    def cancel(self, account: str, broker_order_id: str) -> Outcome:
        """Ask for a cancel; ACCEPTED means the request was submitted, not that the order ended [F-59]."""
        ...
