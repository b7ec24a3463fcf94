"""The audit chain: rows that are only appended, and the head that every append moves."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import BigInteger, CheckConstraint, Column, Integer, Table, UniqueConstraint, select, update

from glassdesk.adapters.database import rows
from glassdesk.adapters.database.faults import WORDS
from glassdesk.adapters.database.schema import append_only, first_row, metadata, refuse
from glassdesk.adapters.database.transactions import unit
from glassdesk.adapters.database.types import Instant, Words
from glassdesk.kernel.errors import IntegrityViolation
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.lineage.model import AuditEntry
from glassdesk.workflow.lineage.ports import AuditStore

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
first_row(audit_head, one=1, seq=0, hash="0" * 64)
refuse(audit_head, "no_delete", "DELETE", "the head of the audit chain stays")
refuse(
    audit_head,
    "forward",
    "UPDATE",
    "the head of the audit chain moves forward by one",
    when="NEW.seq <> OLD.seq + 1",
)


class DatabaseAuditStore(AuditStore):
    """The chain, as rows."""

    def head(self, t: Transaction) -> tuple[int, str]:
        work = unit(t)
        statement = select(audit_head.c.seq, audit_head.c.hash)
        locked = statement.with_for_update() if work.writing and work.dialect == "postgresql" else statement
        row = work.execute(locked).one()
        return row.seq, row.hash

    def append(self, t: Transaction, entry: AuditEntry) -> None:
        seq, previous = self.head(t)
        if (entry.seq, entry.previous) != (seq + 1, previous):
            problem = f"audit row {entry.seq} does not follow row {seq}"
            raise IntegrityViolation(problem, remedy="read the head again in the same transaction")
        rows.insert(unit(t), audit, rows.fields_of(entry))
        unit(t).execute(update(audit_head).values(seq=entry.seq, hash=entry.hash))

    def entries(self, t: Transaction, *, after: int = 0, limit: int = 1000) -> Sequence[AuditEntry]:
        statement = rows.select_value(audit, AuditEntry).where(audit.c.seq > after)
        return rows.values(AuditEntry, unit(t).execute(statement.order_by(audit.c.seq).limit(limit)))
