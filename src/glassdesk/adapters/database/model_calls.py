"""Calls of models: one row before a call is sent, one when it has ended, for ever."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from sqlalchemy import Column, ForeignKey, Index, Integer, Table, case, func, select, type_coerce

from glassdesk.adapters.database import rows
from glassdesk.adapters.database.schema import append_only, metadata
from glassdesk.adapters.database.transactions import Unit, unit
from glassdesk.adapters.database.types import Instant, Json, Money, Words
from glassdesk.kernel.errors import Conflict
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.signals.calls import CallOutcome, CallRecord, Capability, End, ModelCall, Spent
from glassdesk.workflow.signals.ports import CallStore

model_calls = append_only(
    Table(
        "model_calls",
        metadata,
        Column("call", Words, primary_key=True),
        Column("run", Words, nullable=False),
        Column("number", Integer, nullable=False),
        Column("strategy", Words, nullable=False),
        Column("endpoint", Words, nullable=False),
        Column("at", Instant, nullable=False),
        Column("reserved", Money, nullable=False),
        Column("body", Json(ModelCall), nullable=False),
        Index("ix_model_calls_run", "run", "number"),
        Index("ix_model_calls_at", "at"),
        Index("ix_model_calls_endpoint", "endpoint", "at"),
    )
)

model_outcomes = append_only(
    Table(
        "model_outcomes",
        metadata,
        Column("call", Words, ForeignKey("model_calls.call"), primary_key=True),
        Column("endpoint", Words, nullable=False),
        Column("at", Instant, nullable=False),
        Column("cost", Money, nullable=True),
        Column("body", Json(CallOutcome), nullable=False),
        Index("ix_model_outcomes_endpoint", "endpoint", "at"),
    )
)

model_capabilities = append_only(
    Table(
        "model_capabilities",
        metadata,
        Column("endpoint", Words, primary_key=True),
        Column("number", Integer, primary_key=True),
        Column("at", Instant, nullable=False),
        Column("body", Json(Capability), nullable=False),
    )
)

_BOTH = model_calls.outerjoin(model_outcomes, model_calls.c.call == model_outcomes.c.call)
_RECORD = select(model_calls.c.body, model_outcomes.c.body.label("outcome")).select_from(_BOTH)

# Canonical JSON: inside a text these quotes would be escaped. Fifty whole outcomes took 20 ms to decode.
_WELL = type_coerce(model_outcomes.c.body, Words).contains('"failure":""').label("well")

_RESULT = case((model_outcomes.c.call.is_(None), "open"), (_WELL, "ok"), else_="failed").label("result")
_COST = func.sum(func.coalesce(model_outcomes.c.cost, model_calls.c.reserved), type_=Money)
_USE = (
    select(model_calls.c.endpoint, _RESULT, func.count().label("calls"), _COST.label("cost"))
    .select_from(_BOTH)
    .group_by(model_calls.c.endpoint, _RESULT)
    .order_by(model_calls.c.endpoint, _RESULT)
)


def calls_by_model(work: Unit) -> Sequence[tuple[str, str, int, Decimal]]:
    """Model, result, number and cost of all calls there ever were; one that did not end costs what was
    reserved."""
    found = work.execute(_USE).all()
    return [(row.endpoint, row.result, int(row.calls), row.cost or Decimal(0)) for row in found]


class DatabaseCallStore(CallStore):
    """Calls of models, as rows."""

    def reserve(self, t: Transaction, call: ModelCall) -> None:
        row = {
            "call": call.call,
            "run": call.run,
            "number": int(call.call.rpartition("/")[2]),
            "strategy": call.strategy,
            "endpoint": call.endpoint,
            "at": call.at,
            "reserved": call.reserved,
            "body": call,
        }
        if not rows.insert_new(unit(t), model_calls, row):
            raise Conflict(f"the call {call.call} is written down already")

    def settle(self, t: Transaction, outcome: CallOutcome) -> None:
        row = {
            "call": outcome.call,
            "endpoint": outcome.endpoint,
            "at": outcome.at,
            "cost": outcome.cost,
            "body": outcome,
        }
        if not rows.insert_new(unit(t), model_outcomes, row):
            raise Conflict(f"the call {outcome.call} has ended already")

    def spent(self, t: Transaction, since: datetime, strategy: str | None = None) -> Spent:
        # Without a known cost what was reserved counts: it may have been billed.
        cost = func.coalesce(model_outcomes.c.cost, model_calls.c.reserved)
        asked = select(func.count(), func.sum(cost)).select_from(_BOTH).where(model_calls.c.at >= since)
        if strategy is not None:
            asked = asked.where(model_calls.c.strategy == strategy)
        calls, total = tuple(unit(t).execute(asked).one())
        return Spent(calls=calls, cost=total or Decimal(0))

    def ends(self, t: Transaction, endpoint: str, limit: int) -> Sequence[End]:
        newest = (
            select(model_outcomes.c.at, _WELL)
            .where(model_outcomes.c.endpoint == endpoint)
            .order_by(model_outcomes.c.at.desc(), model_outcomes.c.call.desc())
            .limit(limit)
        )
        found = [End(at=row.at, failed=not row.well) for row in unit(t).execute(newest)]
        return found[::-1]

    def open_since(self, t: Transaction, endpoint: str, since: datetime) -> int:
        statement = (
            select(func.count())
            .select_from(_BOTH)
            .where(
                model_calls.c.endpoint == endpoint,
                model_calls.c.at >= since,
                model_outcomes.c.call.is_(None),
            )
        )
        return int(unit(t).execute(statement).scalar_one())

    def under_way(self, t: Transaction, since: datetime) -> Sequence[str]:
        statement = (
            select(model_calls.c.endpoint)
            .select_from(_BOTH)
            .where(model_calls.c.at >= since, model_outcomes.c.call.is_(None))
        )
        return list(unit(t).execute(statement).scalars())

    def of_run(self, t: Transaction, run: str) -> Sequence[CallRecord]:
        statement = _RECORD.where(model_calls.c.run == run).order_by(model_calls.c.number)
        return [CallRecord(call=row.body, outcome=row.outcome) for row in unit(t).execute(statement)]

    def recent(self, t: Transaction, limit: int) -> Sequence[CallRecord]:
        statement = _RECORD.order_by(
            model_calls.c.at.desc(), model_calls.c.run, model_calls.c.number.desc()
        ).limit(limit)
        return [CallRecord(call=row.body, outcome=row.outcome) for row in unit(t).execute(statement)]

    def put_capability(self, t: Transaction, found: Capability) -> None:
        before = select(func.count()).where(model_capabilities.c.endpoint == found.endpoint)
        row = {
            "endpoint": found.endpoint,
            "number": int(unit(t).execute(before).scalar_one()) + 1,
            "at": found.at,
            "body": found,
        }
        rows.insert_new(unit(t), model_capabilities, row)

    def capabilities(self, t: Transaction) -> Sequence[Capability]:
        ordered = select(model_capabilities.c.endpoint, model_capabilities.c.body).order_by(
            model_capabilities.c.endpoint, model_capabilities.c.number
        )
        newest = {row.endpoint: row.body for row in unit(t).execute(ordered)}
        return list(newest.values())
