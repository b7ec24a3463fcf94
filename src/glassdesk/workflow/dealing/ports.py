"""What the dealing step needs from outside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Protocol

from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.dealing.findings import Probe
from glassdesk.workflow.dealing.model import Command
from glassdesk.workflow.order_tracking.model import OrderRow
from glassdesk.workflow.orders.model import Ticket
from glassdesk.workflow.orders.ports_write import BrokerOrders
from glassdesk.workflow.risk.model import WhatIf


class CommandStore(Protocol):
    """Commands to the dealer."""

    def put(self, t: Transaction, command: Command) -> None:
        """Insert unless known."""
        ...

    def pending(self, t: Transaction) -> Sequence[Command]:
        """Not done yet, oldest first."""
        ...

    def done(self, t: Transaction, command: str, *, at: datetime, result: str) -> None:
        """Close it with a result a person can read."""
        ...

    def get(self, t: Transaction, command: str) -> Command | None:
        """By identity."""
        ...

    def recent(self, t: Transaction, *, limit: int = 50) -> Sequence[Command]:
        """Newest first."""
        ...


class Between(StrEnum):
    """What comes between a question and its reply, to see whether it voids the question [F-48]."""

    TICKLE = "a tickle"
    WHAT_IF = "a what-if"
    MARKET_DATA = "a market data snapshot"


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """One reading of the order list as it came; `None` where the answer has no flag [F-40]."""

    snapshot: bool | None
    rows: tuple[OrderRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What a what-if said."""

    warning: str
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VolumeSeen:
    """Today's volume twice: of the running daily bar, in units of `factor` shares, and of the snapshot."""

    factor: Decimal | None
    last_bar: Decimal | None
    day: Decimal | None


class BrokerPreview(Protocol):
    """The broker's what-if [§5.3]: a read that says what an order would do."""

    def what_if(self, ticket: Ticket) -> WhatIf:
        """Margin and commission after the order; figures that are missing or "NA" stay unknown [F-66]. Raises
        `SessionNotReady`, `ReadFailed` or `Unavailable`."""
        ...


class BrokerClock(Protocol):
    """The broker's clock, as its answers state it."""

    def skew(self) -> timedelta | None:
        """How far it is ahead of this machine's, by its last answer; `None` where none has said."""
        ...


class BrokerProbe(Protocol):
    """What only the probe asks of the broker. Reads raise `Unavailable`."""

    def orders(self, *, child_coid: bool, between: Between | None = None) -> BrokerOrders:
        """Writes whose children carry a client id of their own or none, with something between the first
        question and its reply. Questions about price are confirmed where nothing can trade."""
        ...

    def listing(self, *, force: bool = False) -> Listing:
        """One reading, never repeated; `force` drops the broker's cache first."""
        ...

    def preview(self, ticket: Ticket, *, fresh: bool = False) -> Preview:
        """A what-if; `fresh` gives the contract's market data up first."""
        ...

    def heard(self, coid: str) -> bool | None:
        """Whether the broker's stream named this client order id lately; `None` while it is down."""
        ...

    def volume(self, conid: int) -> VolumeSeen:
        """Two statements of today's volume."""
        ...


class ProbeStore(Protocol):
    """Probes of accounts. An ended one stays as it is."""

    def put(self, t: Transaction, probe: Probe) -> None:
        """Insert, or replace while it has not ended. Raises `Conflict` afterwards."""
        ...

    def probe(self, t: Transaction, probe: str) -> Probe | None:
        """By identity."""
        ...

    def of_account(self, t: Transaction, account: str, *, since: datetime | None = None) -> Sequence[Probe]:
        """Newest first, of those that began at `since` or later."""
        ...

    def unfinished(self, t: Transaction, account: str) -> Probe | None:
        """The newest that runs or cleans up."""
        ...


class BrokerHints(Protocol):
    """What the broker volunteers between two reads. A hint is a reason to read earlier and never a fact: what
    it says is read again before anything follows from it [F-79]."""

    @property
    def flowing(self) -> bool:
        """True while the broker's stream is up, so that silence means that nothing happened."""
        ...

    def attend(self, ready: bool) -> None:
        """Keep the stream up from now on, or let it go. Each ready session gets a stream of its own."""
        ...

    def orders_changed(self) -> bool:
        """True once after something was said about orders or executions."""
        ...

    def session_changed(self) -> bool:
        """True once after something was said about the brokerage session."""
        ...


class ManualRuns(Protocol):
    """Runs of kind `manual`: acts of a person, which the dealer carries out. The runs step is a sibling: the
    composition implements this over the run store."""

    def begin(
        self,
        t: Transaction,
        *,
        run: str,
        account: str,
        strategy: str,
        version: int,
        conid: int,
        symbol: str,
        at: datetime,
        reason: str,
    ) -> None:
        """Insert the run, reserved already; the same again is harmless."""
        ...
