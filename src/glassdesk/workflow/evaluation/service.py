"""Verbs of the evaluation step: what became of signals, what that says together, a person's word on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from decimal import Decimal

from glassdesk.kernel.clock import Clock
from glassdesk.kernel.errors import InvalidInput, NotFound
from glassdesk.kernel.ids import short
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.evaluation import board
from glassdesk.workflow.evaluation.board import Compared, Performance, Row, Sheet
from glassdesk.workflow.evaluation.calibration import Calibration, calibrate, throws
from glassdesk.workflow.evaluation.counting import in_force
from glassdesk.workflow.evaluation.model import Cell, Ending, Known, Outcome, Subject, Wanted
from glassdesk.workflow.evaluation.ports import EvaluationStore
from glassdesk.workflow.evaluation.scored import Scored, traded_by_run
from glassdesk.workflow.evaluation.scores import Figures, figures
from glassdesk.workflow.lineage.audit import Audit
from glassdesk.workflow.portfolio.service import Portfolio
from glassdesk.workflow.positions.service import Positions
from glassdesk.workflow.prompts.model import Search
from glassdesk.workflow.prompts.service import Prompts

_KNOWN = tuple(field.name for field in fields(Known))


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """What a person says became of a signal (R-48)."""

    ending: Ending
    reason: str
    r: Decimal | None = None
    exit: Decimal | None = None
    ended_on: date | None = None
    pnl: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One signal on the scoreboard."""

    subject: Subject
    outcomes: tuple[Outcome, ...]
    """Every revision, oldest first."""
    outcome: Outcome | None
    """The one that counts."""
    scored: Scored


class Scoreboard:
    """Outcomes and what they say together. Every number is computed from the raw rows when it is asked
    for."""

    def __init__(
        self,
        store: EvaluationStore,
        portfolio: Portfolio,
        positions: Positions,
        prompts: Prompts,
        audit: Audit,
        clock: Clock,
        account: str,
    ) -> None:
        self._store = store
        self._portfolio = portfolio
        self._positions = positions
        self._prompts = prompts
        self._audit = audit
        self._clock = clock
        self._account = account

    def told(self, t: Transaction, run: str) -> Told | None:
        """The signal of a run as it is counted; `None` before the first pass that sees it."""
        subject, found = self._store.subject(t, run), tuple(self._store.outcomes(t, run))
        if subject is None:
            return None
        [scored] = self._scored(t, self._store.known(t, Wanted(run=run)), {run: found})
        return Told(subject=subject, outcomes=found, outcome=in_force(found), scored=scored)

    def signals(self, t: Transaction, wanted: Wanted) -> list[Scored]:
        """With what is known of them today, newest slot first (R-49). Raises `InvalidInput`."""
        _require_dates(wanted)
        revisions: dict[str, list[Outcome]] = {}
        for one in self._store.revisions(t, wanted):
            revisions.setdefault(one.run, []).append(one)
        return self._scored(t, self._of_kind(t, wanted), revisions)

    def _of_kind(self, t: Transaction, wanted: Wanted) -> Sequence[Known]:
        found = self._store.known(t, wanted)
        if not wanted.kind:
            return found
        names = {card.prompt.name for card in self._prompts.find(t, Search(kind=wanted.kind))}
        names |= {card.prompt.name for card in self._prompts.find(t, Search(kind=wanted.kind, archived=True))}
        return [one for one in found if one.prompt in names]

    def _scored(
        self, t: Transaction, known: Sequence[Known], revisions: Mapping[str, Sequence[Outcome]]
    ) -> list[Scored]:
        fills = self._positions.fills(t, self._account)
        traded = traded_by_run(fills, self._portfolio.trades(t, self._account))
        return [
            Scored(
                **{name: getattr(one, name) for name in _KNOWN},
                outcome=in_force(revisions.get(one.run, ())),
                traded=traded.get(one.run),
            )
            for one in known
        ]

    def rows(self, t: Transaction, wanted: Wanted) -> list[Row]:
        """One for each prompt version, analyst and strategy."""
        return board.rows(self.signals(t, wanted))

    def cells(self, t: Transaction) -> Sequence[Cell]:
        """What can be asked for."""
        return self._store.cells(t)

    def sheet(self, t: Transaction, wanted: Wanted) -> Sheet:
        """Everything about one prompt, from one reading."""
        return board.sheet(self.signals(t, Wanted(since=wanted.since, until=wanted.until)), wanted)

    def performance(self, t: Transaction, wanted: Wanted) -> Performance:
        """Rows, totals and days of a selection, beside every prompt's purchases in the same time (R-44)."""
        everyone = self.signals(t, Wanted(since=wanted.since, until=wanted.until))
        return board.performance(self.signals(t, wanted), everyone)

    def leaderboard(self, t: Transaction, wanted: Wanted, metric: str, limit: int) -> list[Row]:
        """Rows, best first (R-46). Raises `InvalidInput`."""
        return board.leaderboard(self.signals(t, wanted), metric, limit)

    def compare(self, t: Transaction, names: Sequence[str], wanted: Wanted) -> list[Compared]:
        """Two to ten prompts, `NAME` or `NAME@2`, beside the first (R-45). Raises `InvalidInput`."""
        groups = {}
        for each in dict.fromkeys(names):
            name, version = board.named(each)
            groups[each] = self.signals(t, replace(wanted, prompt=name, version=version))
        return board.compare(groups)

    def calibration(self, t: Transaction, wanted: Wanted) -> Calibration:
        """What the confidences of a selection were worth so far."""
        return calibrate(throws(self.signals(t, wanted)))

    def probability(self, t: Transaction, run: str, said: float | None) -> str:
        """A signal's confidence as it may be used: by the track record of its prompt version and its model;
        empty where none was stated."""
        subject = self._store.subject(t, run)
        if said is None or subject is None:
            return "" if said is None else calibrate(()).words(said)
        mine = Wanted(
            prompt=subject.prompt,
            version=subject.prompt_version,
            analyst=f"{subject.engine}:{subject.model}",
        )
        return self.calibration(t, mine).words(said)

    def used(self, t: Transaction, prompt: str, version: int) -> int:
        """How many signals a prompt version has made (R-73)."""
        return len(self._store.known(t, Wanted(prompt=prompt, version=version)))

    def by_prompt(self, t: Transaction) -> dict[str, Figures]:
        """Every prompt as a list of prompts shows it, all versions together (R-61)."""
        groups: dict[str, list[Scored]] = {}
        for one in self.signals(t, Wanted()):
            groups.setdefault(one.prompt, []).append(one)
        return {name: figures(group) for name, group in groups.items()}

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


def _require_dates(wanted: Wanted) -> None:
    if wanted.since is not None and wanted.until is not None and wanted.until < wanted.since:
        raise InvalidInput(f"{wanted.until} is before {wanted.since}", where="until")


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
