"""Nouns of the lineage step: nodes of the Merkle graph, artifacts, calls, the audit chain."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One thing that led to another. `sha256` covers kind, content, artifacts and the parents' hashes,
    never identities given by a database or broker, durations, hosts or machine time."""

    node: str
    """`kind:entity`, e.g. `bars:<run>`."""
    kind: str
    entity: str
    run: str | None
    content: str
    """Canonical JSON."""
    content_sha256: str
    artifacts: tuple[str, ...]
    parents: tuple[str, ...]
    """Node names, sorted."""
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Graph:
    """A node and everything it came from, parents before children."""

    root: str
    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Artifact:
    """Bytes named by their content."""

    sha256: str
    size: int
    media_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One HTTP exchange, redacted. `purpose` says for whom: `run:<id>:bars`, `dealer:orders`, …"""

    call: int | None
    purpose: str
    method: str
    path: str
    request: str
    status: int | None
    response_sha256: str | None
    """Artifact of the full answer; `None` for polls that changed nothing (hash, time and count are kept)."""
    response_digest: str
    error: str
    started_at: datetime
    machine_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """One row of the audit chain: `hash = sha256(previous hash ‖ canonical row)`."""

    seq: int
    previous: str
    hash: str
    at: datetime
    actor: str
    kind: str
    ref: str
    body: str
    """Canonical JSON."""


class Reason(StrEnum):
    """Why the chain was inspected."""

    START = "start"
    NIGHT = "night"
    DEMAND = "demand"


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspected:
    """One recomputation of the audit chain."""

    at: datetime
    reason: Reason
    after: int
    """It began behind this row; 0 is the whole chain."""
    last: int
    hash: str
    problem: str
    """What is wrong, naming the row; empty where everything holds."""

    @property
    def rows(self) -> int:
        """How many rows were recomputed."""
        return self.last - self.after
