"""Who watches the simulated broker: every change, request and question, in the steps of the journal."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from glassdesk.workflow.orders.model import Side
from ibkr_simulator.exchange.orders import Execution as SimExecution
from ibkr_simulator.exchange.orders import Order as SimOrder
from ibkr_simulator.exchange.tape import Split
from ibkr_simulator.instants import to_datetime
from ibkr_simulator.messages import Answer, Request
from ibkr_simulator.world import World
from tests.chaos.history.journal import Journal
from tests.chaos.history.truth import (
    TrueExecution,
    TrueOrder,
    TruePosition,
    TrueQuestion,
    TrueRequest,
    TrueState,
    TrueStatus,
    Truth,
)

_STATUS = {
    "live": TrueStatus.WORKING,
    "filled": TrueStatus.FILLED,
    "cancelled": TrueStatus.CANCELLED,
    "inactive": TrueStatus.INACTIVE,
}
_KIND = {"STP": "stop"}
_OUR_LANES = ("trade", "commission", "fee")


@dataclass(slots=True)
class Placed:
    """One leg as a request asked for it."""

    coid: str | None
    parent: str | None
    side: str
    kind: str
    step: int
    at: datetime


@dataclass(slots=True)
class Open:
    """One question that was seen, until it is answered or given up."""

    step: int
    at: datetime
    id: str
    message_ids: tuple[str, ...]
    kinds: tuple[str, ...]
    waits: bool = True
    between: list[str] = field(default_factory=list)
    confirmed: bool | None = None


@dataclass(slots=True)
class Witness:
    """Collects the truth of one world."""

    world: World
    journal: Journal
    account: str
    cash_before: Decimal = Decimal(0)
    _orders: dict[int, TrueOrder] = field(default_factory=dict)
    _placed: list[Placed] = field(default_factory=list)
    _executions: list[TrueExecution] = field(default_factory=list)
    _positions: list[TruePosition] = field(default_factory=list)
    _requests: list[TrueRequest] = field(default_factory=list)
    _questions: list[Open] = field(default_factory=list)
    _outside: list[datetime] = field(default_factory=list)
    _serving: tuple[int, datetime] | None = None
    _by: str = ""

    def __post_init__(self) -> None:
        self.cash_before = Decimal(self.world.account.cash) / 100
        self.world.watchers.append(self._changed)

    @property
    def now(self) -> datetime:
        return to_datetime(self.world.now)

    def outside(self) -> None:
        """Somebody else than the desk changes something now."""
        self._outside.append(self.now)

    # ------------------------------------------------------------ requests

    def asked(self, request: Request, by: str) -> None:
        """A request comes in."""
        step = self.journal.next_step()
        self._serving, self._by = (step, self.now), by
        if request.method == "POST" and request.path.endswith("/orders") and isinstance(request.body, dict):
            for leg in request.body.get("orders", ()):
                self._placed.append(_placed(leg, step, self.now))
        self._between(request)

    def answered(self, request: Request, answer: Answer) -> None:
        """It was served; the client may get less than that."""
        step = self._serving[0] if self._serving is not None else self.journal.next_step()
        self._serving = None
        self._requests.append(
            TrueRequest(
                step=step,
                at=self.now,
                method=request.method,
                path=request.path,
                body=request.body,
                status=answer.status,
                by=self._by,
            )
        )
        if request.method == "POST" and not answer.cut:
            self._look_for_questions(request, answer, step)
        elif request.path.startswith("/iserver/reply/"):
            # Nobody knows whether it arrived: what else was asked about the ticket is not to be answered.
            for one in self._questions:
                one.waits = False

    def _between(self, request: Request) -> None:
        waiting = [one for one in self._questions if one.waits]
        if not waiting or not request.path.startswith("/iserver"):
            return
        answers = request.path.removeprefix("/iserver/reply/")
        body = request.body if isinstance(request.body, dict) else {}
        for one in waiting:
            if not request.path.startswith("/iserver/reply/"):
                one.between.append(f"{request.method} {request.path}")
                one.waits = False
            elif one.id == answers:
                one.confirmed, one.waits = body.get("confirmed") is True, False
        if request.path.startswith("/iserver/reply/") and body.get("confirmed") is not True:
            # A no ends the ticket: what else was asked about it needs no answer any more.
            for one in waiting:
                one.waits = False

    def _look_for_questions(self, request: Request, answer: Answer, step: int) -> None:
        asks = [row for row in _rows(answer) if "message" in row and "id" in row]
        if not asks or not (request.path.startswith("/iserver/reply/") or "/order" in request.path):
            return
        for row in asks:
            names = tuple(str(name) for name in row.get("messageIds", ()))
            self._questions.append(
                Open(step=step, at=self.now, id=str(row["id"]), message_ids=names, kinds=self._kinds_asked())
            )

    def _kinds_asked(self) -> tuple[str, ...]:
        if not self._placed:
            return ()
        last = self._placed[-1].step
        return tuple(leg.kind for leg in self._placed if leg.step == last)

    # ------------------------------------------------------------ changes

    def _changed(self, changed: object) -> None:
        if isinstance(changed, SimOrder):
            self._order(changed)
        elif isinstance(changed, SimExecution):
            self._execution(changed)
        elif isinstance(changed, Split):
            self._position(changed.conid, outside=True)

    def _order(self, order: SimOrder) -> None:
        step, known = self.journal.next_step(), self._orders.get(order.order_id)
        state = _state(order, step, self.now)
        if known is None:
            self._orders[order.order_id] = self._first(order, state)
            return
        self._orders[order.order_id] = _with(known, state)

    def _first(self, order: SimOrder, state: TrueState) -> TrueOrder:
        coid = order.coid or self._asked_coid(order)
        asked = next((leg for leg in reversed(self._placed) if leg.coid == coid and coid), None)
        came = self._serving or ((asked.step, asked.at) if asked is not None else (state.step, state.at))
        first = next((leg for leg in self._placed if leg.coid == coid and coid), None)
        late = first is not None and self._serving is None and state.at > first.at
        return TrueOrder(
            broker_order_id=str(order.order_id),
            coid=coid,
            parent=None if order.parent_id is None else str(order.parent_id),
            account=order.account,
            conid=order.conid,
            side=Side(order.side),
            kind=order.kind,
            tif=order.tif,
            oca=order.oca,
            received_step=came[0],
            received_at=came[1],
            visible_at=state.at,
            states=(state,),
            ours=order.source == "desk",
            late=late,
        )

    def _asked_coid(self, order: SimOrder) -> str | None:
        """The id that a child came with, where the broker dropped it."""
        parent = self._orders.get(order.parent_id) if order.parent_id is not None else None
        if parent is None:
            return None
        legs = [leg for leg in reversed(self._placed) if leg.parent == parent.coid]
        fitting = [leg for leg in legs if (leg.side, leg.kind) == (order.side, order.kind)]
        return fitting[0].coid if fitting else None

    def _execution(self, one: SimExecution) -> None:
        name, _, revision = one.execution_id.rpartition(".")
        self._executions.append(
            TrueExecution(
                execution=name,
                revision=int(revision),
                broker_order_id=str(one.order_id),
                coid=one.coid,
                account=one.account,
                conid=one.conid,
                side=Side(one.side),
                quantity=Decimal(one.quantity),
                price=Decimal(one.price) / 100,
                commission=Decimal(one.commission) / 100,
                step=self.journal.next_step(),
                at=self.now,
            )
        )
        self._position(one.conid, outside=one.source != "desk")

    def _position(self, conid: int, *, outside: bool) -> None:
        if outside:
            self.outside()
        held = Decimal(self.world.accounts[self.account].quantity(conid))
        row = TruePosition(
            step=self.journal.next_step(),
            at=self.now,
            account=self.account,
            conid=conid,
            quantity=held,
            outside=outside,
        )
        self._positions.append(row)

    # ------------------------------------------------------------ the truth

    def truth(self) -> Truth:
        """Everything so far."""
        account = self.world.accounts[self.account]
        return Truth(
            account=self.account,
            now=self.now,
            orders=tuple(self._orders.values()),
            executions=tuple(self._executions),
            positions=tuple(self._positions),
            requests=self._with_faults(),
            questions=tuple(map(_question, self._questions)),
            cash=Decimal(account.cash) / 100,
            cash_before=self.cash_before,
            cash_outside=self._cash_outside(),
            outside=tuple(self._outside),
        )

    def _with_faults(self) -> tuple[TrueRequest, ...]:
        """The requests with what struck them, as the simulator's log has it."""
        struck = [tuple(row["faults"]) for row in self.world.truth.rows("request")]
        pairs = zip(self._requests, struck, strict=True)
        return tuple(replace(one, faults=faults) if faults else one for one, faults in pairs)

    def _cash_outside(self) -> Decimal:
        ledger = self.world.accounts[self.account].ledger
        others = sum(row.amount for row in ledger if row.lane not in _OUR_LANES)
        start = int(self.cash_before * 100)
        theirs = Decimal(0)
        ours = {one.broker_order_id for one in self._orders.values() if one.ours}
        for one in _effective(self._executions):
            if one.broker_order_id not in ours:
                sign = 1 if one.side is Side.BUY else -1
                theirs -= sign * one.quantity * one.price + (one.commission or Decimal(0))
        return Decimal(others - start) / 100 + theirs


