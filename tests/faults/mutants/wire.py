"""Mutants of pacing and transport."""

from __future__ import annotations

import pytest

from glassdesk.workflow.dealing.unknown import Unknown
from glassdesk.workflow.orders.model import OrderState
from tests.faults.mutants.mutant import Mutant


def _resend(patch: pytest.MonkeyPatch) -> None:
    def send_again(self: Unknown, reign: object, *, complete: bool) -> None:
        parts = self._parts
        with parts.transactions.begin() as t:
            for order in parts.order_rows.orders(t, states=[OrderState.UNKNOWN]):
                self._parts.broker.orders.place([order.ticket])

    patch.setattr(Unknown, "resolve", send_again)


MUTANTS = (Mutant(number=22, about="an order of unknown fate is sent again at once", undo=_resend),)

TO_COME: frozenset[int] = frozenset({19, 20, 23})
"""Faults with a star that have no mutant yet; shrinks to none."""
