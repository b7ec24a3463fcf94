"""Stores that note in a journal what each commit made durable; they change nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any, cast

from glassdesk.adapters.database import Stores
from glassdesk.kernel.leases import Lease
from glassdesk.kernel.unit_of_work import Transaction, Transactions
from glassdesk.workflow.orders.model import Order
from tests.chaos.history.journal import Answered, IntentMove, Journal, Looked, Move, Sent, Written

Now = Callable[[], datetime]
Note = Callable[[Transaction, Written], None]
_SENT = ("verb", "payload_sha256", "fence", "epoch", "started_at", "not_after")


def recorded(stores: Stores, journal: Journal, instance: str, now: Now) -> Stores:
    """The same stores of one instance, with its commits noted. Crash points belong around them."""
    pens = _Transactions(stores.transactions, journal, instance, now)

    def over(inner: object, kind: type[_Recording]) -> Any:
        return kind(inner, pens.note)

    return replace(
        stores,
        transactions=pens,
        orders=over(stores.orders, _Orders),
        audit=over(stores.audit, _Audit),
        leases=over(stores.leases, _Leases),
        session=over(stores.session, _Session),
        halt=over(stores.halt, _Halt),
        outbox=over(stores.outbox, _Outbox),
        tracking=over(stores.tracking, _Tracking),
        runs=over(stores.runs, _Runs),
        signals=over(stores.signals, _Signals),
    )


class _Transactions(Transactions):
    def __init__(self, inner: Transactions, journal: Journal, instance: str, now: Now) -> None:
        self._inner = inner
        self._journal = journal
        self._instance = instance
        self._now = now
        self._open: dict[int, list[Written]] = {}

    def note(self, t: Transaction, row: Written) -> None:
        """It will count once the transaction commits."""
        self._open[id(t)].append(row)

    def begin(self) -> Any:
        return self._begin()

    def read(self) -> Any:
        return self._inner.read()

    @contextmanager
    def _begin(self) -> Iterator[Transaction]:
        rows: list[Written] = []
        known: int | None = None
        try:
            with self._inner.begin() as t:
                known = id(t)
                self._open[known] = rows
                # Before what rings after the commit: whoever is woken by it comes later.
                t.after_commit(lambda: self._durable(rows))
                yield t
        finally:
            if known is not None:
                self._open.pop(known, None)

    def _durable(self, rows: list[Written]) -> None:
        if rows:
            self._journal.commit(at=self._now(), instance=self._instance, rows=rows)


class _Recording:
    """Passes everything on; some methods are noted first, and count only if the inner one did not raise."""

    def __init__(self, inner: Any, note: Note) -> None:
        self._inner = inner
        self._note = note

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


class _Orders(_Recording):
    def reserve(self, t: Transaction, intents: Any, orders: Any, *, state: Any) -> None:
        known = {order.order for order in orders if self._inner.order(t, order.order) is not None}
        self._inner.reserve(t, intents, orders, state=state)
        for intent in intents:
            self._note(t, intent)
            self._note(t, IntentMove(intent=intent.intent, state=state))
        for order in orders:
            if order.order not in known:
                self._note(t, Move(before=None, after=order))

    def add_order(self, t: Transaction, order: Order, *, lease: Lease) -> None:
        known = self._inner.order(t, order.order) is not None
        self._inner.add_order(t, order, lease=lease)
        if not known:
            self._note(t, Move(before=None, after=order, fence=lease.fence))

    def move(self, t: Transaction, before: Order, after: Order, *, lease: Lease | None) -> Order:
        moved = cast("Order", self._inner.move(t, before, after, lease=lease))
        self._note(t, Move(before=before, after=moved, fence=lease.fence if lease is not None else None))
        return moved

    def set_intent(self, t: Transaction, intent: str, state: Any, *, at: datetime, note: str = "") -> None:
        self._inner.set_intent(t, intent, state, at=at, note=note)
        self._note(t, IntentMove(intent=intent, state=state))

    def add_approval(self, t: Transaction, approval: Any) -> None:
        self._inner.add_approval(t, approval)
        self._note(t, approval)

    def add_send(self, t: Transaction, order: str, number: int, **words: Any) -> None:
        self._inner.add_send(t, order, number, **words)
        self._note(t, Sent(order=order, number=number, **{name: words[name] for name in _SENT}))

    def add_outcome(self, t: Transaction, order: str, number: int, outcome: Any, *, at: datetime) -> None:
        self._inner.add_outcome(t, order, number, outcome, at=at)
        self._note(t, Answered(order=order, number=number, outcome=outcome))


class _Audit(_Recording):
    def append(self, t: Transaction, entry: Any) -> None:
        self._inner.append(t, entry)
        self._note(t, entry)


class _Leases(_Recording):
    def acquire(self, t: Transaction, name: str, owner: str, *, now: datetime, ttl: Any) -> Lease | None:
        lease = cast("Lease | None", self._inner.acquire(t, name, owner, now=now, ttl=ttl))
        if lease is not None:
            self._note(t, lease)
        return lease


class _Session(_Recording):
    def put_status(self, t: Transaction, status: Any, *, epoch: int) -> None:
        self._inner.put_status(t, status, epoch=epoch)
        self._note(t, Looked(status=status, epoch=epoch))


class _Halt(_Recording):
    def put_halt(self, t: Transaction, halt: Any) -> None:
        self._inner.put_halt(t, halt)
        self._note(t, halt)


class _Outbox(_Recording):
    def put(self, t: Transaction, notification: Any) -> None:
        self._inner.put(t, notification)
        self._note(t, notification)


class _Tracking(_Recording):
    def add_execution(self, t: Transaction, execution: Any, *, order: Any, seen_at: datetime) -> bool:
        new = bool(self._inner.add_execution(t, execution, order=order, seen_at=seen_at))
        if new:
            self._note(t, execution)
        return new

    def add_fact(self, t: Transaction, fact: Any) -> None:
        self._inner.add_fact(t, fact)
        self._note(t, fact)


class _Runs(_Recording):
    def put_step(self, t: Transaction, run: Any, step: Any) -> None:
        self._inner.put_step(t, run, step)
        self._note(t, step)


class _Signals(_Recording):
    def add(self, t: Transaction, row: Any) -> None:
        self._inner.add(t, row)
        self._note(t, row)
