"""The audit chain: every act of a person and of the desk, each row hashed onto the one before
(`reliability.md` §2.12)."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from glassdesk.kernel.canonical import canonical_text, digest
from glassdesk.kernel.clock import Clock
from glassdesk.kernel.errors import IntegrityViolation
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.lineage.model import AuditEntry
from glassdesk.workflow.lineage.ports import AuditStore

GENESIS = "0" * 64
PAGE = 1000

_UNSAID: Any = object()


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

    def append(
        self,
        t: Transaction,
        actor: str,
        kind: str,
        ref: str,
        body: object = None,
        *,
        before: object = _UNSAID,
        after: object = _UNSAID,
    ) -> AuditEntry:
        """Append one row in the caller's transaction, so that the act and its record are one. Of what an act
        changed, `before` and `after` leave their hashes in the row (`T-77`), also where they stand in the
        body; `None` is what was not there."""
        body = _with_hashes(body, before, after)
        seq, previous = self._store.head(t)
        entry = _entry(previous, seq + 1, self._clock.now(), actor, kind, ref, canonical_text(body))
        self._store.append(t, entry)
        return entry

    def entries(
        self,
        t: Transaction,
        *,
        after: int = 0,
        limit: int = PAGE,
        actor: str = "",
        kind: str = "",
        ref: str = "",
        before: int | None = None,
    ) -> Sequence[AuditEntry]:
        """Rows in order; with `before`, the last ones below that row. Of those of the actor whose kind and
        ref begin so."""
        return self._store.entries(
            t, after=after, limit=limit, actor=actor, kind=kind, ref=ref, before=before
        )

    def head(self, t: Transaction) -> tuple[int, str]:
        """Number and hash of the last row."""
        return self._store.head(t)

    def length(self, t: Transaction) -> int:
        """How many rows the chain has, by its head."""
        return self._store.head(t)[0]

    def verify(self, t: Transaction) -> int:
        """Recompute the whole chain and answer its length. Raises `IntegrityViolation` naming the first bad
        row."""
        link = Link()
        while rows := self._store.entries(t, after=link.seq, limit=PAGE):
            link.follow(rows)
        link.end(self._store.head(t))
        return link.seq


class Link:
    """How far a chain was recomputed."""

    def __init__(self, seq: int = 0, hashed: str = GENESIS) -> None:
        self.seq = seq
        self.hash = hashed

    def follow(self, rows: Sequence[AuditEntry]) -> None:
        """Recompute these rows on top. Raises `IntegrityViolation` naming the first bad one."""
        for row in rows:
            _check_row(row, self.seq + 1, self.hash)
            self.seq, self.hash = row.seq, row.hash

    def end(self, head: tuple[int, str]) -> None:
        """Raise `IntegrityViolation` unless the chain ends where its head says."""
        if head != (self.seq, self.hash):
            problem = f"the chain ends at row {self.seq}, its head says row {head[0]} {head[1][:12]}"
            raise IntegrityViolation(problem, where="audit")


def _with_hashes(body: object, before: object, after: object) -> object:
    if before is _UNSAID and after is _UNSAID:
        if not isinstance(body, Mapping) or "before" not in body or "after" not in body:
            return body
        before, after = body["before"], body["after"]
    return {**_fields(body), "hashes": {"before": _hash(before), "after": _hash(after)}}


def _fields(body: object) -> Mapping[str, object]:
    if body is None:
        return {}
    if isinstance(body, Mapping):
        return body
    if dataclasses.is_dataclass(body) and not isinstance(body, type):
        return {field.name: getattr(body, field.name) for field in dataclasses.fields(body)}
    return {"value": body}


def _hash(value: object) -> str | None:
    return None if value is None or value is _UNSAID else digest(value)


def _entry(previous: str, seq: int, at: datetime, actor: str, kind: str, ref: str, body: str) -> AuditEntry:
    hashed = chain_hash(previous, seq=seq, at=at, actor=actor, kind=kind, ref=ref, body=body)
    return AuditEntry(
        seq=seq, previous=previous, hash=hashed, at=at, actor=actor, kind=kind, ref=ref, body=body
    )


def _check_row(row: AuditEntry, seq: int, previous: str) -> None:
    if row.seq != seq:
        raise IntegrityViolation(f"row {seq} is missing", where="audit")
    expected = chain_hash(
        previous, seq=row.seq, at=row.at, actor=row.actor, kind=row.kind, ref=row.ref, body=row.body
    )
    if row.previous != previous or row.hash != expected:
        raise IntegrityViolation(f"row {row.seq} ({row.kind} {row.ref}) was changed", where="audit")
