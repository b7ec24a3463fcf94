"""Verbs of the evaluation step: what became of a signal, and a person's word on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from glassdesk.kernel.clock import Clock
from glassdesk.kernel.errors import InvalidInput, NotFound
from glassdesk.kernel.ids import short
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.evaluation.counting import in_force
from glassdesk.workflow.evaluation.model import Ending, Outcome, Subject
from glassdesk.workflow.evaluation.ports import EvaluationStore
from glassdesk.workflow.lineage.audit import Audit


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """What a person says became of a signal (R-48)."""

    ending: Ending
    reason: str
    r: Decimal | None = None
    exit: Decimal | None = None
    ended_on: date | None = None
    pnl: Decimal | None = None


class Scoreboard:
    """Outcomes and what they say together."""

    def __init__(self, store: EvaluationStore, audit: Audit, clock: Clock) -> None:
        self._store = store
        self._audit = audit
        self._clock = clock

    def subject(self, t: Transaction, run: str) -> Subject | None:
        """The signal of a run as it is counted; `None` before the first pass that sees it."""
        return self._store.subject(t, run)

    def outcomes(self, t: Transaction, run: str) -> Sequence[Outcome]:
        """Every revision, oldest first."""
        return self._store.outcomes(t, run)

    def outcome(self, t: Transaction, run: str) -> Outcome | None:
        """The one that counts."""
        return in_force(self._store.outcomes(t, run))

    def say(self, t: Transaction, run: str, word: Word, actor: str) -> Outcome:
        """A person sets, cancels or takes back; the desk's own outcome stays beside it. Raises `NotFound` or
        `InvalidInput`."""
        _require_said(word)
        if self._store.subject(t, run) is None:
            raise NotFound(
                f"run {short(run)} has no signal that is counted",
                where="run",
                remedy="scoreboard label takes new signals up",
            )
        before = self._store.outcomes(t, run)
        outcome = Outcome(
            run=run,
            revision=len(before) + 1,
            ending=word.ending,
            r=word.r,
            exit=word.exit,
            ended_on=word.ended_on,
            pnl=word.pnl,
            said_by=actor,
            at=self._clock.now(),
            reason=word.reason.strip(),
        )
        self._store.add_outcome(t, outcome)
        self._audit.append(
            t,
            actor,
            f"outcome.{word.ending}",
            f"run:{run}",
            {"reason": outcome.reason},
            before=in_force(before),
            after=outcome,
        )
        return outcome


def _require_said(word: Word) -> None:
    if not word.reason.strip():
        raise InvalidInput("a reason is missing", where="reason", remedy="say why: it is kept for good")
    if word.ending is Ending.SET and word.r is None:
        raise InvalidInput("an R is missing", where="r", remedy="1.5 for a win of one and a half risks, -1")
    if word.ending is not Ending.SET and (word.r, word.exit, word.ended_on, word.pnl) != (None,) * 4:
        raise InvalidInput("only an outcome that is set has numbers", where="r", remedy="leave them out")
    numbers = {"r": word.r, "exit": word.exit, "pnl": word.pnl}
    for where, number in numbers.items():
        if number is not None and not number.is_finite():
            raise InvalidInput(f"{number} is no number", where=where)
    if word.exit is not None and word.exit <= 0:
        raise InvalidInput(f"{word.exit} is no price", where="exit")
