"""The audit chain: every act of a person and of the desk, each row hashed onto the one before
(`reliability.md` §2.12)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from glassdesk.kernel.canonical import canonical_text, digest
from glassdesk.kernel.clock import Clock
from glassdesk.kernel.errors import IntegrityViolation
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.lineage.model import AuditEntry
from glassdesk.workflow.lineage.ports import AuditStore

GENESIS = "0" * 64


def chain_hash(previous: str, *, seq: int, at: datetime, actor: str, kind: str, ref: str, body: str) -> str:
    """The hash of one row on top of the previous row's."""
    return digest(
        {"previous": previous, "seq": seq, "at": at, "actor": actor, "kind": kind, "ref": ref, "body": body}
    )


class Audit:
    """Appends and verifies the chain."""

    def __init__(self, store: AuditStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def append(self, t: Transaction, actor: str, kind: str, ref: str, body: object = None) -> AuditEntry:
        """Append one row in the caller's transaction, so that the act and its record are one."""
        seq, previous = self._store.head(t)
        entry = _entry(previous, seq + 1, self._clock.now(), actor, kind, ref, canonical_text(body))
        self._store.append(t, entry)
        return entry

    def entries(self, t: Transaction, *, after: int = 0, limit: int = 1000) -> Sequence[AuditEntry]:
        """Rows in order."""
        return self._store.entries(t, after=after, limit=limit)

    def head(self, t: Transaction) -> tuple[int, str]:
        """Number and hash of the last row."""
        return self._store.head(t)

    def length(self, t: Transaction) -> int:
        """How many rows the chain has, by its head."""
        return self._store.head(t)[0]

    def verify(self, t: Transaction) -> int:
        """Recompute the whole chain and answer its length. Raises `IntegrityViolation` naming the first bad
        row."""
        seq, previous = 0, GENESIS
        while rows := self._store.entries(t, after=seq, limit=1000):
            for row in rows:
                _check_row(row, seq + 1, previous)
                seq, previous = row.seq, row.hash
        if self._store.head(t) != (seq, previous):
            raise IntegrityViolation(f"the chain ends at row {seq}, its head says otherwise", where="audit")
        return seq


def _entry(previous: str, seq: int, at: datetime, actor: str, kind: str, ref: str, body: str) -> AuditEntry:
    hashed = chain_hash(previous, seq=seq, at=at, actor=actor, kind=kind, ref=ref, body=body)
    return AuditEntry(
        seq=seq, previous=previous, hash=hashed, at=at, actor=actor, kind=kind, ref=ref, body=body
    )


def _check_row(row: AuditEntry, seq: int, previous: str) -> None:
    expected = chain_hash(
        previous, seq=row.seq, at=row.at, actor=row.actor, kind=row.kind, ref=row.ref, body=row.body
    )
    if row.seq != seq:
        raise IntegrityViolation(f"row {seq} is missing", where="audit")
    if row.previous != previous or row.hash != expected:
        raise IntegrityViolation(f"row {row.seq} ({row.kind} {row.ref}) was changed", where="audit")
