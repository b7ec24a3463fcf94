"""Mutants of placing orders."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from glassdesk.adapters.ibkr.conversation import Conversation
from glassdesk.adapters.ibkr.questions import Asked, Question, confirmed
from glassdesk.workflow.dealing import writes
from glassdesk.workflow.dealing.parts import Parts
from glassdesk.workflow.dealing.remedy import Remedy
from glassdesk.workflow.orders.model import OrderState, Outcome, OutcomeKind
from tests.faults.mutants.mutant import Mutant


def _everything_is_confirmed(patch: pytest.MonkeyPatch) -> None:
    _policy(patch, lambda self, question, asked: True)


def _only_the_first_is_looked_at(patch: pytest.MonkeyPatch) -> None:
    judge = confirmed

    def first(self: Conversation, question: Question, asked: Asked) -> bool:
        return bool(self._answered) or judge(question, asked)

    _policy(patch, first)


def _policy(patch: pytest.MonkeyPatch, policy: Any) -> None:
    begin = Conversation.__init__

    def with_policy(self: Conversation, *words: Any, **named: Any) -> None:
        begin(self, *words, **named)
        self._policy = lambda question, asked: policy(self, question, asked)

    patch.setattr(Conversation, "__init__", with_policy)


def _an_expired_reply_was_not_sent(patch: pytest.MonkeyPatch) -> None:
    refused = Conversation._refused

    def untouched(self: Conversation, text: str, *words: Any, **named: Any) -> Outcome:
        found = refused(self, text, *words, **named)
        return replace(found, kind=OutcomeKind.NOT_SENT) if "not found" in text else found

    patch.setattr(Conversation, "_refused", untouched)


def _a_refusal_is_like_silence(patch: pytest.MonkeyPatch) -> None:
    refused = Conversation._refused

    def silent(self: Conversation, *words: Any, **named: Any) -> Outcome:
        return replace(refused(self, *words, **named), said_no=False)

    patch.setattr(Conversation, "_refused", silent)


def _no_remedy(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Remedy, "look", lambda *_: None)


def _a_duplicate_is_a_rejection(patch: pytest.MonkeyPatch) -> None:
    patch.setitem(writes._STATE_AFTER, OutcomeKind.EXISTS, OrderState.REJECTED)


def _the_broker_is_trusted(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Parts, "may_send_again", property(lambda _: True))


MUTANTS: tuple[Mutant, ...] = (
    Mutant(number=45, about="every question is confirmed", undo=_everything_is_confirmed),
    Mutant(number=46, about="only the first of a chain is looked at", undo=_only_the_first_is_looked_at),
    Mutant(number=48, about="an expired reply means: not taken", undo=_an_expired_reply_was_not_sent),
    Mutant(number=50, about="a refusal is tried again like silence", undo=_a_refusal_is_like_silence),
    Mutant(number=52, about="a stop that failed beside its parent is not replaced", undo=_no_remedy),
    Mutant(number=53, about="a known cOID is taken for a rejection", undo=_a_duplicate_is_a_rejection),
    Mutant(number=54, about="the broker is trusted to refuse a second order", undo=_the_broker_is_trusted),
)
