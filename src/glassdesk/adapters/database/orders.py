"""Orders: the store of intents, order rows and sends. The tables and their promises: `order_rows`."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, or_, select, update

from glassdesk.adapters.database import rows
from glassdesk.adapters.database.leases import held
from glassdesk.adapters.database.order_rows import (
    CHANGING,
    OPEN,
    approvals,
    intents,
    orders,
    send_outcomes,
    sends,
    what_ifs,
)
from glassdesk.adapters.database.runs import runs
from glassdesk.adapters.database.transactions import Unit, unit
from glassdesk.kernel.errors import Conflict, IntegrityViolation, LeaseLost, NotFound
from glassdesk.kernel.ids import Leg
from glassdesk.kernel.leases import Lease
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.orders.model import (
    Approval,
    Intent,
    IntentState,
    Order,
    OrderState,
    Outcome,
    SendRow,
    WhatIfRow,
)
from glassdesk.workflow.orders.ports import OrderStore
from glassdesk.workflow.orders.transitions import check
from glassdesk.workflow.runs.model import RunKind

_INTENT = rows.select_value(intents, Intent).add_columns(intents.c.state)
_ORDER = rows.select_value(orders, Order)
_TOLD = and_(send_outcomes.c.order == sends.c.order, send_outcomes.c.number == sends.c.number)
_NEWEST = (orders.c.reserved_at.desc(), orders.c.order)


def _with_state(row: Row[Any]) -> tuple[Intent, IntentState]:
    return rows.value(Intent, row), row.state


def _orders(work: Unit, statement: Select[Any]) -> Sequence[Order]:
    return rows.values(Order, work.execute(statement))


class DatabaseOrderStore(OrderStore):
    """Intents, orders and sends, as rows."""

    def reserve(
        self, t: Transaction, intents: Sequence[Intent], orders: Sequence[Order], *, state: IntentState
    ) -> None:
        work = unit(t)
        for intent in intents:
            _reserve_intent(work, intent, state)
        for order in orders:
            _reserve_order(work, order)

    def add_order(self, t: Transaction, order: Order, *, lease: Lease) -> None:
        work = unit(t)
        if not work.execute(select(held(lease))).scalar():
            raise _lost(lease)
        if self.intent(t, order.intent) is None:
            raise NotFound(f"there is no intent {order.intent}", remedy="reserve it first")
        _reserve_order(work, order)

    def intent(self, t: Transaction, intent: str) -> tuple[Intent, IntentState] | None:
        row = unit(t).execute(_INTENT.where(intents.c.intent == intent)).first()
        return None if row is None else _with_state(row)

    def intents(
        self,
        t: Transaction,
        *,
        states: Collection[IntentState] | None = None,
        run: str | None = None,
        names: Collection[str] | None = None,
    ) -> Sequence[tuple[Intent, IntentState]]:
        statement = _INTENT.order_by(intents.c.window_opens, intents.c.conid, intents.c.leg, intents.c.intent)
        if states is not None:
            statement = statement.where(intents.c.state.in_(list(states)))
        if run is not None:
            statement = statement.where(intents.c.run == run)
        if names is not None:
            statement = statement.where(intents.c.intent.in_(list(names)))
        return [_with_state(row) for row in unit(t).execute(statement)]

    def set_intent(
        self, t: Transaction, intent: str, state: IntentState, *, at: datetime, note: str = ""
    ) -> None:
        found = self.intent(t, intent)
        if found is None:
            raise NotFound(f"there is no intent {intent}")
        if found[1] not in OPEN and found[1] is not state:
            raise Conflict(f"the intent is {found[1].value}", remedy="an intent that ended stays as it is")
        change = {"state": state, "changed_at": at, "note": note}
        unit(t).execute(update(intents).where(intents.c.intent == intent).values(change))

    def add_approval(self, t: Transaction, approval: Approval) -> None:
        if not rows.insert_new(unit(t), approvals, rows.fields_of(approval)):
            raise Conflict(f"intent {approval.intent} was approved already")

    def approval(self, t: Transaction, intent: str) -> Approval | None:
        found = rows.select_value(approvals, Approval).where(approvals.c.intent == intent)
        return rows.optional(Approval, unit(t).execute(found).first())

    def add_what_if(self, t: Transaction, row: WhatIfRow) -> None:
        if not rows.insert_new(unit(t), what_ifs, rows.fields_of(row)):
            raise Conflict(f"what-if {row.number} of intent {row.intent} is there already")

    def what_ifs(self, t: Transaction, intent: str) -> Sequence[WhatIfRow]:
        found = rows.select_value(what_ifs, WhatIfRow).where(what_ifs.c.intent == intent)
        return rows.values(WhatIfRow, unit(t).execute(found.order_by(what_ifs.c.number)))

    def order(self, t: Transaction, order: str) -> Order | None:
        return _one(unit(t), orders.c.order == order)

    def by_prefix(self, t: Transaction, prefix: str) -> Sequence[Order]:
        named = (orders.c.order, orders.c.coid, orders.c.broker_order_id)
        starts = or_(*(rows.starts_with(column, prefix) for column in named))
        return _orders(unit(t), _ORDER.where(starts).order_by(*_NEWEST)) if prefix else []

    def by_coid(self, t: Transaction, coid: str) -> Order | None:
        return _one(unit(t), orders.c.coid == coid)

    def by_broker_id(self, t: Transaction, account: str, broker_order_id: str) -> Order | None:
        return _one(unit(t), and_(orders.c.account == account, orders.c.broker_order_id == broker_order_id))

    def children(self, t: Transaction, order: str) -> Sequence[Order]:
        return _orders(
            unit(t), _ORDER.where(orders.c.parent == order).order_by(orders.c.role, orders.c.order)
        )

    def orders(
        self,
        t: Transaction,
        *,
        states: Collection[OrderState] | None = None,
        strategy: str | None = None,
        conid: int | None = None,
        run: str | None = None,
        limit: int = 1000,
    ) -> Sequence[Order]:
        statement = _ORDER.order_by(*_NEWEST).limit(limit)
        if states is not None:
            statement = statement.where(orders.c.state.in_(list(states)))
        for column, wanted in ((orders.c.strategy, strategy), (orders.c.conid, conid), (orders.c.run, run)):
            if wanted is not None:
                statement = statement.where(column == wanted)
        return _orders(unit(t), statement)

    def move(self, t: Transaction, before: Order, after: Order, *, lease: Lease | None) -> Order:
        work = unit(t)
        check(before.state, after.state)
        _same_order(before, after)
        moved = replace(after, version=before.version + 1)
        mine = [orders.c.order == before.order, orders.c.version == before.version]
        if lease is not None:
            mine.append(held(lease))
        change = update(orders).where(*mine).values({name: getattr(moved, name) for name in CHANGING})
        if work.execute(change).rowcount == 0:
            raise _refused(work, before, lease)
        return moved

    def add_send(
        self,
        t: Transaction,
        order: str,
        number: int,
        *,
        verb: str,
        payload_sha256: str,
        fence: int,
        epoch: int,
        started_at: datetime,
        not_after: datetime,
    ) -> None:
        row = {
            "order": order,
            "number": number,
            "verb": verb,
            "payload_sha256": payload_sha256,
            "fence": fence,
            "epoch": epoch,
            "started_at": started_at,
            "not_after": not_after,
        }
        if not rows.insert_new(unit(t), sends, row):
            raise Conflict(f"send {number} of order {order} is there already")

    def add_outcome(self, t: Transaction, order: str, number: int, outcome: Outcome, *, at: datetime) -> None:
        row = {"order": order, "number": number, "kind": outcome.kind, "body": outcome, "at": at}
        if not rows.insert_new(unit(t), send_outcomes, row):
            raise Conflict(f"send {number} of order {order} has its outcome already")

    def open_sends(self, t: Transaction) -> Sequence[tuple[str, int, str, datetime]]:
        statement = (
            select(sends.c.order, sends.c.number, sends.c.verb, sends.c.started_at)
            .outerjoin(send_outcomes, _TOLD)
            .where(send_outcomes.c.order.is_(None))
            .order_by(sends.c.started_at, sends.c.order, sends.c.number)
        )
        return [(row.order, row.number, row.verb, row.started_at) for row in unit(t).execute(statement)]

    def sends(self, t: Transaction, order: str) -> Sequence[SendRow]:
        statement = (
            select(sends, send_outcomes.c.body.label("outcome"), send_outcomes.c.at.label("answered_at"))
            .outerjoin(send_outcomes, _TOLD)
            .where(sends.c.order == order)
            .order_by(sends.c.number)
        )
        return rows.values(SendRow, unit(t).execute(statement))


def _one(work: Unit, where: ColumnElement[bool]) -> Order | None:
    return rows.optional(Order, work.execute(_ORDER.where(where)).first())


def _reserve_intent(work: Unit, intent: Intent, state: IntentState) -> None:
    found = work.execute(_INTENT.where(intents.c.intent == intent.intent)).first()
    if found is not None:
        _same_intent(rows.value(Intent, found), intent)
        return
    if intent.leg == Leg.MAIN:
        _no_other_decision(work, intent)
    row = {
        **rows.fields_of(intent),
        **_lineage(work, intent),
        "state": state,
        "changed_at": intent.reserved_at,
        "note": "",
    }
    rows.insert(work, intents, row)


def _same_intent(stored: Intent, intent: Intent) -> None:
    if replace(intent, reserved_at=stored.reserved_at) != stored:
        problem = f"the {intent.leg} leg of run {intent.run} is reserved with other values"
        raise Conflict(problem, remedy="a second answer cannot make a second order: use what is stored")


def _no_other_decision(work: Unit, intent: Intent) -> None:
    where = (
        intents.c.account == intent.account,
        intents.c.conid == intent.conid,
        intents.c.leg == Leg.MAIN,
        intents.c.state.in_(OPEN),
    )
    other = work.execute(select(intents.c.intent, intents.c.side, intents.c.state).where(*where)).first()
    if other is not None:
        words = f"another decision on conid {intent.conid} is open: {other.side.value} {other.intent}"
        raise Conflict(f"{words}, {other.state.value} [T-20]", remedy="wait for its end, or cancel it")


def _lineage(work: Unit, intent: Intent) -> dict[str, str | None]:
    """Where an intent comes from: the signal of its run, or the act of a person."""
    kind = work.execute(select(runs.c.kind).where(runs.c.run == intent.run)).scalar()
    if kind is None:
        raise IntegrityViolation(f"intent {intent.intent} names a run that is not stored: {intent.run}")
    manual = kind is RunKind.MANUAL
    return {
        "node": f"intent:{intent.intent}",
        "signal": None if manual else intent.run,
        "act": f"act:{intent.run}" if manual else None,
    }


def _reserve_order(work: Unit, order: Order) -> None:
    stored = _one(work, orders.c.order == order.order)
    if stored is None:
        rows.insert(work, orders, rows.fields_of(order))
    elif stored.version == 0 and stored.ticket != order.ticket:
        raise Conflict(f"order {order.order} is reserved with another ticket")


def _same_order(before: Order, after: Order) -> None:
    names = [column.name for column in orders.columns if column.name not in CHANGING]
    changed = [name for name in names if getattr(before, name) != getattr(after, name)]
    if changed:
        raise Conflict(f"order {before.order}: {', '.join(changed)} never changes")


def _lost(lease: Lease) -> LeaseLost:
    return LeaseLost(f"the lease {lease.name} has another holder", remedy="stop at once")


def _refused(work: Unit, before: Order, lease: Lease | None) -> Conflict | LeaseLost | NotFound:
    if lease is not None and not work.execute(select(held(lease))).scalar():
        return _lost(lease)
    stored = _one(work, orders.c.order == before.order)
    if stored is None:
        return NotFound(f"there is no order {before.order}")
    problem = (
        f"order {before.order} was changed meanwhile: it is {stored.state.value}, version {stored.version}"
    )
    return Conflict(problem, remedy="read it again")
