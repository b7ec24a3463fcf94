"""Deterministic identities: recomputable from what they name, without the database (`design.md` §5)."""

from __future__ import annotations

import base64
import hashlib
import uuid
from datetime import datetime
from enum import StrEnum

from glassdesk.kernel.clock import format_instant

_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "https://glassdesk.invalid/ids")


class AccountKind(StrEnum):
    """What stands behind an account; the letter enters the cOID."""

    LIVE = "live"
    PAPER = "paper"
    SIMULATED = "simulated"

    @property
    def letter(self) -> str:
        return self.value[0]


class Leg(StrEnum):
    """Which order of a run: whatever a signal asks for is `main`; protection uses the others.

    Remedies are `remedy-1`, `remedy-2`, … and are plain text, not members.
    """

    MAIN = "main"
    STOP = "stop"
    TARGET = "target"


def _uuid(*parts: str) -> str:
    return str(uuid.uuid5(_NAMESPACE, "|".join(parts)))


def run_id(deployment: str, strategy: str, slot: datetime, conid: int) -> str:
    """The run of one strategy, slot and contract."""
    return _uuid("run", deployment, strategy, format_instant(slot), str(conid))


def manual_run_id(deployment: str, account: str, conid: int, commanded_at: datetime) -> str:
    """The run of an act of a person."""
    return _uuid("run", deployment, "manual", account, str(conid), format_instant(commanded_at))


def intent_id(run: str, leg: str) -> str:
    """One leg of one run; side, price and quantity are not part of it, so a second answer cannot make a
    second order."""
    return _uuid("intent", run, leg)


def coid(kind: AccountKind, account: str, intent: str) -> str:
    """The client order id: `gd1`, the account kind's letter, 100 bits in [a-z2-7]; 24 characters."""
    hashed = hashlib.sha256(f"{account}|{intent}".encode()).digest()
    return f"gd1{kind.letter}" + base64.b32encode(hashed).decode().lower()[:20]


def is_ours(order_ref: str | None) -> bool:
    """True for a client order id of this product's form."""
    return order_ref is not None and order_ref.startswith("gd1") and len(order_ref) == 24


def short(identity: str) -> str:
    """The eight characters a person reads on every screen and log line."""
    return identity.replace("-", "")[:8]
