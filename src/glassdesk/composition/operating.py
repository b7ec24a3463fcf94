"""What watches over a desk from outside, over opened parts."""

from __future__ import annotations

from glassdesk.composition.ground import Ground
from glassdesk.workflow.lineage.audit import Audit
from glassdesk.workflow.notifications.service import Notifications
from glassdesk.workflow.operations.figures import Figures
from glassdesk.workflow.operations.service import Operations, dealer_name
from glassdesk.workflow.risk.service import Risk
from glassdesk.workflow.schedules.service import Schedules
from glassdesk.workflow.session.service import Session
from glassdesk.workflow.signals.governor import Governor


def operations_of(
    ground: Ground,
    session: Session,
    risk: Risk,
    audit: Audit,
    notifications: Notifications,
    governor: Governor,
    schedules: Schedules,
) -> Operations:
    """Whether this home's desk can trade, and its figures."""
    stores, settings = ground.stores, ground.settings
    figures = Figures(
        stores.transactions,
        stores.counts,
        stores.signs,
        stores.leases,
        session,
        risk,
        stores.inspections,
        governor,
        schedules,
        ground.clock,
        ground.stopwatch,
        dealer=dealer_name(settings.account),
    )
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
        figures=figures,
    )
