"""The audit chain under inspection: recomputed in short reads, held against its anchors, the outcome kept."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from glassdesk.kernel.clock import Clock
from glassdesk.kernel.errors import IntegrityViolation, NotFound
from glassdesk.kernel.unit_of_work import Transactions
from glassdesk.workflow.lineage import anchors
from glassdesk.workflow.lineage.anchors import Anchor
from glassdesk.workflow.lineage.audit import GENESIS, PAGE, Link
from glassdesk.workflow.lineage.model import AuditEntry, Inspected, Reason
from glassdesk.workflow.lineage.ports import AnchorFile, ArtifactStore, AuditStore, InspectionStore

TAIL = 10_000
"""Rows that are recomputed at each start."""


class Inspection:
    """Verifies the chain and anchors its head."""

    def __init__(
        self,
        transactions: Transactions,
        audit: AuditStore,
        store: InspectionStore,
        file: AnchorFile,
        artifacts: ArtifactStore,
        clock: Clock,
        *,
        database: str,
    ) -> None:
        self._transactions = transactions
        self._audit = audit
        self._store = store
        self._file = file
        self._artifacts = artifacts
        self._clock = clock
        self._database = database

    def tail(self, reason: Reason) -> Inspected:
        """The last 10,000 rows and every anchor of the file."""
        with self._transactions.read() as t:
            last, _ = self._audit.head(t)
        return self._inspect(reason, max(0, last - TAIL))

    def full(self, reason: Reason) -> Inspected:
        """Every row, every anchor, and every anchor's copy in the artifact store."""
        return self._inspect(reason, 0)

    def anchor(self) -> Anchor | None:
        """Copy the head into the file and the artifact store; `None` where nothing came since."""
        with self._transactions.read() as t:
            seq, hashed = self._audit.head(t)
        newest = max(self._own(self._file.read()), key=lambda one: one.seq, default=None)
        if seq == 0 or (newest is not None and newest.seq >= seq):
            return None
        made = Anchor(database=self._database, seq=seq, hash=hashed, at=self._clock.now())
        kept = Anchor(
            database=made.database,
            seq=seq,
            hash=hashed,
            at=made.at,
            artifact=self._artifacts.put(made.document()),
        )
        self._file.append(kept)
        with self._transactions.begin() as t:
            self._store.add_anchor(t, kept)
        return kept

    def recent(self, *, limit: int = 20) -> tuple[Sequence[Inspected], Sequence[Anchor]]:
        """The newest inspections and anchors, newest first."""
        with self._transactions.read() as t:
            return self._store.inspections(t, limit=limit), self._store.anchors(t)[-limit:][::-1]

    def _inspect(self, reason: Reason, after: int) -> Inspected:
        problem, link = "", Link()
        try:
            link = self._recompute(after)
            self._against_anchors(link.seq, everything=after == 0)
        except IntegrityViolation as broken:
            problem = broken.problem
        found = Inspected(
            at=self._clock.now(), reason=reason, after=after, last=link.seq, hash=link.hash, problem=problem
        )
        with self._transactions.begin() as t:
            self._store.add_inspection(t, found)
        return found

    def _recompute(self, after: int) -> Link:
        link = Link(after, GENESIS if after == 0 else self._row(after).hash)
        with self._transactions.read() as t:
            head = self._audit.head(t)
        while link.seq < head[0]:
            rows = [row for row in self._rows(link.seq) if row.seq <= head[0]]
            if not rows:
                break
            link.follow(rows)
        link.end(head)
        return link

    def _rows(self, after: int) -> Sequence[AuditEntry]:
        """The next rows; where one cannot even be read, it is named."""
        try:
            return self._read(after, PAGE)
        except IntegrityViolation:
            return [self._row(after + 1)]

    def _row(self, seq: int) -> AuditEntry:
        try:
            found = self._read(seq - 1, 1)
        except IntegrityViolation as failure:
            raise IntegrityViolation(f"row {seq} cannot be read", where="audit") from failure
        if not found or found[0].seq != seq:
            raise IntegrityViolation(f"row {seq} is missing", where="audit")
        return found[0]

    def _read(self, after: int, limit: int) -> Sequence[AuditEntry]:
        with self._transactions.read() as t:
            return self._audit.entries(t, after=after, limit=limit)

    def _against_anchors(self, last: int, *, everything: bool) -> None:
        with self._transactions.read() as t:
            stored = self._store.anchors(t)
        known = {(one.seq, one.hash): one for one in (*stored, *self._own(self._file.read()))}
        for anchor in known.values():
            self._check(anchor, last)
            if everything and anchor.artifact:
                self._check_copy(anchor)

    def _check(self, anchor: Anchor, last: int) -> None:
        present = self._row(anchor.seq).hash if anchor.seq <= last else None
        anchors.check(anchor, last, present)

    def _check_copy(self, anchor: Anchor) -> None:
        try:
            copy = anchors.read(self._artifacts.get(anchor.artifact).decode(), where="artifacts")
        except (NotFound, IntegrityViolation, UnicodeDecodeError) as failure:
            problem = f"the copy of the anchor at row {anchor.seq} is not in the artifact store"
            raise IntegrityViolation(problem, where="audit") from failure
        if (copy.seq, copy.hash) != (anchor.seq, anchor.hash):
            raise IntegrityViolation(f"the anchor at row {anchor.seq} differs from its copy", where="audit")

    def _own(self, found: Iterable[Anchor]) -> list[Anchor]:
        return [one for one in found if one.database == self._database]
