"""When dealers began, from the audit: what one dealer remembers, the next one does not."""

from __future__ import annotations

from datetime import datetime

from glassdesk.kernel.unit_of_work import Transaction
from glassdesk.workflow.lineage.audit import Audit

EVER = 2**63 - 1
MOST = 100
"""So many are looked through; where more began since, the oldest of these."""


def first_after(audit: Audit, t: Transaction, instant: datetime) -> datetime | None:
    """When the first dealer began after an instant; `None` where none did."""
    newest = audit.entries(t, kind="reign", before=EVER, limit=MOST)
    return min((row.at for row in newest if row.at > instant), default=None)
