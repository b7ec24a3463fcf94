"""Orders: the store of intents, order rows and sends. The tables and their promises: `order_rows`."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import (
    Column,
    ColumnElement,
    Executable,
    Integer,
    Row,
    Select,
    and_,
    bindparam,
    func,
    literal,
    or_,
    select,
    update,
)

from glassdesk.adapters.database import rows
from glassdesk.adapters.database.leases import MINE, held, holder_of
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
    PROBE_LANE,
    Approval,
    Intent,
    IntentState,
    Order,
    OrderState,
    Outcome,
    Role,
    SendRow,
    WhatIfRow,
)
from glassdesk.workflow.orders.ports import OrderStore
from glassdesk.workflow.orders.transitions import check
from glassdesk.workflow.runs.model import RunKind

State = TypeVar("State", IntentState, OrderState)

_INTENT = rows.select_value(intents, Intent).add_columns(intents.c.state)
_ORDER = rows.select_value(orders, Order)
_TOLD = and_(send_outcomes.c.order == sends.c.order, send_outcomes.c.number == sends.c.number)
_NEWEST = (orders.c.reserved_at.desc(), orders.c.order)

# Asked many times a minute: built once, the rest is parameters.
_BY_INTENT = _INTENT.where(intents.c.intent == bindparam("wanted"))
_BY_ORDER = _ORDER.where(orders.c.order == bindparam("wanted"))
_BY_COID = _ORDER.where(orders.c.coid == bindparam("wanted"))
_BY_BROKER_ID = _ORDER.where(
    orders.c.account == bindparam("of_account"), orders.c.broker_order_id == bindparam("wanted")
)
_CHILDREN = _ORDER.where(orders.c.parent == bindparam("wanted")).order_by(orders.c.role, orders.c.order)
_SENDS = (
    select(sends, send_outcomes.c.body.label("outcome"), send_outcomes.c.at.label("answered_at"))
    .outerjoin(send_outcomes, _TOLD)
    .where(sends.c.order == bindparam("wanted"))
    .order_by(sends.c.number)
)


def _one_of(column: Column[Any], states: Collection[Any]) -> ColumnElement[bool]:
    # each state a parameter of its own: a list as one is put into the text at every execution
    return column.in_([literal(state, column.type) for state in states])


@cache
def _intents_by(states: tuple[IntentState, ...] | None, run: bool, names: bool) -> Select[Any]:
    statement = _INTENT.order_by(intents.c.window_opens, intents.c.conid, intents.c.leg, intents.c.intent)
    if states is not None:
        statement = statement.where(_one_of(intents.c.state, states))
    if run:
        statement = statement.where(intents.c.run == bindparam("of_run"))
    if names:
        statement = statement.where(intents.c.intent.in_(bindparam("names", expanding=True)))
    return statement


@cache
def _orders_by(states: tuple[OrderState, ...] | None, columns: tuple[str, ...]) -> Select[Any]:
    statement = _ORDER.order_by(*_NEWEST).limit(bindparam("most", type_=Integer()))
    if states is not None:
        statement = statement.where(_one_of(orders.c.state, states))
    return statement.where(*(orders.c[name] == bindparam(f"of_{name}") for name in columns))


@cache
def _moved(leased: bool) -> Executable:
    mine = [orders.c.order == bindparam("wanted"), orders.c.version == bindparam("was")]
    return update(orders).where(*mine, *([MINE] if leased else []))


def _sorted(states: Collection[State] | None) -> tuple[State, ...] | None:
    return None if states is None else tuple(sorted(states))


def _with_state(row: Row[Any]) -> tuple[Intent, IntentState]:
    return rows.value(Intent, row), row.state


def _orders(work: Unit, statement: Select[Any], **wanted: Any) -> Sequence[Order]:
    return rows.values(Order, work.execute(statement, wanted))


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
        if not held(work, lease):
            raise _lost(lease)
        if self.intent(t, order.intent) is None:
            raise NotFound(f"there is no intent {order.intent}", remedy="reserve it first")
        _reserve_order(work, order)

    def intent(self, t: Transaction, intent: str) -> tuple[Intent, IntentState] | None:
        row = unit(t).execute(_BY_INTENT, {"wanted": intent}).first()
        return None if row is None else _with_state(row)

    def intents(
        self,
        t: Transaction,
        *,
        states: Collection[IntentState] | None = None,
        run: str | None = None,
        names: Collection[str] | None = None,
    ) -> Sequence[tuple[Intent, IntentState]]:
        asked = {"of_run": run, "names": None if names is None else list(names)}
        statement = _intents_by(_sorted(states), run is not None, names is not None)
        wanted = {name: value for name, value in asked.items() if value is not None}
        return [_with_state(row) for row in unit(t).execute(statement, wanted)]

    def stop_prices(self, t: Transaction, runs: Collection[str]) -> Mapping[str, Decimal]:
        found: dict[str, Decimal] = {}
        for some in rows.parts(sorted(runs)):
            stops = select(intents.c.run, intents.c.price).where(
                intents.c.leg == Leg.STOP, intents.c.run.in_(some), intents.c.price.is_not(None)
            )
            found |= {row.run: row.price for row in unit(t).execute(stops)}
        return found

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
        return _one(unit(t), _BY_ORDER, wanted=order)

    def by_prefix(self, t: Transaction, prefix: str) -> Sequence[Order]:
        named = (orders.c.order, orders.c.coid, orders.c.broker_order_id)
        starts = or_(*(rows.starts_with(column, prefix) for column in named))
        return _orders(unit(t), _ORDER.where(starts).order_by(*_NEWEST)) if prefix else []

    def by_coid(self, t: Transaction, coid: str) -> Order | None:
        return _one(unit(t), _BY_COID, wanted=coid)

    def by_broker_id(self, t: Transaction, account: str, broker_order_id: str) -> Order | None:
        return _one(unit(t), _BY_BROKER_ID, of_account=account, wanted=broker_order_id)

    def children(self, t: Transaction, order: str) -> Sequence[Order]:
        return _orders(unit(t), _CHILDREN, wanted=order)

    def entries_accepted(self, t: Transaction, account: str, since: datetime) -> int:
        taken = (
            orders.c.account == account,
            orders.c.role == Role.ENTRY,
            orders.c.strategy != PROBE_LANE,
            orders.c.broker_order_id.is_not(None),
            orders.c.reserved_at >= since,
        )
        return int(unit(t).execute(select(func.count()).select_from(orders).where(*taken)).scalar_one())

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
        asked = {"strategy": strategy, "conid": conid, "run": run}
        columns = tuple(name for name, value in asked.items() if value is not None)
        wanted: dict[str, Any] = {f"of_{name}": asked[name] for name in columns}
        return _orders(unit(t), _orders_by(_sorted(states), columns), most=limit, **wanted)

    def move(self, t: Transaction, before: Order, after: Order, *, lease: Lease | None) -> Order:
        work = unit(t)
        check(before.state, after.state)
        _same_order(before, after)
        moved = replace(after, version=before.version + 1)
        wanted = {"wanted": before.order, "was": before.version}
        if lease is not None:
            wanted |= holder_of(lease)
        changes = {name: getattr(moved, name) for name in CHANGING}
        if work.execute(_moved(lease is not None), {**changes, **wanted}).rowcount == 0:
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
        return rows.values(SendRow, unit(t).execute(_SENDS, {"wanted": order}))


def _one(work: Unit, statement: Select[Any], **wanted: Any) -> Order | None:
    return rows.optional(Order, work.execute(statement, wanted).first())


def _reserve_intent(work: Unit, intent: Intent, state: IntentState) -> None:
    found = work.execute(_BY_INTENT, {"wanted": intent.intent}).first()
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
    stored = _one(work, _BY_ORDER, wanted=order.order)
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
    if lease is not None and not held(work, lease):
        return _lost(lease)
    stored = _one(work, _BY_ORDER, wanted=before.order)
    if stored is None:
        return NotFound(f"there is no order {before.order}")
    problem = (
        f"order {before.order} was changed meanwhile: it is {stored.state.value}, version {stored.version}"
    )
    return Conflict(problem, remedy="read it again")
