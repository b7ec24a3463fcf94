"""Nouns of the runs step."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

BLOCKED = "BLOCKED_SESSION"
"""Code of the reason of a run that waits for a sign-in."""
KEPT_BACK = "CONDITIONS"
"""Code of the reason of a run whose conditions kept the analyst from being asked."""


class RunKind(StrEnum):
    SCHEDULED = "scheduled"
    MANUAL = "manual"
    """An act of a person, or of the dealer by a position's exit rules."""


class RunState(StrEnum):
    """Where a run stands. The last six are final for the worker; the story continues by links."""

    DUE = "due"
    RUNNING = "running"
    DECIDED = "decided"
    """Entry signal reached, waits for the batch's selection (`T-02`)."""
    RESERVED = "reserved"
    QUEUED = "queued"
    """Reserved, waiting for its entry window."""
    AWAITING_APPROVAL = "awaiting_approval"
    NO_TRADE = "no_trade"
    FAILED = "failed"
    QUARANTINED = "quarantined"

    @property
    def final(self) -> bool:
        return self not in (RunState.DUE, RunState.RUNNING, RunState.DECIDED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One decision on one contract. `slot` is the instant it decides as of: everything it sees is of that
    instant."""

    run: str
    kind: RunKind
    strategy: str
    version: int
    slot: datetime
    conid: int
    symbol: str
    account: str
    state: RunState
    reason: str
    """Why it ended so, one line; a code first, e.g. `NO_SIGNAL: RSI(2) 43 is not below 10`."""
    created_at: datetime
    claimed_at: datetime | None = None
    ended_at: datetime | None = None
    lease_owner: str | None = None
    lease_until: datetime | None = None
    fence: int = 0
    losses: int = 0
    """Claims that ended without a result; five quarantine the run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRow:
    """The committed output of one step of a run: what the next step reads, also when nothing crashed."""

    run: str
    number: int
    name: str
    output: str
    """Canonical JSON."""
    output_sha256: str
    node: str
    committed_at: datetime
    machine_ms: int
