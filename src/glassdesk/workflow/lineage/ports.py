"""What lineage needs from outside."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.lineage.anchors import Anchor
from glassdesk.workflow.lineage.model import Artifact, AuditEntry, Call, Inspected, Node


class ArtifactStore(Protocol):
    """Bytes by content. Writing the same bytes twice is one artifact."""

    def put(self, data: bytes) -> str:
        """Store durably and answer the sha256. Raises `Unavailable`."""
        ...

    def get(self, sha256: str) -> bytes:
        """The bytes, checked against their name. Raises `NotFound` or `IntegrityViolation`."""
        ...


class LineageStore(Protocol):
    """Nodes, artifact rows and calls; append-only."""

    def add_node(self, t: Transaction, node: Node) -> None:
        """Append; the same node with the same hash twice is harmless, with another hash `IntegrityViolation`.
        Every parent must exist."""
        ...

    def node(self, t: Transaction, node: str) -> Node | None:
        """By name."""
        ...

    def nodes_of_entity(self, t: Transaction, entity: str) -> Sequence[Node]:
        """All nodes whose entity is this identity or starts with it (at least eight characters)."""
        ...

    def nodes_of_run(self, t: Transaction, run: str) -> Sequence[Node]:
        """All nodes of a run."""
        ...

    def ancestry(self, t: Transaction, node: str) -> Sequence[Node]:
        """The node and all its ancestors, parents before children."""
        ...

    def add_artifact(self, t: Transaction, artifact: Artifact) -> None:
        """Insert unless known."""
        ...

    def artifact(self, t: Transaction, sha256: str) -> Artifact | None:
        """By hash."""
        ...

    def add_call(self, t: Transaction, call: Call) -> None:
        """Append."""
        ...

    def calls(self, t: Transaction, purpose_prefix: str) -> Sequence[Call]:
        """Calls whose purpose starts so, oldest first, at most 500."""
        ...


class AuditStore(Protocol):
    """The append-only chain; `append` serialises on its head."""

    def head(self, t: Transaction) -> tuple[int, str]:
        """Sequence number and hash of the last row; (0, 64 zeros) when empty. Locks the head in a writing
        transaction."""
        ...

    def append(self, t: Transaction, entry: AuditEntry) -> None:
        """Append the row after the head. Raises `IntegrityViolation` when it does not follow it."""
        ...

    def entries(
        self,
        t: Transaction,
        *,
        after: int = 0,
        limit: int = 1000,
        actor: str = "",
        kind: str = "",
        ref: str = "",
        before: int | None = None,
    ) -> Sequence[AuditEntry]:
        """Rows in order; with `before`, the last ones below that row. Of those of the actor whose kind and
        ref begin so. Raises `IntegrityViolation` where a row cannot be read."""
        ...


class InspectionStore(Protocol):
    """What inspections of the chain found, and its anchors; append-only."""

    def add_inspection(self, t: Transaction, inspected: Inspected) -> None:
        """Append; a second one of the same instant and reason replaces the first."""
        ...

    def inspections(self, t: Transaction, *, limit: int = 20) -> Sequence[Inspected]:
        """Newest first."""
        ...

    def add_anchor(self, t: Transaction, anchor: Anchor) -> None:
        """Append; known is harmless."""
        ...

    def anchors(self, t: Transaction) -> Sequence[Anchor]:
        """By their rows."""
        ...


class AnchorFile(Protocol):
    """Anchors outside the database: lines that are only appended."""

    def append(self, anchor: Anchor) -> None:
        """Durable when it returns. Raises `Unavailable`."""
        ...

    def read(self) -> Sequence[Anchor]:
        """All, in their order. Raises `IntegrityViolation` for a line that is none."""
        ...


class CallBook(Protocol):
    """Exchanges with the broker that wait to be filed in the transaction of what they led to."""

    def drain(self, purpose_prefix: str) -> Sequence[tuple[Call, bytes]]:
        """Take out the calls made for a purpose so far, oldest first, each with its redacted answer."""
        ...
