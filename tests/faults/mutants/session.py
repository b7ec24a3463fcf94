"""Mutants of the session."""

from __future__ import annotations

import pytest

from glassdesk.adapters.ibkr.calls import Answer
from glassdesk.adapters.ibkr.conversation import Conversation
from glassdesk.workflow.dealing.session_part import SessionPart
from glassdesk.workflow.orders.model import Outcome, OutcomeKind
from glassdesk.workflow.session.model import SessionState, SessionStatus
from tests.faults.mutants.mutant import Mutant


def _fights(patch: pytest.MonkeyPatch) -> None:
    whole = SessionPart._mended

    def mended(self: SessionPart, before: SessionStatus | None, seen: SessionStatus) -> SessionStatus:
        if seen.state is SessionState.COMPETING:
            return self._initialised(before, seen.seen_at, compete=True)
        return whole(self, before, seen)

    patch.setattr(SessionPart, "_mended", mended)


def _401_for_not_sent(patch: pytest.MonkeyPatch) -> None:
    whole = Conversation._refused

    def refused(self: Conversation, text: str, answer: Answer, *, first: bool) -> Outcome:
        if answer.status == 401:
            return Outcome(kind=OutcomeKind.NOT_SENT, text=text)
        return whole(self, text, answer, first=first)

    patch.setattr(Conversation, "_refused", refused)


def _sends_into_the_reset(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(SessionPart, "frozen", lambda self, reign: False)


MUTANTS = (
    Mutant(number=5, about="the username is taken back whoever has it", undo=_fights),
    Mutant(number=7, about="a 401 is taken for a proof that nothing arrived", undo=_401_for_not_sent),
    Mutant(number=9, about="new orders are sent into the reset", undo=_sends_into_the_reset),
)
