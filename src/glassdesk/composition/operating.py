"""What watches over a desk from outside, over opened parts."""

from __future__ import annotations

from glassdesk.composition.ground import Ground
from glassdesk.workflow.lineage.audit import Audit
from glassdesk.workflow.notifications.service import Notifications
from glassdesk.workflow.operations.service import Operations
from glassdesk.workflow.risk.service import Risk
from glassdesk.workflow.session.service import Session


def operations_of(
    ground: Ground, session: Session, risk: Risk, audit: Audit, notifications: Notifications
) -> Operations:
    """Whether this home's desk can trade."""
    stores, settings = ground.stores, ground.settings
    return Operations(
        stores.transactions,
        stores.signs,
        ground.artifacts,
        stores.leases,
        session,
        risk,
        audit,
        notifications,
        ground.clock,
        ground.stopwatch,
        account=settings.account,
        kind=settings.account_kind,
    )
