"""Verbs of the signals step: judge an answer, and look signals up."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from glassdesk.kernel.errors import InvalidInput
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.signals.answers import parse
from glassdesk.workflow.signals.case import HALVE, Case
from glassdesk.workflow.signals.levels import r_multiple
from glassdesk.workflow.signals.model import (
    Action,
    Answer,
    Check,
    Question,
    RawAnswer,
    Signal,
    SignalRow,
    View,
)
from glassdesk.workflow.signals.ports import SignalStore
from glassdesk.workflow.signals.validation import case_of, check, outcome
from glassdesk.workflow.signals.wording import clean

LOOKS_BACK = 1_000

_REASON_CHARACTERS = 240


class Signals:
    """An analyst's answer becomes a signal or no signal; signals are kept."""

    def __init__(self, store: SignalStore) -> None:
        self._store = store

    def judge(self, raw: RawAnswer, question: Question) -> Signal:
        """The signal in an answer. Pure; never raises for what an analyst wrote: that is ABSTAIN."""
        return judge(raw, question)

    def add(self, t: Transaction, row: SignalRow) -> None:
        """Keep the signal of a run; one per run."""
        self._store.add(t, row)

    def of_run(self, t: Transaction, run: str) -> SignalRow | None:
        """The signal of a run."""
        return self._store.of_run(t, run)

    def recent(
        self,
        t: Transaction,
        *,
        strategy: str | None = None,
        conid: int | None = None,
        before: datetime | None = None,
        limit: int = 100,
    ) -> Sequence[SignalRow]:
        """Newest slot first."""
        return self._store.recent(t, strategy=strategy, conid=conid, before=before, limit=limit)

    def latest(self, t: Transaction, *, strategy: str | None = None) -> Sequence[SignalRow]:
        """The newest signal of each strategy and contract, among the last thousand."""
        newest: dict[tuple[str, int], SignalRow] = {}
        for row in self._store.recent(t, strategy=strategy, limit=LOOKS_BACK):
            newest.setdefault((row.strategy, row.conid), row)
        return list(newest.values())


def judge(raw: RawAnswer, question: Question) -> Signal:
    """The signal in an answer: no text, no answer or a failed rule never end in BUY or SELL."""
    if raw.failure or not raw.text:
        return _nothing(raw, question, f"no answer: {raw.failure or 'it is empty'}")
    try:
        answer = parse(raw.text)
    except InvalidInput as failure:
        return _nothing(raw, question, f"unusable answer: {failure}")
    case = case_of(answer, question.facts, question.policy)
    checks = check(case)
    action, stopped_by = outcome(answer.action, checks)
    return _signal(raw, question, case, checks, action, _reason(case, action, stopped_by))


def _nothing(raw: RawAnswer, question: Question, reason: str) -> Signal:
    facts = question.facts
    return Signal(
        run=question.run,
        symbol=facts.symbol,
        action=Action.ABSTAIN,
        reason=clean(reason, _REASON_CHARACTERS),
        last_bar=facts.last_bar,
        last_close=facts.last_close,
        atr=facts.atr,
        entry_high=None,
        stop=None,
        target=None,
        confidence=None,
        r_multiple=None,
        score=None,
        rationale="",
        engine=raw.engine,
        model=raw.model,
        checks=(),
        data=facts.data,
    )


def _signal(
    raw: RawAnswer, question: Question, case: Case, checks: tuple[Check, ...], action: Action, reason: str
) -> Signal:
    facts, buys = case.facts, action is Action.BUY
    return Signal(
        run=question.run,
        symbol=facts.symbol,
        action=action,
        reason=reason,
        last_bar=facts.last_bar,
        last_close=facts.last_close,
        atr=facts.atr,
        entry_high=case.levels.entry_high if buys else None,
        stop=case.levels.stop if buys else None,
        target=case.levels.target_1 if buys else None,
        confidence=_probability(case.answer),
        r_multiple=r_multiple(case.levels) if buys else None,
        score=_score(case, action),
        rationale=clean(case.answer.rationale),
        engine=raw.engine,
        model=raw.model,
        checks=checks,
        data=facts.data,
        half=buys and any(one.effect == HALVE for one in checks),
    )


def _probability(answer: Answer) -> float | None:
    confidence = answer.confidence
    return confidence if confidence is not None and 0 <= confidence <= 1 else None


def _score(case: Case, action: Action) -> Decimal | None:
    """Share of the four checks, recomputed, that speak for the trade: not a confidence (X-11)."""
    views = {Action.BUY: View.BULL, Action.SELL: View.BEAR}
    return Decimal(case.facts.confirmations.count(views[action])) / 4 if action in views else None


def _reason(case: Case, action: Action, stopped_by: Check | None) -> str:
    if stopped_by is not None:
        said = f"{case.answer.action}: " if case.trades else ""
        return clean(f"{said}{stopped_by.rule} {stopped_by.detail}", _REASON_CHARACTERS)
    if action is Action.ABSTAIN and case.answer.data_issues:
        return clean(f"the analyst abstains: {'; '.join(case.answer.data_issues)}", _REASON_CHARACTERS)
    return clean(case.answer.rationale or "no reason given", _REASON_CHARACTERS)
