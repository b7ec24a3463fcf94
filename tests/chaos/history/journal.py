"""What the harness saw of the product while it ran: port calls, commits in their order, crashes, deliveries.

One journal per world. Everything that happens takes the next `step`, so that a commit and a request of the
same instant still have an order. `recorder.recorded` fills the commits; the harness notes calls and crashes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from glassdesk.kernel.leases import Lease
from glassdesk.workflow.lineage.model import AuditEntry
from glassdesk.workflow.notifications.model import Notification
from glassdesk.workflow.order_tracking.model import Execution, Fact
from glassdesk.workflow.orders.model import Approval, Intent, IntentState, Order, Outcome
from glassdesk.workflow.risk.model import Halt
from glassdesk.workflow.runs.model import StepRow
from glassdesk.workflow.session.model import SessionStatus
from glassdesk.workflow.signals.model import SignalRow

Kind = TypeVar("Kind")


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """One change of an order row; `before` is `None` where it was inserted."""

    before: Order | None
    after: Order
    fence: int | None = None
    """Of the lease the write was made under."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """One send row, written before any byte leaves."""

    order: str
    number: int
    verb: str
    payload_sha256: str
    fence: int
    epoch: int
    started_at: datetime
    not_after: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class IntentMove:
    """One change of an intent."""

    intent: str
    state: IntentState


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What a send led to, written once."""

    order: str
    number: int
    outcome: Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """The brokerage session as it was written down."""

    status: SessionStatus
    epoch: int


Written = (
    Move
    | Sent
    | IntentMove
    | Intent
    | Approval
    | Answered
    | AuditEntry
    | Lease
    | Looked
    | Halt
    | Notification
    | Execution
    | Fact
    | StepRow
    | SignalRow
)
"""One row as it was written. A lease: granted or renewed. A notification: put, known before or not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """What one transaction made durable, in the order it was written."""

    step: int
    at: datetime
    instance: str
    rows: tuple[Written, ...]

    def of(self, kind: type[Kind]) -> list[Kind]:
        """The rows of a kind."""
        return [row for row in self.rows if isinstance(row, kind)]

    @property
    def moves(self) -> list[Move]:
        return self.of(Move)

    @property
    def sends(self) -> list[Sent]:
        return self.of(Sent)


@dataclass(slots=True, kw_only=True)
class Call:
    """One call of a port by an instance; `ended` stays `None` where the caller died in it or it is under
    way, `failed` names the exception."""

    step: int
    at: datetime
    instance: str
    number: int
    """Of this instance or of the world, as the harness counts its crash points."""
    name: str
    """`broker.reads.orders`, `stores.begin`, …"""
    ended: datetime | None = None
    failed: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Crash:
    """An instance died."""

    step: int
    at: datetime
    instance: str
    where: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A channel took a notification."""

    step: int
    at: datetime
    key: str


@dataclass(slots=True)
class Journal:
    """Filled while a world runs."""

    step: int = 0
    calls: list[Call] = field(default_factory=list)
    commits: list[Commit] = field(default_factory=list)
    crashes: list[Crash] = field(default_factory=list)
    pauses: list[tuple[datetime, str]] = field(default_factory=list)
    """(instant, instance): from then on it was not scheduled for a while."""
    deliveries: list[Delivery] = field(default_factory=list)

    def next_step(self) -> int:
        """The number of the event that happens now."""
        self.step += 1
        return self.step

    def call(self, *, at: datetime, instance: str, number: int, name: str) -> Call:
        """A port is called."""
        noted = Call(step=self.next_step(), at=at, instance=instance, number=number, name=name)
        self.calls.append(noted)
        return noted

    def commit(self, *, at: datetime, instance: str, rows: Sequence[Written]) -> None:
        """A writing transaction became durable."""
        self.commits.append(Commit(step=self.next_step(), at=at, instance=instance, rows=tuple(rows)))

    def crash(self, *, at: datetime, instance: str, where: str) -> None:
        """An instance died."""
        self.crashes.append(Crash(step=self.next_step(), at=at, instance=instance, where=where))

    def deliver(self, *, at: datetime, key: str) -> None:
        """A channel took a notification."""
        self.deliveries.append(Delivery(step=self.next_step(), at=at, key=key))

    def moves(self) -> Iterator[tuple[Commit, Move]]:
        """Every change of an order with its commit, oldest first."""
        return ((commit, move) for commit in self.commits for move in commit.moves)

    def sends(self) -> Iterator[tuple[Commit, Sent]]:
        """Every send with its commit, oldest first."""
        return ((commit, sent) for commit in self.commits for sent in commit.sends)

    def life(self, order: str) -> list[tuple[Commit, Order]]:
        """Every version of an order's row that was committed."""
        return [(commit, move.after) for commit, move in self.moves() if move.after.order == order]
