"""Verbs of the order tracking step: take in what the broker says, once, and fold it into our rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from enum import Enum

from glassdesk.kernel.errors import Conflict
from glassdesk.kernel.ids import is_ours
from glassdesk.kernel.leases import Lease
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.lineage.service import Lineage
from glassdesk.workflow.order_tracking import mapping
from glassdesk.workflow.order_tracking.fold import VERDICT, folded, handed_over, newest_statement
from glassdesk.workflow.order_tracking.model import LIVES, Execution, Fact, Fill, OrderRow
from glassdesk.workflow.order_tracking.ports import TrackingStore
from glassdesk.workflow.orders.model import Order, OrderState
from glassdesk.workflow.orders.ports import OrderStore
from glassdesk.workflow.orders.service import Orders

_UNSETTLED = (OrderState.RESERVED, OrderState.SENDING, OrderState.UNKNOWN, OrderState.ABANDONED)
"""States in which every word of the broker is news: none of them says that it has spoken."""
_RESTING = (OrderState.WORKING, OrderState.PARTIAL, OrderState.CANCEL_REQUESTED)


class Source(Enum):
    """Where order rows come from."""

    WHOLE_LIST = "list"
    PART = "part"
    """A list that may lack rows."""
    BY_ID = "status"
    """The answer about one order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """When and in which brokerage session something was seen, and who may write it down."""

    seen_at: datetime
    epoch: int
    lease: Lease | None


@dataclass(slots=True)
class Ingested:
    """What an ingest changed."""

    changed: list[tuple[Order, Order]] = field(default_factory=list)
    """(before, after) of every order whose row changed."""
    executions: list[Execution] = field(default_factory=list)
    """New or completed executions of ours."""
    external: list[Execution] = field(default_factory=list)
    """New executions that belong to no order of ours."""
    orphans: list[OrderRow] = field(default_factory=list)
    """Rows with a client id of our form that this database does not know (I-29)."""
    foreign: list[OrderRow] = field(default_factory=list)
    """Rows of orders that somebody else placed [F-70], seen in every reading: they change nothing here."""
    renumbered: list[tuple[Order, str]] = field(default_factory=list)
    """Orders of ours that the broker lists under another id now, with their old one (`T-32`)."""
    unchanged: list[str] = field(default_factory=list)
    """Orders that the broker shows as they are known: nothing to write down but that they were seen."""

    def __bool__(self) -> bool:
        return bool(self.changed or self.executions or self.external or self.orphans)


