"""Mutants of orders that were accepted."""

from __future__ import annotations

from dataclasses import replace

import pytest

from glassdesk.workflow.dealing.protect import Protect
from glassdesk.workflow.dealing.reign import Reign
from glassdesk.workflow.dealing.shares import Shares
from glassdesk.workflow.dealing.watch import Watch
from glassdesk.workflow.dealing.writes import Writes
from glassdesk.workflow.orders.model import Order, OrderState, Outcome, OutcomeKind
from glassdesk.workflow.portfolio.service import Portfolio
from tests.faults.mutants.mutant import Mutant, Undo


def _without(owner: type, name: str) -> Undo:
    def undo(patch: pytest.MonkeyPatch) -> None:
        patch.setattr(owner, name, lambda *_, **__: None)

    return undo


def _a_submitted_cancel_is_the_end(patch: pytest.MonkeyPatch) -> None:
    cancel = Writes.cancel

    def ended(self: Writes, reign: Reign, order: Order, why: str) -> Outcome:
        outcome = cancel(self, reign, order, why)
        with self._parts.transactions.begin() as t:
            stored = self._parts.order_rows.order(t, order.order)
            if stored is not None and outcome.kind is OutcomeKind.ACCEPTED:
                after = replace(stored, state=OrderState.CANCELLED)
                self._parts.orders.move(t, stored, after, lease=reign.lease)
        return outcome

    patch.setattr(Writes, "cancel", ended)


def _nothing_is_withheld(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Portfolio, "_withheld", lambda *_: frozenset())


def _nothing_shrinks(patch: pytest.MonkeyPatch) -> None:
    """Two layers shrink children: what was filled (`T-23`), and what the broker holds (`T-35`)."""
    _without(Protect, "_fit")(patch)
    _without(Shares, "keep")(patch)


MUTANTS = (
    Mutant(number=55, about="a stuck order is waited for without end", undo=_without(Watch, "_stuck")),
    Mutant(number=56, about="an inactive order is taken for over", undo=_without(Watch, "_end_inactive")),
    Mutant(number=57, about="the answer alone makes an order alive", undo=_without(Watch, "_unseen")),
    Mutant(number=58, about="children keep the size that was ordered", undo=_nothing_shrinks),
    Mutant(number=59, about="a cancel that was submitted is the end", undo=_a_submitted_cancel_is_the_end),
    Mutant(number=61, about="the next entry goes out all the same", undo=_nothing_is_withheld),
)