def _effective(executions: Iterable[TrueExecution]) -> list[TrueExecution]:
    newest: dict[str, TrueExecution] = {}
    for one in executions:
        known = newest.get(one.execution)
        if known is None or one.revision > known.revision:
            newest[one.execution] = one
    return list(newest.values())


def _placed(leg: dict[str, Any], step: int, at: datetime) -> Placed:
    return Placed(
        coid=leg.get("cOID"),
        parent=leg.get("parentId"),
        side=str(leg.get("side", "")),
        kind=str(leg.get("orderType", "")),
        step=step,
        at=at,
    )


def _state(order: SimOrder, step: int, at: datetime) -> TrueState:
    cents = order.stop if order.kind in _KIND else order.limit
    return TrueState(
        step=step,
        at=at,
        status=_STATUS[order.state],
        quantity=Decimal(order.quantity),
        price=None if cents is None else Decimal(cents) / 100,
        filled=Decimal(order.filled),
        awake=not order.held,
    )


def _with(order: TrueOrder, state: TrueState) -> TrueOrder:
    return replace(order, states=(*order.states, state))


def _question(one: Open) -> TrueQuestion:
    return TrueQuestion(
        step=one.step,
        at=one.at,
        message_ids=one.message_ids,
        conid=0,
        confirmed=one.confirmed,
        between=tuple(one.between),
        kinds=one.kinds,
    )


def _rows(answer: Answer) -> list[dict[str, Any]]:
    try:
        body = json.loads(answer.content())
    except ValueError:
        return []
    rows = body if isinstance(body, list) else [body]
    return [row for row in rows if isinstance(row, dict)]
