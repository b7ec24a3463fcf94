"""The product's own stores, read through their ports at one instant."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from glassdesk.adapters.database import Stores
from glassdesk.kernel.ids import AccountKind
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.lineage.model import AuditEntry, Node
from glassdesk.workflow.notifications.model import Notification
from glassdesk.workflow.order_tracking.model import Execution, Fact, Fill
from glassdesk.workflow.orders.model import Intent, IntentState, Order, SendRow
from glassdesk.workflow.positions.model import Break, BrokerPosition
from glassdesk.workflow.risk.model import HaltLevel, Verdict
from glassdesk.workflow.runs.model import Run, StepRow
from glassdesk.workflow.signals.model import SignalRow

ALL = 100_000
IsOpen = Callable[[datetime], bool]


def always(_: datetime) -> bool:
    """A market that never closes."""
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """What the product has written down."""

    account: str
    kind: AccountKind
    now: datetime
    is_open: IsOpen = always
    """Regular hours of what is traded."""
    orders: tuple[Order, ...] = ()
    intents: tuple[tuple[Intent, IntentState], ...] = ()
    sends: Mapping[str, tuple[SendRow, ...]] = field(default_factory=dict)
    facts: Mapping[str, tuple[Fact, ...]] = field(default_factory=dict)
    fills: tuple[Fill, ...] = ()
    external: tuple[Execution, ...] = ()
    openings: tuple[BrokerPosition, ...] = ()
    breaks: tuple[Break, ...] = ()
    runs: tuple[Run, ...] = ()
    steps: Mapping[str, tuple[StepRow, ...]] = field(default_factory=dict)
    signals: Mapping[str, SignalRow] = field(default_factory=dict)
    verdicts: Mapping[str, tuple[tuple[str, Verdict], ...]] = field(default_factory=dict)
    halt: HaltLevel = HaltLevel.ACTIVE
    notifications: tuple[Notification, ...] = ()
    audit: tuple[AuditEntry, ...] = ()
    audit_head: tuple[int, str] = (0, "")
    lineage: Mapping[str, tuple[Node, ...]] = field(default_factory=dict)
    """By order: its node and all ancestors."""
    problems: tuple[str, ...] = ()
    """What the database's own checks and the verification of artifacts say."""
    texts: tuple[tuple[str, str], ...] = ()
    """(place, text) of everything a person could read: log, artifacts, bodies."""
    canaries: tuple[str, ...] = ()
    """Planted secrets that no text may contain."""

    def order(self, order: str) -> Order | None:
        """By row identity."""
        return next((one for one in self.orders if one.order == order), None)

    def by_coid(self, coid: str | None) -> Order | None:
        """By client order id."""
        return next((one for one in self.orders if one.coid == coid), None)

    def intent(self, intent: str) -> Intent | None:
        """By identity."""
        return next((one for one, _ in self.intents if one.intent == intent), None)

    def told(self, *words: str) -> list[Notification]:
        """Notifications whose key, reference or title contains one of these words."""
        return [
            one
            for one in self.notifications
            if any(word in f"{one.key} {one.ref} {one.title}" for word in words)
        ]


def read_books(
    stores: Stores,
    account: str,
    kind: AccountKind,
    now: datetime,
    *,
    is_open: IsOpen = always,
    problems: tuple[str, ...] = (),
    texts: tuple[tuple[str, str], ...] = (),
    canaries: tuple[str, ...] = (),
) -> Books:
    """Everything, in one reading unit of work."""
    with stores.transactions.read() as t:
        orders = tuple(stores.orders.orders(t, limit=ALL))
        runs = tuple(stores.runs.runs(t, limit=ALL))
        found = _signals(stores, t, runs)
        return Books(
            account=account,
            kind=kind,
            now=now,
            is_open=is_open,
            orders=orders,
            intents=tuple(stores.orders.intents(t)),
            sends={one.order: tuple(stores.orders.sends(t, one.order)) for one in orders},
            facts={one.order: tuple(stores.tracking.facts(t, one.order)) for one in orders},
            fills=tuple(stores.tracking.fills(t, account)),
            external=tuple(stores.tracking.external_executions(t)),
            openings=tuple(stores.positions.openings(t, account)),
            breaks=tuple(stores.positions.open_breaks(t)),
            runs=runs,
            steps={run.run: tuple(stores.runs.steps(t, run.run)) for run in runs},
            signals=found,
            verdicts={run.run: tuple(stores.verdicts.of_run(t, run.run)) for run in runs},
            halt=stores.halt.halt(t).level,
            notifications=tuple(stores.outbox.recent(t, limit=ALL)),
            audit=_audit(stores, t),
            audit_head=stores.audit.head(t),
            lineage={one.order: tuple(stores.lineage.ancestry(t, f"order:{one.order}")) for one in orders},
            problems=problems,
            texts=texts,
            canaries=canaries,
        )


def _signals(stores: Stores, t: Transaction, runs: tuple[Run, ...]) -> dict[str, SignalRow]:
    rows = {run.run: stores.signals.of_run(t, run.run) for run in runs}
    return {run: row for run, row in rows.items() if row is not None}


def _audit(stores: Stores, t: Transaction) -> tuple[AuditEntry, ...]:
    return tuple(stores.audit.entries(t, after=0, limit=ALL))
