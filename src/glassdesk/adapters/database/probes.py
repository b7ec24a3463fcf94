"""Probes of an account: one row each, changed while it runs and never deleted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Column, Index, Table, select

from glassdesk.adapters.database import rows
from glassdesk.adapters.database.schema import keep_columns, metadata, refuse
from glassdesk.adapters.database.transactions import unit
from glassdesk.adapters.database.types import Instant, Json, Word, Words
from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.dealing.findings import Probe, ProbeState
from glassdesk.workflow.dealing.ports import ProbeStore

probes = Table(
    "probes",
    metadata,
    Column("probe", Words, primary_key=True),
    Column("account", Words, nullable=False),
    Column("began_at", Instant, nullable=False),
    Column("state", Word(ProbeState), nullable=False),
    Column("body", Json(Probe), nullable=False),
    Index("ix_probes_account", "account", "began_at"),
)
keep_columns(probes, ["probe", "account", "began_at"])
refuse(
    probes,
    "ended",
    "UPDATE",
    "a probe that ended stays as it is",
    when="OLD.state NOT IN ('running', 'cleaning')",
    conflict=True,
)


class DatabaseProbeStore(ProbeStore):
    """Probes, as rows."""

    def put(self, t: Transaction, probe: Probe) -> None:
        row = {
            "probe": probe.probe,
            "account": probe.account,
            "began_at": probe.began_at,
            "state": probe.state,
            "body": probe,
        }
        rows.put_changed(unit(t), probes, row, changing=("state", "body"))

    def probe(self, t: Transaction, probe: str) -> Probe | None:
        found: Probe | None = unit(t).execute(select(probes.c.body).where(probes.c.probe == probe)).scalar()
        return found

    def of_account(self, t: Transaction, account: str, *, since: datetime | None = None) -> Sequence[Probe]:
        statement = select(probes.c.body).where(probes.c.account == account)
        if since is not None:
            statement = statement.where(probes.c.began_at >= since)
        newest = statement.order_by(probes.c.began_at.desc(), probes.c.probe)
        return [row.body for row in unit(t).execute(newest)]

    def unfinished(self, t: Transaction, account: str) -> Probe | None:
        alive = (ProbeState.RUNNING, ProbeState.CLEANING)
        statement = select(probes.c.body).where(probes.c.account == account, probes.c.state.in_(alive))
        found: Probe | None = unit(t).execute(statement.order_by(probes.c.began_at.desc())).scalar()
        return found
