"""The audit chain: rows that are only appended, and the head that every append moves."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Integer,
    PrimaryKeyConstraint,
    Select,
    Table,
    UniqueConstraint,
    select,
    update,
)
from sqlalchemy.exc import DBAPIError

from glassdesk.adapters.database import rows
from glassdesk.adapters.database.faults import WORDS
from glassdesk.adapters.database.schema import append_only, first_row, metadata, refuse
from glassdesk.adapters.database.transactions import unit
from glassdesk.adapters.database.types import Instant, Word, Words
from glassdesk.kernel.errors import IntegrityViolation, Unavailable
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.lineage.anchors import Anchor
from glassdesk.workflow.lineage.model import AuditEntry, Inspected, Reason
from glassdesk.workflow.lineage.ports import AuditStore, InspectionStore

audit = append_only(
    Table(
        "audit",
        metadata,
        Column("seq", BigInteger, primary_key=True, autoincrement=False),
        Column("previous", Words, nullable=False),
        Column("hash", Words, nullable=False, unique=True),
        Column("at", Instant, nullable=False),
        Column("actor", Words, nullable=False),
        Column("kind", Words, nullable=False),
        Column("ref", Words, nullable=False, index=True),
        Column("body", Words, nullable=False),
        UniqueConstraint("previous", info={WORDS: "another row follows the same one: a chain does not fork"}),
    )
)

audit_head = Table(
    "audit_head",
    metadata,
    Column("one", Integer, CheckConstraint("one = 1", name="only"), primary_key=True, autoincrement=False),
    Column("seq", BigInteger, nullable=False),
    Column("hash", Words, nullable=False),
)
_HEAD = select(audit_head.c.seq, audit_head.c.hash)
_HEAD_LOCKED = _HEAD.with_for_update()
_FORWARD = update(audit_head)
first_row(audit_head, one=1, seq=0, hash="0" * 64)
refuse(audit_head, "no_delete", "DELETE", "the head of the audit chain stays")
refuse(
    audit_head,
    "forward",
    "UPDATE",
    "the head of the audit chain moves forward by one",
    when="NEW.seq <> OLD.seq + 1",
)


_inspections = Table(
    "inspections",
    metadata,
    Column("at", Instant, nullable=False),
    Column("reason", Word(Reason), nullable=False),
    Column("after", BigInteger, nullable=False),
    Column("last", BigInteger, nullable=False),
    Column("hash", Words, nullable=False),
    Column("problem", Words, nullable=False),
    PrimaryKeyConstraint("at", "reason"),
)

_anchors = append_only(
    Table(
        "anchors",
        metadata,
        Column("seq", BigInteger, primary_key=True, autoincrement=False),
        Column("database", Words, nullable=False),
        Column("hash", Words, nullable=False),
        Column("at", Instant, nullable=False),
        Column("artifact", Words, nullable=False),
    )
)


class DatabaseAuditStore(AuditStore):
    """The chain, as rows."""

    def head(self, t: Transaction) -> tuple[int, str]:
        work = unit(t)
        locked = work.writing and work.dialect == "postgresql"
        row = work.execute(_HEAD_LOCKED if locked else _HEAD).one()
        return row.seq, row.hash

    def append(self, t: Transaction, entry: AuditEntry) -> None:
        seq, previous = self.head(t)
        if (entry.seq, entry.previous) != (seq + 1, previous):
            problem = f"audit row {entry.seq} does not follow row {seq}"
            raise IntegrityViolation(problem, remedy="read the head again in the same transaction")
        rows.insert(unit(t), audit, rows.fields_of(entry))
        unit(t).execute(_FORWARD, {"seq": entry.seq, "hash": entry.hash})

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
        statement = rows.select_value(audit, AuditEntry).where(audit.c.seq > after)
        if actor:
            statement = statement.where(audit.c.actor == actor)
        for column, begins in ((audit.c.kind, kind), (audit.c.ref, ref)):
            if begins:
                statement = statement.where(rows.starts_with(column, begins))
        if before is None:
            return _read(t, statement.order_by(audit.c.seq).limit(limit))
        last = statement.where(audit.c.seq < before).order_by(audit.c.seq.desc()).limit(limit)
        return list(reversed(_read(t, last)))


class DatabaseInspectionStore(InspectionStore):
    """Inspections and anchors, as rows."""

    def add_inspection(self, t: Transaction, inspected: Inspected) -> None:
        rows.put(unit(t), _inspections, rows.fields_of(inspected))

    def inspections(self, t: Transaction, *, limit: int = 20) -> Sequence[Inspected]:
        statement = rows.select_value(_inspections, Inspected).order_by(_inspections.c.at.desc())
        return rows.values(Inspected, unit(t).execute(statement.limit(limit)))

    def add_anchor(self, t: Transaction, anchor: Anchor) -> None:
        rows.insert_new(unit(t), _anchors, rows.fields_of(anchor))

    def anchors(self, t: Transaction) -> Sequence[Anchor]:
        statement = rows.select_value(_anchors, Anchor).order_by(_anchors.c.seq)
        return rows.values(Anchor, unit(t).execute(statement))


def _read(t: Transaction, statement: Select[tuple[object, ...]]) -> Sequence[AuditEntry]:
    try:
        return rows.values(AuditEntry, unit(t).execute(statement))
    except Unavailable as failure:
        if "decode" not in failure.problem:
            raise
        raise IntegrityViolation("an audit row cannot be read", where="audit") from failure
    except (DBAPIError, ValueError, TypeError) as failure:
        # what was changed by hand may be no text, no number, no instant any more
        raise IntegrityViolation("an audit row cannot be read", where="audit") from failure
