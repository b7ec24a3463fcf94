"""The database's own counts, for figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Column, Select, case, exists, func, select, union

from glassdesk.adapters.database.audit import audit
from glassdesk.adapters.database.model_calls import calls_by_model
from glassdesk.adapters.database.notifications import outbox
from glassdesk.adapters.database.order_rows import orders, send_outcomes
from glassdesk.adapters.database.order_tracking import executions
from glassdesk.adapters.database.rows import starts_with
from glassdesk.adapters.database.runs import runs
from glassdesk.adapters.database.schedules import slots
from glassdesk.adapters.database.transactions import Unit, unit
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.notifications.model import Severity
from glassdesk.workflow.operations.figures import Counted, Counts, ModelUse
from glassdesk.workflow.orders.model import OrderState, OutcomeKind
from glassdesk.workflow.runs.model import RunState

_UNKNOWN = f"order.{OrderState.UNKNOWN.value}"
_WAITING = func.min(case((runs.c.state == RunState.DUE, runs.c.slot)), type_=runs.c.slot.type)
# by reference, which has an index: the audit grows for ever, and few orders were ever of unknown fate
_LOST = union(
    select("order:" + send_outcomes.c.order).where(send_outcomes.c.kind == OutcomeKind.UNKNOWN),
    select("order:" + orders.c.order)
    .join(send_outcomes, send_outcomes.c.order == orders.c.parent)
    .where(send_outcomes.c.kind == OutcomeKind.UNKNOWN),
    select("order:" + orders.c.order).where(orders.c.state == OrderState.UNKNOWN),
)
_LIVES = (
    select(audit.c.ref, audit.c.kind, audit.c.at)
    .where(audit.c.ref.in_(_LOST), starts_with(audit.c.kind, "order."))
    .order_by(audit.c.seq)
)
_NEWER = executions.alias("newer")
_REVISED = exists().where(
    _NEWER.c.account == executions.c.account,
    _NEWER.c.execution == executions.c.execution,
    _NEWER.c.revision > executions.c.revision,
)
_FILLED = (
    select(executions.c.side, func.count())
    .where(executions.c.quantity > Decimal(0), ~_REVISED)
    .group_by(executions.c.side)
)
_UNTOLD = (
    select(outbox.c.severity, func.count()).where(outbox.c.sent_at.is_(None)).group_by(outbox.c.severity)
)
_ALARMS = select(func.count()).where(outbox.c.acknowledged_at.is_(None), outbox.c.severity == Severity.ALARM)


class DatabaseCounts(Counts):
    """Counts, by the database."""

    def count(self, t: Transaction) -> Counted:
        work = unit(t)
        waiting: datetime | None = work.execute(select(_WAITING)).scalar()
        since, resolved, seconds = _unknown(work)
        return Counted(
            runs=_by(work, runs.c.state),
            due_since=waiting,
            slots=_by(work, slots.c.state),
            orders=_by(work, orders.c.state),
            sends=_by(work, send_outcomes.c.kind),
            unknown_since=since,
            resolved=resolved,
            resolving_seconds=seconds,
            executions=_named(work, _FILLED),
            models=[
                ModelUse(endpoint=endpoint, result=result, calls=calls, cost=cost)
                for endpoint, result, calls, cost in calls_by_model(work)
            ],
            untold=_named(work, _UNTOLD),
            alarms=int(work.execute(_ALARMS).scalar_one()),
        )


def _by(work: Unit, column: Column[Any]) -> Mapping[str, int]:
    return _named(work, select(column, func.count()).group_by(column))


def _named(work: Unit, statement: Select[Any]) -> Mapping[str, int]:
    found: Sequence[Any] = work.execute(statement).all()
    return {str(name.value): int(count) for name, count in found}


def _unknown(work: Unit) -> tuple[datetime | None, int, float]:
    """Since when the oldest is unknown, how many were found out, and the seconds that took."""
    began: dict[str, datetime] = {}
    resolved, seconds = 0, 0.0
    for row in work.execute(_LIVES):
        ref, kind, at = tuple(row)
        if kind == _UNKNOWN:
            began.setdefault(ref, at)
        elif ref in began:
            resolved, seconds = resolved + 1, seconds + (at - began.pop(ref)).total_seconds()
    return min(began.values(), default=None), resolved, seconds
