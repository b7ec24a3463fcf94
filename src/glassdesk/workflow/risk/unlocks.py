"""Nouns of the unlock of a live account (`T-61`): moves that never change, and what was shown for them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class LiveAct(StrEnum):
    """What a person did to a live account."""

    UNLOCK = "unlock"
    LOCK = "lock"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What an unlock was granted on: the bundle, and the numbers in it."""

    bundle: str
    """SHA-256 of the bundle's content."""
    paper_account: str
    probe: str
    probe_sha256: str
    """Of the probe's report."""
    probed_at: datetime
    switches: tuple[tuple[str, str], ...]
    """What the probe found out about the broker, by the switch's name (`T-60`)."""
    paper_days: int
    closed_trades: int
    trades_sha256: str
    audit_rows: int
    audit_head: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveMove:
    """One unlock or lock. The newest of an account holds."""

    account: str
    move: int
    """1, 2, … of the account."""
    act: LiveAct
    at: datetime
    actor: str
    reason: str
    until: datetime | None = None
    """End of an unlock."""
    shown: Shown | None = None
    """Of an unlock."""