class Tracking:
    """Facts and executions, and the state they give."""

    def __init__(self, store: TrackingStore, orders: OrderStore, moves: Orders, lineage: Lineage) -> None:
        self._store = store
        self._orders = orders
        self._moves = moves
        self._lineage = lineage

    def ingest(
        self,
        t: Transaction,
        rows: Sequence[OrderRow],
        executions: Sequence[Execution],
        seen: Observation,
        *,
        source: Source = Source.PART,
    ) -> Ingested:
        """Take in order rows and executions of our account in one transaction, fold what they touch, and link
        executions to their orders. The same again changes nothing. Only a whole list can show that an order
        is listed under another id."""
        found, touched = Ingested(), dict[str, Order]()
        listed = frozenset(row.broker_order_id for row in rows) if source is Source.WHOLE_LIST else None
        ours = _Known(t, self._orders, seen_in=_accounts(rows, executions), listed=listed)
        for row in mapping.parents_first(rows):
            self._take_row(t, row, seen, source, ours, found, touched)
        for execution in self._store.news(t, executions):
            self._take_execution(t, execution, seen, ours, found, touched)
        for order in touched.values():
            self._fold(t, order, seen, found)
        self._store.sighted(t, sorted(set(found.unchanged)), seen_at=seen.seen_at)
        return found

    def note(
        self, t: Transaction, order: Order, kind: str, status: str, seen: Observation, detail: str = ""
    ) -> None:
        """Write down a fact of our own making: `answer`, `command`, `negative`, `verdict`, `operator`."""
        filled = _answered(order, status) if kind == "answer" else order.filled
        fact = Fact(
            order=order.order,
            kind=kind,
            status=status,
            filled=filled,
            remaining=order.ticket.quantity - filled,
            epoch=seen.epoch,
            observed_at=seen.seen_at,
            detail=detail,
        )
        self._store.add_fact(t, fact)

    def refold(self, t: Transaction, order: Order, seen: Observation) -> Order:
        """Fold one order again, after a fact of our own making."""
        return self._moves.move(t, order, self._weigh(t, order, seen), lease=seen.lease)

    def conclude(
        self, t: Transaction, order: Order, state: OrderState, why: str, seen: Observation, *, kind: str
    ) -> Order:
        """What the desk (`verdict`) or a person (`operator`) makes of the evidence: a fact, and the state
        that all facts together give. Raises `Conflict` where that is another one, or illegal."""
        self.note(t, order, kind, state.value, seen, why)
        after = replace(self._weigh(t, order, seen), note=why)
        if after.state is not state:
            problem = f"the evidence says {after.state.value.replace('_', ' ')}, not {state.value}"
            raise Conflict(problem, where="state", remedy="look again")
        return self._moves.move(t, order, after, lease=seen.lease)

    def executions(
        self, t: Transaction, *, order: str | None = None, conid: int | None = None
    ) -> Sequence[Execution]:
        """Effective executions, oldest first."""
        return self._store.executions(t, order=order, conid=conid)

    def fills(self, t: Transaction, account: str, *, conid: int | None = None) -> Sequence[Fill]:
        """Effective executions of our own orders."""
        return self._store.fills(t, account, conid=conid)

    def facts(self, t: Transaction, order: str) -> Sequence[Fact]:
        """Everything observed about an order, in order of arrival."""
        return self._store.facts(t, order)

    def note_owners(
        self, t: Transaction, account: str, foreign: Sequence[OrderRow], *, seen_at: datetime
    ) -> None:
        """Keep what of a complete list works for somebody else: shown, never acted upon (`T-11`)."""
        living = [row for row in foreign if row.account == account and row.status.lower() in LIVES]
        self._store.put_owner_orders(t, account, living, seen_at=seen_at)

    def owner_orders(self, t: Transaction, account: str) -> Sequence[tuple[OrderRow, datetime]]:
        """Working orders of somebody else, each with the instant since which the broker lists it so."""
        return self._store.owner_orders(t, account)

    def _take_row(
        self,
        t: Transaction,
        row: OrderRow,
        seen: Observation,
        source: Source,
        ours: _Known,
        found: Ingested,
        touched: dict[str, Order],
    ) -> None:
        order = mapping.owner_of_row(row, ours)
        if order is None:
            self._not_ours(row, ours, found)
            return
        if order.broker_order_id not in (None, row.broker_order_id):
            found.renumbered.append((order, order.broker_order_id or ""))
        fact = _fact(order, row, seen, source)
        settled = order.broker_order_id == row.broker_order_id and order.state not in _UNSETTLED
        if settled and _says_nothing_new(fact, self._store.facts(t, order.order)):
            found.unchanged += [order.order] if order.state.at_broker else []
            return
        self._store.add_fact(t, fact)
        touched[order.order] = _as_filled(ours.learn(order, row.broker_order_id), row)

    def _not_ours(self, row: OrderRow, ours: _Known, found: Ingested) -> None:
        if not is_ours(row.order_ref):
            found.foreign.append(row)
        elif not ours.by_coid(row.order_ref or ""):
            found.orphans.append(row)

    def _take_execution(
        self,
        t: Transaction,
        execution: Execution,
        seen: Observation,
        ours: _Known,
        found: Ingested,
        touched: dict[str, Order],
    ) -> None:
        order = mapping.owner_of_execution(execution, ours)
        owner = order.order if order is not None else None
        if not self._store.add_execution(t, execution, order=owner, seen_at=seen.seen_at):
            return
        if order is None:
            found.external.append(execution)
            return
        found.executions.append(execution)
        learnt = execution.broker_order_id or order.broker_order_id
        touched.setdefault(order.order, order if learnt is None else ours.learn(order, learnt))
        self._link(t, order, execution)

    def _link(self, t: Transaction, order: Order, execution: Execution) -> None:
        # Without its commission the node would later have another hash: it is linked when it is whole [F-67].
        if execution.commission is None:
            return
        self._lineage.record(
            t,
            kind="execution",
            entity=f"{execution.execution}.{execution.revision:02d}",
            content={
                "side": execution.side,
                "quantity": execution.quantity,
                "price": execution.price,
                "commission": execution.commission,
                "executed_at": execution.executed_at,
            },
            parents=(f"order:{order.order}",),
            run=order.run,
        )

    def _fold(self, t: Transaction, learnt: Order, seen: Observation, found: Ingested) -> None:
        before = self._orders.order(t, learnt.order)
        if before is None:
            return
        number = learnt.broker_order_id or before.broker_order_id
        bound = replace(before, broker_order_id=number, ticket=learnt.ticket)
        after = self._weigh(t, bound, seen)
        if after != before:
            found.changed.append((before, self._moves.move(t, before, after, lease=seen.lease)))

    def _weigh(self, t: Transaction, order: Order, seen: Observation) -> Order:
        """The row as its evidence has it. What nobody can read goes to a person, which is a fact too."""
        facts = self._store.facts(t, order.order)
        after = folded(order, facts, self._store.revisions(t, order.order))
        handed = handed_over(facts) is not None or order.state is OrderState.NEEDS_OPERATOR
        if after.state is OrderState.NEEDS_OPERATOR and not handed:
            said = newest_statement(facts)
            why = f"the broker says {said.status!r}, unheard of" if said is not None else ""
            self.note(t, order, VERDICT, after.state.value, seen, why)
        return after


