"""Runs: one decision each, claimed with a fence, and the committed output of every step."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    Table,
    UniqueConstraint,
    and_,
    func,
    literal,
    or_,
    select,
    update,
)

from glassdesk.adapters.database import rows
from glassdesk.adapters.database.schema import append_only, keep_columns, metadata
from glassdesk.adapters.database.transactions import Unit, unit
from glassdesk.adapters.database.types import Instant, Word, Words
from glassdesk.kernel.errors import Conflict, LeaseLost
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.runs.model import Run, RunKind, RunState, StepRow
from glassdesk.workflow.runs.ports import RunStore

runs = Table(
    "runs",
    metadata,
    Column("run", Words, primary_key=True),
    Column("kind", Word(RunKind), nullable=False),
    Column("strategy", Words, nullable=False),
    Column("version", Integer, nullable=False),
    Column("slot", Instant, nullable=False),
    Column("slot_strategy", Words),
    Column("conid", BigInteger, nullable=False),
    Column("symbol", Words, nullable=False),
    Column("account", Words, nullable=False),
    Column("state", Word(RunState), nullable=False),
    Column("reason", Words, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("claimed_at", Instant),
    Column("ended_at", Instant),
    Column("lease_owner", Words),
    Column("lease_until", Instant),
    Column("fence", BigInteger, nullable=False),
    Column("losses", Integer, nullable=False),
    # a scheduled run belongs to its slot; a manual one has none, and `slot_strategy` is empty
    ForeignKeyConstraint(
        ["slot_strategy", "slot"],
        ["slots.strategy", "slots.instant"],
        deferrable=True,
        initially="DEFERRED",
    ),
    Index("ix_runs_ended", "ended_at"),
    Index("ix_runs_slot", "slot"),
    Index("ix_runs_state", "state"),
    Index("ix_runs_strategy", "strategy", "slot"),
)
keep_columns(runs, ("run", "kind", "strategy", "version", "slot", "slot_strategy", "conid", "account"))

run_steps = append_only(
    Table(
        "run_steps",
        metadata,
        Column("run", Words, ForeignKey("runs.run"), primary_key=True),
        Column("name", Words, primary_key=True),
        Column("number", Integer, nullable=False),
        Column("output", Words, nullable=False),
        Column("output_sha256", Words, nullable=False),
        Column(
            "node", Words, ForeignKey("nodes.node", deferrable=True, initially="DEFERRED"), nullable=False
        ),
        Column("committed_at", Instant, nullable=False),
        Column("machine_ms", Integer, nullable=False),
        UniqueConstraint("run", "number"),
    )
)

_FINAL = [state for state in RunState if state.final]
_RUN = rows.select_value(runs, Run)
_NEWEST = (runs.c.slot.desc(), runs.c.strategy, runs.c.conid)


def void_claims(work: Unit, now: datetime) -> int:
    """End every claim: the fence moves on, so that a claimant who still lives is refused."""
    claimed = and_(runs.c.state == RunState.RUNNING, runs.c.lease_owner.is_not(None))
    ended = {"lease_owner": None, "lease_until": now, "fence": runs.c.fence + 1}
    return work.execute(update(runs).where(claimed).values(ended)).rowcount


def _claimed(run: Run) -> ColumnElement[bool]:
    owner = runs.c.lease_owner.is_not_distinct_from(run.lease_owner)
    return and_(runs.c.run == run.run, runs.c.fence == run.fence, owner, runs.c.state == run.state)


def _lost(run: Run) -> LeaseLost:
    return LeaseLost(f"run {run.run} is no longer held with fence {run.fence}", remedy="stop at once")


class DatabaseRunStore(RunStore):
    """Runs and steps, as rows."""

    def add(self, t: Transaction, run: Run) -> bool:
        slot_strategy = run.strategy if run.kind is RunKind.SCHEDULED else None
        return rows.insert_new(unit(t), runs, {**rows.fields_of(run), "slot_strategy": slot_strategy})

    def run(self, t: Transaction, run: str) -> Run | None:
        return rows.optional(Run, unit(t).execute(_RUN.where(runs.c.run == run)).first())

    def by_prefix(self, t: Transaction, prefix: str) -> Sequence[Run]:
        if len(prefix) < 8:
            return []
        statement = _RUN.where(rows.starts_with(runs.c.run, prefix)).order_by(runs.c.run)
        return rows.values(Run, unit(t).execute(statement))

    def claim(self, t: Transaction, run: str, owner: str, *, now: datetime, ttl: timedelta) -> Run | None:
        ended = or_(runs.c.lease_owner.is_(None), runs.c.lease_until <= now)
        lost = and_(runs.c.state == RunState.RUNNING, ended)
        taken = {
            "state": RunState.RUNNING,
            "claimed_at": func.coalesce(runs.c.claimed_at, literal(now, Instant())),
            "lease_owner": owner,
            "lease_until": now + ttl,
            "fence": runs.c.fence + 1,
        }
        work, mine = unit(t), runs.c.run == run
        change = update(runs).where(mine, lost).values({**taken, "losses": runs.c.losses + 1})
        if work.execute(change).rowcount == 0:
            change = update(runs).where(mine, runs.c.state == RunState.DUE).values(taken)
            if work.execute(change).rowcount == 0:
                return None
        return self.run(t, run)

    def renew(self, t: Transaction, run: Run, *, until: datetime) -> Run:
        return self._change(t, run, replace(run, lease_until=until))

    def set_state(self, t: Transaction, run: Run, state: RunState, reason: str, *, at: datetime) -> Run:
        after = replace(run, state=state, reason=reason, ended_at=at if state.final else None)
        if state is not RunState.RUNNING:
            after = replace(after, lease_owner=None, lease_until=None)
        return self._change(t, run, after)

    def _change(self, t: Transaction, before: Run, after: Run) -> Run:
        names = ("state", "reason", "ended_at", "lease_owner", "lease_until")
        change = update(runs).where(_claimed(before)).values({name: getattr(after, name) for name in names})
        if unit(t).execute(change).rowcount == 0:
            raise _lost(before)
        return after

    def put_step(self, t: Transaction, run: Run, step: StepRow) -> None:
        work = unit(t)
        if work.execute(select(runs.c.run).where(_claimed(run))).first() is None:
            raise _lost(run)
        if not rows.insert_new(work, run_steps, rows.fields_of(step)):
            raise Conflict(f"run {step.run} has its step {step.name} already")

    def step(self, t: Transaction, run: str, name: str) -> StepRow | None:
        at = (run_steps.c.run == run, run_steps.c.name == name)
        statement = rows.select_value(run_steps, StepRow).where(*at)
        return rows.optional(StepRow, unit(t).execute(statement).first())

    def steps(self, t: Transaction, run: str) -> Sequence[StepRow]:
        statement = rows.select_value(run_steps, StepRow).where(run_steps.c.run == run)
        return rows.values(StepRow, unit(t).execute(statement.order_by(run_steps.c.number)))

    def batch(self, t: Transaction, strategy: str, slot: datetime) -> Sequence[Run]:
        of_slot = (runs.c.slot_strategy == strategy, runs.c.slot == slot)
        return rows.values(Run, unit(t).execute(_RUN.where(*of_slot).order_by(runs.c.conid)))

    def unfinished(self, t: Transaction) -> Sequence[Run]:
        oldest = _RUN.where(runs.c.state.not_in(_FINAL)).order_by(runs.c.slot, runs.c.strategy, runs.c.conid)
        return rows.values(Run, unit(t).execute(oldest))

    def failed_since(self, t: Transaction, since: datetime) -> Sequence[Run]:
        ended = and_(runs.c.ended_at >= since, runs.c.state.in_([RunState.FAILED, RunState.QUARANTINED]))
        return rows.values(Run, unit(t).execute(_RUN.where(ended).order_by(runs.c.ended_at, runs.c.run)))

    def next_run(self, t: Transaction, run: Run) -> Run | None:
        same = and_(runs.c.strategy == run.strategy, runs.c.conid == run.conid, runs.c.slot > run.slot)
        found = unit(t).execute(_RUN.where(same).order_by(runs.c.slot, runs.c.run).limit(1))
        return next(iter(rows.values(Run, found)), None)

    def runs(
        self,
        t: Transaction,
        *,
        strategy: str | None = None,
        conid: int | None = None,
        states: Collection[RunState] | None = None,
        before: datetime | None = None,
        limit: int = 100,
    ) -> Sequence[Run]:
        statement = _RUN.order_by(*_NEWEST)
        if strategy is not None:
            statement = statement.where(runs.c.strategy == strategy)
        if conid is not None:
            statement = statement.where(runs.c.conid == conid)
        if states is not None:
            statement = statement.where(runs.c.state.in_(list(states)))
        if before is not None:
            statement = statement.where(runs.c.slot < before)
        return rows.values(Run, unit(t).execute(statement.limit(limit)))
