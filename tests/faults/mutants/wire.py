"""Mutants of pacing and transport."""

from __future__ import annotations

from datetime import datetime

import pytest

from glassdesk.adapters.ibkr.calls import Answer
from glassdesk.adapters.ibkr.conversation import Conversation
from glassdesk.adapters.ibkr.pacing import Pacing
from glassdesk.workflow.dealing.reign import Reign
from glassdesk.workflow.dealing.unknown import Unknown
from glassdesk.workflow.orders.model import OrderState, Outcome, OutcomeKind
from tests.faults.mutants.mutant import Mutant


def _hears_no_429(patch: pytest.MonkeyPatch) -> None:
    heard = Pacing.answered

    def deaf(self: Pacing, status: int | None, now: datetime) -> bool:
        return heard(self, 200 if status == 429 else status, now)

    patch.setattr(Pacing, "answered", deaf)


def _knocks_on(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Pacing, "boxed", lambda self, path, now: None)


def _sends_again(patch: pytest.MonkeyPatch) -> None:
    def again(self: Unknown, reign: Reign, *, complete: bool) -> None:
        parts = self._parts
        with parts.transactions.read() as t:
            orders = parts.order_rows.orders(t, states=[OrderState.UNKNOWN])
        for order in orders:
            parts.broker.orders.place([order.ticket])

    patch.setattr(Unknown, "resolve", again)


def _503_for_not_sent(patch: pytest.MonkeyPatch) -> None:
    whole = Conversation._refused

    def refused(self: Conversation, text: str, answer: Answer, *, first: bool) -> Outcome:
        if answer.status == 503:
            return Outcome(kind=OutcomeKind.NOT_SENT, text=text)
        return whole(self, text, answer, first=first)

    patch.setattr(Conversation, "_refused", refused)


MUTANTS = (
    Mutant(number=19, about="a 429 stops nothing", undo=_hears_no_429),
    Mutant(number=20, about="calls go on while the box is shut", undo=_knocks_on),
    Mutant(number=22, about="an order of unknown fate is sent again at once", undo=_sends_again),
    Mutant(number=23, about="a 503 is taken for a proof that nothing arrived", undo=_503_for_not_sent),
)