class _Known:
    """Our orders as one ingest knows them: read once each, with the broker ids learnt on the way."""

    def __init__(
        self, t: Transaction, store: OrderStore, *, seen_in: Iterable[str], listed: frozenset[str] | None
    ) -> None:
        self._t = t
        self._store = store
        self._listed = listed
        self._accounts = tuple(sorted(seen_in))
        self._coids: dict[str, Order | None] = {}
        self._ids: dict[str, Order | None] = {}

    def by_coid(self, coid: str) -> Order | None:
        if coid not in self._coids:
            self._coids[coid] = self._store.by_coid(self._t, coid) if is_ours(coid) else None
        return self._coids[coid]

    def by_broker_id(self, broker_order_id: str) -> Order | None:
        if broker_order_id not in self._ids:
            found = (self._store.by_broker_id(self._t, a, broker_order_id) for a in self._accounts)
            self._ids[broker_order_id] = next((order for order in found if order), None)
        return self._ids[broker_order_id]

    def children(self, order: str) -> Sequence[Order]:
        learnt = {known.order: known for known in self._ids.values() if known is not None}
        return [learnt.get(child.order, child) for child in self._store.children(self._t, order)]

    def unlisted(self, conid: int) -> Sequence[Order]:
        """Orders of ours on a contract that should rest, and whose ids a whole list does not show."""
        listed = self._listed
        if listed is None:
            return []
        alive = self._store.orders(self._t, states=_RESTING, conid=conid)
        return [o for o in alive if o.broker_order_id is not None and o.broker_order_id not in listed]

    def learn(self, order: Order, broker_order_id: str) -> Order:
        gone = order.broker_order_id is not None and self._listed is not None
        renumbered = gone and order.broker_order_id not in (self._listed or ())
        known = None if renumbered else order.broker_order_id
        bound = replace(order, broker_order_id=known or broker_order_id)
        self._coids[order.coid] = bound
        self._ids[broker_order_id] = bound
        return bound


def _accounts(rows: Iterable[OrderRow], executions: Iterable[Execution]) -> set[str]:
    return {row.account for row in rows} | {execution.account for execution in executions}


def _answered(order: Order, status: str) -> Decimal:
    """An answer to a placement states no count but by its word."""
    return order.ticket.quantity if status.lower() == "filled" else Decimal(0)


def _as_filled(order: Order, row: OrderRow) -> Order:
    """An order that was made smaller at the broker and then filled whole: what it was made is ours (`T-17`).
    A change whose answer was lost is first seen here where the rest fills before the next reading."""
    smaller = 0 < row.total == row.filled < order.ticket.quantity and row.remaining == 0
    if row.status.lower() != "filled" or not smaller:
        return order
    return replace(order, ticket=replace(order.ticket, quantity=row.total))


def _fact(order: Order, row: OrderRow, seen: Observation, source: Source) -> Fact:
    return Fact(
        order=order.order,
        kind="status" if source is Source.BY_ID else "list",
        status=row.status,
        filled=row.filled,
        remaining=row.remaining,
        epoch=seen.epoch,
        observed_at=seen.seen_at,
        detail=row.reason,
    )


def _says_nothing_new(fact: Fact, known: Sequence[Fact]) -> bool:
    # A statement after something of our own must be kept, or the older word would win.
    return bool(known) and replace(known[-1], observed_at=fact.observed_at) == fact
