"""Verbs of the orders step: reserve, approve, decline, cancel before the send, look."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import TypeVar

from glassdesk.kernel.clock import Clock
from glassdesk.kernel.errors import Conflict, InvalidInput, NotFound
from glassdesk.kernel.leases import Lease
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.lineage.audit import Audit
from glassdesk.workflow.orders import approval
from glassdesk.workflow.orders.bracket import Reservation
from glassdesk.workflow.orders.model import (
    Approval,
    Intent,
    IntentState,
    Order,
    OrderState,
    SendRow,
    WhatIfRow,
)
from glassdesk.workflow.orders.ports import OrderStore
from glassdesk.workflow.orders.routes import route

Thing = TypeVar("Thing")

WAITING = (IntentState.AWAITING_APPROVAL, IntentState.QUEUED)
"""States in which nothing has been handed to the broker."""


class Orders:
    """What we want, and the rows written before anything is sent."""

    def __init__(self, store: OrderStore, audit: Audit, clock: Clock) -> None:
        self._store = store
        self._audit = audit
        self._clock = clock

    def reserve(self, t: Transaction, reservation: Reservation, *, state: IntentState) -> None:
        """Write all legs of a decision and its audit row; the same again is harmless (a resumed run).
        Raises `Conflict` for another open decision on the contract (`T-20`)."""
        main = reservation.intents[0]
        known = self._store.intent(t, main.intent) is not None
        self._store.reserve(t, reservation.intents, reservation.orders, state=state)
        if not known:
            body = {"state": state, "intents": reservation.intents}
            self._audit.append(t, "worker", "intent.reserved", f"intent:{main.intent}", body)

    def approve(self, t: Transaction, intent: str, actor: str, *, payload: str | None = None) -> None:
        """A person's yes to the very order of `payload`: the intent joins the queue. Raises `NotFound` or
        `Conflict`."""
        found, state = self.intent(t, intent)
        now = self._clock.now()
        after = approval.approved(found, state, now=now)
        exact = self.payload(t, found)
        approval.require_same(payload or exact, exact)
        given = Approval(intent=found.intent, payload_sha256=exact, actor=actor, approved_at=now)
        self._store.add_approval(t, given)
        for leg in self._legs(t, found):
            self._store.set_intent(t, leg.intent, after, at=now, note=f"approved by {actor}")
        body = {"before": state, "after": after, "payload": exact}
        ref = f"intent:{found.intent}"
        self._audit.append(t, actor, "intent.approved", ref, body, before=state, after=after)

    def payload(self, t: Transaction, main: Intent) -> str:
        """Digest of what a person is asked about: all legs of a decision as they were reserved."""
        legs = self._legs(t, main)
        rows = {leg.intent: row for leg in legs if (row := self._store.order(t, leg.intent)) is not None}
        return approval.payload(legs, rows)

    def approval(self, t: Transaction, intent: str) -> Approval | None:
        """The person's yes to a main intent, where there is one."""
        return self._store.approval(t, intent)

    def what_if(self, t: Transaction, intent: str) -> WhatIfRow | None:
        """What the broker said last about a main intent; `None` where it was not asked."""
        return next(reversed(self._store.what_ifs(t, intent)), None)

    def decline(self, t: Transaction, intent: str, actor: str, *, payload: str | None = None) -> None:
        """A person's no: nothing is sent. Raises `NotFound` or `Conflict`."""
        found, state = self.intent(t, intent)
        exact = self.payload(t, found)
        approval.require_same(payload or exact, exact)
        approval.declined(state)
        self.end(t, found, IntentState.CANCELLED, f"declined by {actor}", actor=actor)

    def cancel_intent(self, t: Transaction, intent: str, actor: str, *, lease: Lease | None = None) -> None:
        """End an intent that has not been sent. Raises `NotFound` or `Conflict`."""
        found, state = self.intent(t, intent)
        if state not in WAITING:
            raise Conflict(f"the intent is {state.value}", where="intent", remedy="cancel its order instead")
        self.end(t, found, IntentState.CANCELLED, f"cancelled by {actor}", actor=actor, lease=lease)

    def end(
        self,
        t: Transaction,
        intent: Intent,
        state: IntentState,
        note: str,
        *,
        actor: str,
        lease: Lease | None = None,
    ) -> None:
        """Close a decision nothing of which was sent: intents and RESERVED rows of all its legs."""
        _, before = self.intent(t, intent.intent)
        order_state = OrderState.EXPIRED if state is IntentState.EXPIRED else OrderState.CANCELLED
        for leg in self._legs(t, intent):
            self._store.set_intent(t, leg.intent, state, at=self._clock.now(), note=note)
            row = self._store.order(t, leg.intent)
            if row is not None and row.state is OrderState.RESERVED:
                self.move(t, row, replace(row, state=order_state, note=note), lease=lease)
        body = {"note": note}
        ref = f"intent:{intent.intent}"
        self._audit.append(t, actor, f"intent.{state.value}", ref, body, before=before, after=state)

    def move(self, t: Transaction, before: Order, after: Order, *, lease: Lease | None) -> Order:
        """Replace a row, through the states between where there is no direct way; one audit row per change
        of state. Raises `Conflict` or `LeaseLost`."""
        at = before
        for state in route(before.state, after.state):
            moved = self._store.move(t, at, replace(after, state=state, version=at.version), lease=lease)
            if at.state is not moved.state:
                self._tell_audit(t, at, moved)
            at = moved
        return at

    def _tell_audit(self, t: Transaction, before: Order, after: Order) -> None:
        body = {
            "before": before.state,
            "after": after.state,
            "filled": after.filled,
            "note": after.note,
        }
        self._audit.append(t, "dealer", f"order.{after.state.value}", f"order:{after.order}", body)

    def intent(self, t: Transaction, identity: str) -> tuple[Intent, IntentState]:
        """By identity or at least eight characters of it. Raises `NotFound` or `InvalidInput`."""
        exact = self._store.intent(t, identity)
        if exact is not None:
            return exact
        found = [pair for pair in self._store.intents(t) if _begins(pair[0].intent, identity)]
        return _one(found, identity, "intent")

    def intents(
        self,
        t: Transaction,
        *,
        states: Collection[IntentState] | None = None,
        run: str | None = None,
        names: Collection[str] | None = None,
    ) -> Sequence[tuple[Intent, IntentState]]:
        """Intents with their states, by window; `names` are whole identities."""
        return self._store.intents(t, states=states, run=run, names=names)

    def order(self, t: Transaction, identity: str) -> Order:
        """By identity, cOID, broker's id, or the beginning of one. Raises `NotFound` or `InvalidInput`."""
        exact = self._store.order(t, identity) or self._store.by_coid(t, identity)
        return exact or _one(list(self._store.by_prefix(t, identity)), identity, "order")

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
        """Newest reservation first."""
        return self._store.orders(t, states=states, strategy=strategy, conid=conid, run=run, limit=limit)

    def sends(self, t: Transaction, order: str) -> Sequence[SendRow]:
        """Every attempt at the broker with its outcome, by number."""
        return self._store.sends(t, order)

    def _legs(self, t: Transaction, main: Intent) -> list[Intent]:
        return [leg for leg, _ in self._store.intents(t, run=main.run)]


def _begins(identity: str, prefix: str) -> bool:
    return len(prefix) >= 8 and identity.replace("-", "").startswith(prefix.replace("-", ""))


def _one(found: list[Thing], identity: str, what: str) -> Thing:
    if not found:
        raise NotFound(f"no {what} is called {identity!r}", where=what, remedy=f"{what}s list shows them")
    if len(found) > 1:
        raise InvalidInput(f"{identity!r} names {len(found)} {what}s", where=what, remedy="give more of it")
    return found[0]
