"""Risk: the halt (a row and a file, the higher counts) and every verdict ever spoken."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from sqlalchemy import Boolean, CheckConstraint, Column, ForeignKey, Index, Integer, Table

from glassdesk.adapters.database import rows
from glassdesk.adapters.database.schema import append_only, metadata
from glassdesk.adapters.database.transactions import unit
from glassdesk.adapters.database.types import Counter, Instant, Words
from glassdesk.kernel.canonical import canonical_bytes, decode
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.risk.model import Denial, Halt, HaltLevel, Verdict
from glassdesk.workflow.risk.ports import HaltStore, VerdictStore

halt_row = Table(
    "halt",
    metadata,
    Column("one", Integer, CheckConstraint("one = 1", name="only"), primary_key=True, autoincrement=False),
    Column("level", Integer, CheckConstraint("level between 0 and 6", name="level"), nullable=False),
    Column("reason", Words, nullable=False),
    Column("actor", Words, nullable=False),
    Column("since", Instant),
)

verdict_rows = append_only(
    Table(
        "verdicts",
        metadata,
        Column("seq", Counter, primary_key=True),
        Column("run", Words, ForeignKey("runs.run"), nullable=False),
        Column(
            "moment", Words, CheckConstraint("moment in ('reserve', 'send')", name="moment"), nullable=False
        ),
        Column("rule", Words, nullable=False),
        Column("passed", Boolean, nullable=False),
        Column("denies", Boolean, nullable=False),
        Column("observed", Words, nullable=False),
        Column("limit", Words, nullable=False),
        Column("explanation", Words, nullable=False),
        Column("at", Instant, nullable=False),
        Index("ix_verdicts_run", "run", "seq"),
    )
)

_NOTHING = Halt(level=HaltLevel.ACTIVE, reason="", actor="", since=None)


class DatabaseHaltStore(HaltStore):
    """The halt row and, where the desk has a home, the file beside it.

    Raising writes the file at once, before the commit; lowering writes it after: whatever is lost on the way,
    the higher level stays. A file that cannot be read, an empty one too, means HALT.
    """

    def __init__(self, file: Path | None = None) -> None:
        self._file = file

    def halt(self, t: Transaction) -> Halt:
        row = unit(t).execute(rows.select_value(halt_row, Halt)).first()
        stored = _NOTHING if row is None else _halt_of(row._asdict())
        filed = self._filed()
        return filed if filed.level > stored.level else stored

    def put_halt(self, t: Transaction, halt: Halt) -> None:
        lowering = halt.level < self.halt(t).level
        rows.put(unit(t), halt_row, {"one": 1, **rows.fields_of(halt), "level": int(halt.level)})
        if self._file is None:
            return
        if lowering:
            t.after_commit(_writer(self._file, halt))
        else:
            _write(self._file, halt)

    def _filed(self) -> Halt:
        if self._file is None:
            return _NOTHING
        try:
            return decode(Halt, json.loads(self._file.read_bytes()))
        except FileNotFoundError:
            return _NOTHING
        except (OSError, ValueError, TypeError, KeyError, RecursionError) as fault:
            reason = f"the halt file cannot be read ({type(fault).__name__})"
            return Halt(level=HaltLevel.HALT, reason=reason, actor="halt file", since=None)


def _halt_of(row: dict[str, object]) -> Halt:
    return Halt(**{**row, "level": HaltLevel(row["level"])})  # type: ignore[arg-type]  # columns have the fields' types


def _writer(file: Path, wanted: Halt) -> Callable[[], None]:
    return lambda: _write(file, wanted)


def _write(file: Path, wanted: Halt) -> None:
    fresh = file.with_name(file.name + ".new")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as stream:
        stream.write(canonical_bytes(wanted))
        stream.flush()
        os.fsync(stream.fileno())
    fresh.replace(file)


class DatabaseVerdictStore(VerdictStore):
    """Verdicts, as rows."""

    def add(
        self, t: Transaction, run: str, moment: str, verdicts: Sequence[Verdict], *, at: datetime
    ) -> None:
        told = [{"run": run, "moment": moment, "at": at, **rows.fields_of(verdict)} for verdict in verdicts]
        rows.insert(unit(t), verdict_rows, told)

    def of_run(self, t: Transaction, run: str) -> Sequence[tuple[str, Verdict]]:
        statement = rows.select_value(verdict_rows, Verdict).add_columns(verdict_rows.c.moment)
        of_run = statement.where(verdict_rows.c.run == run).order_by(verdict_rows.c.seq)
        return [(row.moment, rows.value(Verdict, row)) for row in unit(t).execute(of_run)]

    def denials(self, t: Transaction, *, since: datetime, limit: int) -> Sequence[Denial]:
        c = verdict_rows.c
        statement = rows.select_value(verdict_rows, Verdict).add_columns(c.moment, c.run, c.at)
        stopped = statement.where(c.at >= since, c.denies.is_(True), c.passed.is_(False))
        found = unit(t).execute(stopped.order_by(c.seq.desc()).limit(limit))
        return [
            Denial(run=row.run, moment=row.moment, at=row.at, verdict=rows.value(Verdict, row))
            for row in found
        ]
