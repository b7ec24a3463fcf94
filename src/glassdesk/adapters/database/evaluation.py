"""What the scoreboard counts: signals as subjects, and what became of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from datetime import UTC, datetime, time, timedelta

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Date,
    Float,
    ForeignKey,
    Index,
    Integer,
    Select,
    Table,
    and_,
    or_,
    select,
)

from glassdesk.adapters.database import rows
from glassdesk.adapters.database.runs import runs
from glassdesk.adapters.database.schema import append_only, metadata
from glassdesk.adapters.database.signals import signals
from glassdesk.adapters.database.transactions import unit
from glassdesk.adapters.database.types import Exact, Instant, Json, Money, Word, Words
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.evaluation.model import DESK, Barriers, Cell, Ending, Known, Outcome, Subject, Wanted
from glassdesk.workflow.evaluation.ports import EvaluationStore
from glassdesk.workflow.market_data.model import BarSize
from glassdesk.workflow.runs.model import KEPT_BACK, RunState
from glassdesk.workflow.signals.model import Action

subjects = append_only(
    Table(
        "subjects",
        metadata,
        Column("run", Words, ForeignKey("runs.run"), primary_key=True),
        Column("strategy", Words, nullable=False),
        Column("strategy_version", Integer, nullable=False),
        Column("conid", BigInteger, nullable=False),
        Column("symbol", Words, nullable=False),
        Column("slot", Instant, nullable=False),
        Column("action", Word(Action), nullable=False),
        Column("prompt", Words, nullable=False),
        Column("prompt_version", Integer, nullable=False),
        Column("prompt_sha256", Words, nullable=False),
        Column("language", Words, nullable=False),
        Column("engine", Words, nullable=False),
        Column("model", Words, nullable=False),
        Column("confidence", Float),
        Column("cost", Money),
        Column("rules", Word(Action), nullable=False),
        Column("coin", Boolean, nullable=False),
        Column("size", Word(BarSize), nullable=False),
        Column("decided_bar", Instant, nullable=False),
        Column("known_bar", Instant, nullable=False),
        Column("known_close", Exact, nullable=False),
        Column("barriers", Json(Barriers), nullable=False),
        Index("ix_subjects_slot", "slot"),
        Index("ix_subjects_prompt", "prompt", "slot"),
    )
)

outcomes = append_only(
    Table(
        "outcomes",
        metadata,
        Column("run", Words, ForeignKey("subjects.run"), primary_key=True),
        Column("revision", Integer, primary_key=True, autoincrement=False),
        Column("ending", Word(Ending), nullable=False),
        Column("r", Exact),
        Column("fill", Exact),
        Column("exit", Exact),
        Column("bars", Integer, nullable=False),
        Column("ambiguous", Boolean, nullable=False),
        Column("ended_on", Date),
        Column("factor", Exact, nullable=False),
        Column("pnl", Money),
        Column("said_by", Words, nullable=False),
        Column("at", Instant, nullable=False),
        Column("reason", Words, nullable=False),
    )
)

_SUBJECT = rows.select_value(subjects, Subject)
_OUTCOME = rows.select_value(outcomes, Outcome)
_KNOWN = select(
    *((runs if name in ("state", "reason") else subjects).c[name] for name in (f.name for f in fields(Known)))
).join_from(subjects, runs, runs.c.run == subjects.c.run)
_COMPUTED = select(outcomes.c.run).where(outcomes.c.said_by == DESK)


class DatabaseEvaluationStore(EvaluationStore):
    """Subjects and outcomes, as rows."""

    def unseen(self, t: Transaction, after: str, limit: int) -> Sequence[str]:
        signalled = select(signals.c.run).where(signals.c.run == runs.c.run).exists()
        kept_back = and_(runs.c.state == RunState.NO_TRADE, rows.starts_with(runs.c.reason, KEPT_BACK))
        taken = select(subjects.c.run).where(subjects.c.run == runs.c.run).exists()
        wanted = select(runs.c.run).where(or_(signalled, kept_back), ~taken, runs.c.run > after)
        return unit(t).execute(wanted.order_by(runs.c.run).limit(limit)).scalars().all()

    def add_subject(self, t: Transaction, subject: Subject) -> bool:
        return rows.insert_new(unit(t), subjects, rows.fields_of(subject))

    def subject(self, t: Transaction, run: str) -> Subject | None:
        return rows.optional(Subject, unit(t).execute(_SUBJECT.where(subjects.c.run == run)).first())

    def open(self, t: Transaction, after: str, limit: int) -> Sequence[Subject]:
        return self._subjects(t, _SUBJECT.where(subjects.c.run.not_in(_COMPUTED)), after, limit)

    def closed(self, t: Transaction, after: str, limit: int) -> Sequence[Subject]:
        return self._subjects(t, _SUBJECT.where(subjects.c.run.in_(_COMPUTED)), after, limit)

    def _subjects(
        self, t: Transaction, wanted: Select[tuple[object]], after: str, limit: int
    ) -> Sequence[Subject]:
        page = wanted.where(subjects.c.run > after).order_by(subjects.c.run).limit(limit)
        return rows.values(Subject, unit(t).execute(page))

    def add_outcome(self, t: Transaction, outcome: Outcome) -> bool:
        return rows.insert_new(unit(t), outcomes, rows.fields_of(outcome))

    def outcomes(self, t: Transaction, run: str) -> Sequence[Outcome]:
        found = unit(t).execute(_OUTCOME.where(outcomes.c.run == run).order_by(outcomes.c.revision))
        return rows.values(Outcome, found)

    def known(self, t: Transaction, wanted: Wanted) -> Sequence[Known]:
        newest = _KNOWN.where(*_asked(wanted)).order_by(subjects.c.slot.desc(), subjects.c.run)
        return rows.values(Known, unit(t).execute(newest))

    def revisions(self, t: Transaction, wanted: Wanted) -> Sequence[Outcome]:
        mine = _OUTCOME.join(subjects, subjects.c.run == outcomes.c.run).where(*_asked(wanted))
        return rows.values(Outcome, unit(t).execute(mine.order_by(outcomes.c.run, outcomes.c.revision)))

    def cells(self, t: Transaction) -> Sequence[Cell]:
        found = unit(t).execute(rows.select_value(subjects, Cell).distinct())
        return sorted(rows.values(Cell, found), key=lambda one: (one.prompt, one.prompt_version))


def _asked(wanted: Wanted) -> list[ColumnElement[bool]]:
    """The conditions that a selection puts on subjects; what is empty puts none."""
    c, engine, model = subjects.c, *wanted.analyst.partition(":")[::2]
    equal = {
        c.run: wanted.run,
        c.prompt: wanted.prompt,
        c.prompt_version: wanted.version,
        c.strategy: wanted.strategy,
        c.language: wanted.language,
        c.engine: engine,
        c.model: model,
    }
    found = [column == value for column, value in equal.items() if value not in ("", None)]
    if wanted.since is not None:
        found.append(c.slot >= datetime.combine(wanted.since, time(), UTC))
    if wanted.until is not None:
        found.append(c.slot < datetime.combine(wanted.until + timedelta(days=1), time(), UTC))
    return found
